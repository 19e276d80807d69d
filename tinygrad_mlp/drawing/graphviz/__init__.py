"""Graphs for Graphviz; import ``to_dot`` from ``dot``, and ``laid_out`` from ``programs``."""
