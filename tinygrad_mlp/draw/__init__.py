"""Pictures: computation graphs as DOT, SVG, PNG and PDF, learning curves, networks."""
