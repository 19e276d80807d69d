"""Graphs for Graphviz; import ``to_dot`` from ``dot``, and ``render_source`` from ``programs``."""
