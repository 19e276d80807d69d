"""Transforms of functions: import from ``gradients`` and ``tables``; ``running`` serves these."""
