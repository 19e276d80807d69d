"""Graphs for Graphviz: DOT, and the programs that lay it out."""
