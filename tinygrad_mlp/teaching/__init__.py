"""Lessons from any graph: where each number of a gradient came from, and ways to check it."""
