"""Exercises: sheets with blanks from any expression, and backward passes to write."""

from tinygrad_mlp.teaching.exercises.code import exercise_code as exercise_code
from tinygrad_mlp.teaching.exercises.making import exercise as exercise
