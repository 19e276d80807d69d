"""A check of gradients against differences, which tells what is wrong and where."""

from tinygrad_mlp.checking.gradcheck import gradcheck as gradcheck
