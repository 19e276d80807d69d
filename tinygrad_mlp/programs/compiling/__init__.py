"""A recorded computation as straight-line NumPy that runs as fast as if written by hand.

``lowering`` takes the steps apart into single calls of NumPy, noted by ``symbols``; ``liveness``
tells until when each result is needed, ``buffers`` gives it a place, ``emitting`` prints the calls
(``numba_backend`` prints loops instead); a ``specialization`` is that text ready to run, and
``compiled`` is what users call.
"""
