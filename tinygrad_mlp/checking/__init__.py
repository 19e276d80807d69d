"""A check of gradients against differences, which tells what is wrong and where."""

from tinygrad_mlp.checking.check import gradcheck as gradcheck
