"""The layout and the SVG writer of this package itself; import ``layered_svg`` from ``plan``."""
