"""Checks of gradients; from here comes ``gradcheck``, and from ``doctor`` what names mistakes."""

from tinygrad_mlp.checking.gradcheck import gradcheck as gradcheck
