"""A program as JavaScript: what each row is called there, and the function that is printed."""
