"""Small helpers that know nothing of graphs; imports nothing of this package but errors."""
