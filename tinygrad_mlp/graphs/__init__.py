"""A recorded graph as data; import from ``graph`` and ``node``, and what reads graphs, from it."""
