"""Transforms of functions: import from ``gradients``, ``products`` and ``tables``."""
