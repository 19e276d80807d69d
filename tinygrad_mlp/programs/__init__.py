"""A recorded computation as a program: recorded, written, compiled."""
