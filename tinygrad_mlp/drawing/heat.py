"""How large gradients are, in classes that colours can tell apart."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tinygrad_mlp._support.display import Summary

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tinygrad_mlp.graphs.node import Node


def gradient_size(node: Node) -> float | None:
    """Return the root of the mean square of a node's gradient; None if that is not known.

    >>> import numpy as np
    >>> from tinygrad_mlp.graphs.node import Node
    >>> gradient_size(Node("v0", "input", np.zeros(2), gradient=np.array([1.0, 7.0])))
    5.0
    """
    gradient = node.gradient
    if gradient is None or node.role == "constant":
        return None
    if isinstance(gradient, Summary):  # a scalar is there exactly
        try:
            return abs(float(gradient.text))
        except ValueError:
            return None
    numbers = np.abs(np.asarray(gradient, dtype=np.float64))
    largest = float(numbers.max(initial=0.0))
    if not largest or not math.isfinite(largest):
        return largest
    return largest * math.sqrt(
        float(np.mean(np.square(numbers / largest)))
    )  # no under- or overflow


def bounds_of(sizes: Iterable[float], count: int) -> tuple[float, ...]:
    """Return round numbers that part sizes into ``count`` classes, least first.

    A class is one decade wide or more: gradients that are nearly alike look so.
    """
    powers = [math.log10(x) for x in sizes if 0 < x < math.inf] or [0.0]
    high = max(powers)
    width = max(1.0, (high - min(powers)) / (count - 0.5))
    return tuple(float(f"{10 ** (high - width * place):.0e}") for place in range(count - 1, 0, -1))


def class_of(size: float, bounds: Sequence[float]) -> int:
    """Return the class of a size; what is no number is with the largest."""
    return sum(not size < bound for bound in bounds)
