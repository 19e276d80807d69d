"""Steps that one sees: a page that plays them, and a picture of each for slides."""
