"""Numbers said otherwise: angles in degrees, the parts of complex numbers, what replaces nan."""

from __future__ import annotations

import math
from typing import Any

from tinygrad_mlp.core.composites import composite
from tinygrad_mlp.ops.arithmetic import multiply
from tinygrad_mlp.ops.selections import where
from tinygrad_mlp.ops.shapes import copy


@composite
def deg2rad(x: Any) -> Any:
    r"""Return degrees as radians, $x \pi / 180$.

    >>> import tinygrad_mlp as tg
    >>> tg.deg2rad(180.0)
    np.float64(3.141592653589793)
    """
    return multiply(x, math.pi / 180.0)


@composite
def rad2deg(x: Any) -> Any:
    r"""Return radians as degrees, $180 x / \pi$.

    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> tg.rad2deg(np.pi / 2.0)
    np.float64(90.0)
    """
    return multiply(x, 180.0 / math.pi)


# NumPy has both names.
radians = deg2rad
degrees = rad2deg


@composite
def positive(x: Any) -> Any:
    """Return the numbers themselves, as ``+x``.

    >>> import tinygrad_mlp as tg
    >>> tg.positive([-1.0, 2.0])
    array([-1.,  2.])
    """
    return copy(x)


@composite
def conjugate(x: Any) -> Any:
    """Return the complex conjugate: the numbers themselves, for they are real.

    >>> import tinygrad_mlp as tg
    >>> tg.conjugate([-1.0, 2.0])
    array([-1.,  2.])
    """
    return copy(x)


conj = conjugate  # NumPy has both names


@composite
def real(val: Any) -> Any:
    """Return the real part: the numbers themselves, for they are real.

    >>> import tinygrad_mlp as tg
    >>> tg.real([-1.0, 2.0])
    array([-1.,  2.])
    """
    return copy(val)


@composite
def imag(val: Any) -> Any:
    """Return the imaginary part: 0, for numbers here are real.

    >>> import tinygrad_mlp as tg
    >>> tg.imag([-1.0, 2.0])
    array([0., 0.])
    """
    return where(False, val, 0.0)
