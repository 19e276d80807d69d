"""A recorded graph as data."""
