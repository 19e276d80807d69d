"""From a recorded computation to NumPy source: a form to read and a form to run fast.

A function is recorded once on Values (``tracing``), the graph becomes a list of steps without
anything superfluous (``program``).  ``source`` prints the steps for readers.  ``lowering`` takes
them apart into single calls of NumPy, ``buffers`` gives each a place to write to, ``emitting``
prints those calls, and ``compiled`` runs them.
"""
