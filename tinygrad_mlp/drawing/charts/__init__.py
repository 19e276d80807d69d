"""Other pictures: a network as circles and lines, learning curves."""
