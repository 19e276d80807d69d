"""A recorded graph as data, and what reads one; import ``Graph`` from ``graph``."""
