"""The command line; ``main`` runs it, and from here comes ``small_graph``, which its help draws."""

from tinygrad_mlp.commands.recipes import small_graph as small_graph
