"""What a function does with arrays, seen once, as a list of steps without anything superfluous."""
