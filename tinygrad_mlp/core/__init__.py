"""A Value, an operation, a gradient."""
