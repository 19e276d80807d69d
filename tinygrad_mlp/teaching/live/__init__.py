"""A page in which any function can be played with: it computes without Python."""
