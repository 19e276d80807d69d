"""Networks as circles and lines, and learning curves; import from ``network`` and ``curves``."""
