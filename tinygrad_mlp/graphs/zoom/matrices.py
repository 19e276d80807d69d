"""The scalar formulas of linear algebra: Gauss's elimination and Cholesky's triangle."""

from __future__ import annotations

import numpy as np

from tinygrad_mlp.graphs.zoom.steps import Elements, Steps
from tinygrad_mlp.ops.arithmetic import add, divide, divide_or_zero, multiply, negative, subtract
from tinygrad_mlp.ops.elementwise import abs as absolute
from tinygrad_mlp.ops.elementwise import log, sqrt
from tinygrad_mlp.ops.elementwise import sign as sign_of


def _eliminated(steps: Steps, table: Elements, count: int) -> tuple[Elements, Elements]:
    """Return ``count`` rows, of use from the diagonal on, and where an odd number was swapped.

    The row with the largest number goes first, as in LAPACK, and is chosen as a constant.
    """
    odd = np.zeros(table.shape[:-2], bool)
    for i in range(count):
        largest = np.argmax(np.abs(steps.numbers(table[..., i:, i])), axis=-1, keepdims=True) + i
        order = np.broadcast_to(np.arange(count), (*odd.shape, count)).copy()
        np.put_along_axis(order, largest, i, axis=-1)
        order[..., i] = largest[..., 0]
        odd = odd ^ (largest[..., 0] != i)
        table = np.take_along_axis(table, order[..., None], axis=-2)
        first, below = table[..., i, :], table[..., i + 1 :, :]
        share = steps.each(divide_or_zero, below[..., i], first[..., i, None])
        taken = steps.each(multiply, share[..., None], first[..., None, i + 1 :])
        table[..., i + 1 :, i + 1 :] = steps.each(subtract, below[..., i + 1 :], taken)
    return table, odd


def solution(steps: Steps, a: Elements, b: Elements) -> Elements:
    """Return the solution of a system, the last unknown first."""
    n = a.shape[-1]
    right = b[:, None] if b.ndim == 1 else b
    stack = np.broadcast_shapes(a.shape[:-2], right.shape[:-2])
    parts = [np.broadcast_to(x, stack + x.shape[-2:]) for x in (a, right)]
    table, _ = _eliminated(steps, np.concatenate(parts, axis=-1), n)
    right = table[..., n:]
    for i in reversed(range(n)):
        right[..., i, :] = steps.each(divide, right[..., i, :], table[..., i, i, None])
        known = steps.each(multiply, table[..., :i, i, None], right[..., None, i, :])
        right[..., :i, :] = steps.each(subtract, right[..., :i, :], known)
    return right[..., 0] if b.ndim == 1 else right


def inverse(steps: Steps, a: Elements) -> Elements:
    """Return the solution for the unit matrix, whose numbers take the precision of the others."""
    return solution(steps, a, np.eye(a.shape[-1]).astype(object))


def determinant(steps: Steps, a: Elements) -> Elements:
    """Return the product of the diagonal, with the other sign after an odd number of swaps."""
    table, odd = _eliminated(steps, a, a.shape[-1])
    product = steps.fold(multiply, np.diagonal(table, 0, -2, -1), axis=-1)
    if odd.any():
        product = np.where(odd, steps.each(negative, product), product)
    return product


def log_of_determinant(steps: Steps, a: Elements) -> Elements:
    """Return the sum of the logarithms of the diagonal."""
    table, _ = _eliminated(steps, a, a.shape[-1])
    sizes = steps.each(absolute, np.diagonal(table, 0, -2, -1))
    return steps.fold(add, steps.each(log, sizes), axis=-1)


def sign_of_determinant(steps: Steps, a: Elements) -> Elements:
    """Return the sign of the determinant."""
    return steps.each(sign_of, determinant(steps, a))


def triangle(steps: Steps, a: Elements) -> Elements:
    """Return Cholesky's triangle, column after column, of the symmetric part."""
    lower = np.full(a.shape, 0.0, dtype=object)
    for j in range(a.shape[-1]):
        twice = steps.each(add, a[..., j:, j], a[..., j, j:])
        column = steps.each(divide, twice, 2.0)
        if j:
            products = steps.each(multiply, lower[..., j:, :j], lower[..., j, None, :j])
            column = steps.each(subtract, column, steps.fold(add, products, axis=-1))
        root = steps.each(sqrt, column[..., 0])
        lower[..., j, j] = root
        lower[..., j + 1 :, j] = steps.each(divide, column[..., 1:], root[..., None])
    return lower
