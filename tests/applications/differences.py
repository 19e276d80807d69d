"""Gradients of whole programs by complex steps: the program itself, on complex NumPy arrays."""

from collections.abc import Callable
from typing import Any

import numpy as np

import tinygrad_mlp as tg

STEP = 1e-200


def complex_gradient(program: Callable[..., Any], *arguments: Any) -> list[np.ndarray]:
    """Return the gradient of a real program by each argument; exact to rounding.

    f(x + ih) = f(x) + ih f'(x) + ..., and no difference is taken (Squire and Trapp, 1998).
    """
    gradients = []
    for place, argument in enumerate(arguments):
        base = np.asarray(argument, dtype=complex)
        gradient = np.empty(base.shape)
        for index in np.ndindex(base.shape):
            moved = base.copy()
            moved[index] += STEP * 1j
            changed = (*arguments[:place], moved, *arguments[place + 1 :])
            gradient[index] = np.imag(program(*changed)) / STEP
        gradients.append(gradient)
    return gradients


def assert_gradient_is_exact(program: Callable[..., Any], *arguments: Any, rtol: float = 1e-10):
    """Hold ``tg.grad`` of a program by all its arguments to complex steps through it."""
    gradients = tg.grad(program, argnums=tuple(range(len(arguments))))(*arguments)
    for mine, exact in zip(gradients, complex_gradient(program, *arguments), strict=True):
        size = max(1.0, float(np.max(np.abs(exact), initial=0.0)))
        np.testing.assert_allclose(mine, exact, rtol=rtol, atol=rtol * size)
