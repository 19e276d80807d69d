r"""Small problems in the plane, each one harder than a straight line can solve.

Every generator draws from ``rng`` alone, and from the same seed always the same points. Labels go
round in turn (0, 1, 0, 1 ...), so that any stretch of the data holds all classes evenly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tinygrad_mlp._support.arguments import finite_number, generator_from, whole_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Points = tuple[NDArray[np.float64], NDArray[np.int64]]


_SPIRAL_ANGLE = 4.0  # radians that an arm of a spiral turns from the centre to its end


def xor() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the four points of "exclusive or", the problem that a single layer cannot solve.

    Returns
    -------
    x : (4, 2) float64
    y : (4, 1) float64
        1 where exactly one of the two inputs is 1.

    Examples
    --------
    >>> x, y = xor()
    >>> [(*map(int, point), int(answer)) for point, (answer,) in zip(x, y)]
    [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)]
    """
    x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    y = np.array([[0.0], [1.0], [1.0], [0.0]])
    return x, y


def moons(n: int, noise: float = 0.1, *, rng: int | np.random.Generator) -> Points:
    r"""Return two half circles that reach into each other.

    Class 0 lies on $(\cos t, \sin t)$ and class 1 on $(1 - \cos t, \tfrac12 - \sin t)$ for
    $0 \le t \le \pi$.

    Parameters
    ----------
    n : int
        The number of points, at least 2.
    noise : float
        Standard deviation of the normal noise on every coordinate.
    rng : int or numpy Generator
        A seed, or the generator to go on with.

    Returns
    -------
    x : (n, 2) float64
    labels : (n,) int64, 0 or 1

    Raises
    ------
    TypeError
        If an argument is of the wrong type.
    ValueError
        If ``n``, ``noise`` or the seed is too small.

    Examples
    --------
    >>> x, labels = moons(4, noise=0.0, rng=0)
    >>> labels
    array([0, 1, 0, 1])
    >>> bool(np.allclose(np.hypot(*x[0]), 1.0))
    True
    """
    labels, noise, generator = _begun(n, 2, noise, rng)
    t = generator.uniform(0.0, np.pi, n)
    upper = np.column_stack([np.cos(t), np.sin(t)])
    lower = np.column_stack([1.0 - np.cos(t), 0.5 - np.sin(t)])
    x = np.where(labels[:, None] == 0, upper, lower)
    return x + generator.normal(0.0, noise, (n, 2)), labels


def circles(
    n: int, noise: float = 0.05, factor: float = 0.5, *, rng: int | np.random.Generator
) -> Points:
    """Return a circle inside a circle.

    Parameters
    ----------
    n : int
        The number of points, at least 2.
    noise : float
        Standard deviation of the normal noise on every coordinate.
    factor : float
        The radius of the inner circle, between 0 and 1; the outer one's is 1.
    rng : int or numpy Generator
        A seed, or the generator to go on with.

    Returns
    -------
    x : (n, 2) float64
    labels : (n,) int64, 0 outside and 1 inside

    Raises
    ------
    TypeError
        If an argument is of the wrong type.
    ValueError
        If ``n``, ``noise`` or the seed is too small, or ``factor`` is not between 0 and 1.

    Examples
    --------
    >>> x, labels = circles(4, noise=0.0, factor=0.25, rng=0)
    >>> np.hypot(x[:, 0], x[:, 1]).round(12)
    array([1.  , 0.25, 1.  , 0.25])
    """
    labels, noise, generator = _begun(n, 2, noise, rng)
    factor = finite_number("factor", factor)
    if not 0.0 < factor < 1.0:
        raise ValueError(f"factor must be between 0 and 1, got {factor}")
    angle = generator.uniform(0.0, 2.0 * np.pi, n)
    x = _at(np.where(labels == 0, 1.0, factor), angle)
    return x + generator.normal(0.0, noise, (n, 2)), labels


def spirals(
    n: int, classes: int = 3, noise: float = 0.05, *, rng: int | np.random.Generator
) -> Points:
    """Return the arms of a spiral, one per class, of radius 1.

    Parameters
    ----------
    n : int
        The number of points, at least one per class.
    classes : int
        The number of arms, at least 2.
    noise : float
        Standard deviation of the normal noise on every coordinate.
    rng : int or numpy Generator
        A seed, or the generator to go on with.

    Returns
    -------
    x : (n, 2) float64
    labels : (n,) int64, from 0 to ``classes - 1``

    Raises
    ------
    TypeError
        If an argument is of the wrong type.
    ValueError
        If ``n``, ``classes``, ``noise`` or the seed is too small.

    Examples
    --------
    >>> x, labels = spirals(6, classes=3, rng=0)
    >>> x.shape, labels
    ((6, 2), array([0, 1, 2, 0, 1, 2]))
    """
    classes = whole_number("classes", classes, minimum=2)
    labels, noise, generator = _begun(n, classes, noise, rng)
    radius = generator.uniform(0.0, 1.0, n)
    angle = 2.0 * np.pi * labels / classes + _SPIRAL_ANGLE * radius
    return _at(radius, angle) + generator.normal(0.0, noise, (n, 2)), labels


def _begun(
    n: int, classes: int, noise: float, rng: int | np.random.Generator
) -> tuple[NDArray[np.int64], float, np.random.Generator]:
    """Return the labels, the noise and what draws it, if they are what they should be."""
    labels = np.arange(whole_number("n", n, minimum=classes), dtype=np.int64) % classes
    return labels, finite_number("noise", noise, minimum=0.0), generator_from(rng)


def _at(radius: NDArray[np.float64], angle: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the points at these polar coordinates."""
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
