"""The command line: ``main`` runs it, and ``small_graph`` is what its help draws."""

from tinygrad_mlp.commands.recipes import small_graph as small_graph
