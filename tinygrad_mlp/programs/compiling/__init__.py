"""A recorded computation as straight-line NumPy that runs as fast as if written by hand.

``lowering`` takes the steps apart into single ``calls`` of NumPy, by running them on ``symbols``;
``memory`` gives each result a place as long as it is needed; a ``printer`` prints the calls, either
``numpy_calls`` or ``loops`` for ``machine_code``.  A ``specialization`` is that text ready to run,
behind an ``entry``; ``programs`` has one for each kind of arguments, and ``compiled`` is what users
call.  Import ``compiled.compile``; Network takes ``memory.Memory`` too.
"""
