"""A Value, an operation, a gradient; the rooms above import from the modules what these define.

To be read in this order: ``op`` (a row: what is declared), ``value`` (its data, label, gradient,
and what it was made from), ``record`` (calling a row: take, evaluate, remember), ``backward`` (the
history, the loop, ``grad`` and ``backward``), ``ownership`` (what a graph has used must not change
under it).  Then ``operators``, ``methods``, ``protocols`` and ``functions``, which say what a Value
can do; ``context``; ``numbers`` and ``assigning``; ``relatives`` and ``copying``; ``watching``;
``formulas`` and ``unwrapped``, the functions that the texts of a row stand for.
"""
