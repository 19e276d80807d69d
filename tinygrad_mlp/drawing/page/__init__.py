"""A drawing that one opens in a browser: one file that folds, searches and tells."""
