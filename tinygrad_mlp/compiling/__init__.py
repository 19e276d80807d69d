"""From a recorded computation to NumPy source: a form to read and a form to run fast.

A function is recorded once on Values (``tracing``), the graph becomes a list of steps without
anything superfluous (``program``).

To read: ``derivation`` chooses lines, names (``naming``) and their order; ``writing`` makes each an
expression (``expressions``, ``literals``, ``formatting``); ``printing`` puts them together, with
copies of the functions that they need (``definitions``), or ``equations`` does; ``source`` is what
users call.

To run: ``lowering`` takes the steps apart into single calls of NumPy, ``buffers`` gives each a
place to write to, ``emitting`` prints those calls, and ``compiled`` runs them.
"""
