"""What knows nothing of Values: arguments, files, nested structures; every room may import it."""
