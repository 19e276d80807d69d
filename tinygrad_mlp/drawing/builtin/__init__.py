"""The layout and the SVG writer of this package itself."""
