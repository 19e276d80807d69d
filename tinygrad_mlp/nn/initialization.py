"""What weights are before the first step."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_mlp.core.numbers import as_numbers
from tinygrad_mlp.errors import ShapeError

Array = Any
Shape = tuple[int, int]
Initialization = Callable[[Shape, Any], Array]


def notebook(shape: Shape, rng: Any) -> Array:
    r"""Return numbers drawn evenly from -1/2 to 1/2, as the notebook does, whatever the shape."""
    return rng.random(shape) - 0.5


def glorot_uniform(shape: Shape, rng: Any) -> Array:
    r"""Return numbers drawn evenly with variance $2 / (n_{in} + n_{out})$.

    A compromise between $1 / n_{in}$, which keeps the size of the signals, and $1 / n_{out}$, which
    keeps that of the gradients, for layers before tanh and the like.  The limits are
    $\pm \sqrt{6 / (n_{in} + n_{out})}$: X. Glorot and Y. Bengio, "Understanding the difficulty of
    training deep feedforward neural networks", AISTATS 2010, equation 16.
    """
    return _even(shape, rng, 2.0 / (shape[0] + shape[1]))


def glorot_normal(shape: Shape, rng: Any) -> Array:
    r"""Return normal numbers of variance $2 / (n_{in} + n_{out})$, as ``glorot_uniform`` has it."""
    return _normal(shape, rng, 2.0 / (shape[0] + shape[1]))


def he_uniform(shape: Shape, rng: Any) -> Array:
    r"""Return numbers drawn evenly with variance $2 / n_{in}$: to $\pm \sqrt{6 / n_{in}}$."""
    return _even(shape, rng, 2.0 / shape[0])


def he_normal(shape: Shape, rng: Any) -> Array:
    r"""Return normal numbers of variance $2 / n_{in}$, for layers before relu.

    Twice that of ``lecun_normal``, because relu stops half of the signal: K. He, X. Zhang, S. Ren
    and J. Sun, "Delving deep into rectifiers", ICCV 2015, equation 10.
    """
    return _normal(shape, rng, 2.0 / shape[0])


def lecun_uniform(shape: Shape, rng: Any) -> Array:
    r"""Return numbers drawn evenly with variance $1 / n_{in}$: to $\pm \sqrt{3 / n_{in}}$."""
    return _even(shape, rng, 1.0 / shape[0])


def lecun_normal(shape: Shape, rng: Any) -> Array:
    r"""Return normal numbers of variance $1 / n_{in}$, which keeps the size of the signals.

    Y. LeCun, L. Bottou, G. Orr and K.-R. Müller, "Efficient BackProp", 1998, equation 16.  It is
    the one for selu.
    """
    return _normal(shape, rng, 1.0 / shape[0])


def zeros(shape: Shape, rng: Any) -> Array:  # noqa: ARG001  all have these two
    """Return zeros: of hidden layers all neurons then stay alike, so for last layers only."""
    return np.zeros(shape)


def orthogonal(shape: Shape, rng: Any) -> Array:
    r"""Return a matrix whose rows, or else columns, are orthonormal, all of these equally likely.

    It keeps lengths and angles: A. Saxe, J. McClelland and S. Ganguli, "Exact solutions to the
    nonlinear dynamics of learning in deep linear neural networks", ICLR 2014.  The QR
    decomposition of normal numbers gives each with the same chance once the diagonal of R is made
    positive: F. Mezzadri, Notices of the AMS 54, 2007.
    """
    tall = rng.standard_normal(shape if shape[0] >= shape[1] else shape[::-1])
    q, r = np.linalg.qr(tall)
    q *= np.where(np.diagonal(r) < 0.0, -1.0, 1.0)
    return q if shape[0] >= shape[1] else q.T


def _even(shape: Shape, rng: Any, variance: float) -> Array:
    limit = math.sqrt(3.0 * variance)
    return rng.uniform(-limit, limit, shape)


def _normal(shape: Shape, rng: Any, variance: float) -> Array:
    return math.sqrt(variance) * rng.standard_normal(shape)


#: The names that ``FullyConnectedLayer`` knows.
INITIALIZATIONS: dict[str, Initialization] = {
    function.__name__: function
    for function in (
        notebook,
        glorot_uniform,
        glorot_normal,
        he_uniform,
        he_normal,
        lecun_uniform,
        lecun_normal,
        zeros,
        orthogonal,
    )
}


def initial(init: str | Initialization, shape: Shape, rng: Any) -> Array:
    """Return the numbers that weights begin with.

    Parameters
    ----------
    init : str or callable
        A name of ``INITIALIZATIONS``, or a function ``init(shape, rng)``.
    shape : pair of int
        Inputs and outputs.
    rng : numpy Generator, RandomState, or the module ``numpy.random``
        What they are drawn from.

    Raises
    ------
    TypeError, ValueError
        If there is no such name, or the function gives no finite numbers of this shape.

    Examples
    --------
    >>> initial("zeros", (1, 2), None)
    array([[0., 0.]])
    >>> initial(lambda shape, rng: np.full(shape, 0.5), (1, 2), None)
    array([[0.5, 0.5]])
    """
    if isinstance(init, str):
        if init not in INITIALIZATIONS:
            raise ValueError(
                f"init must be one of {', '.join(INITIALIZATIONS)} or a function of shape and "
                f"rng, got {init!r:.80}"
            )
        return INITIALIZATIONS[init](shape, rng)
    if not callable(init):
        raise TypeError(
            f"init must be a name or a function of shape and rng, got {type(init).__name__} "
            f"{init!r:.80}"
        )
    numbers = as_numbers(init(shape, rng), "what init gave")
    if numbers.shape != shape:
        raise ShapeError(f"init gave shape {numbers.shape}, wanted {shape}: inputs and outputs")
    if not np.isfinite(numbers).all():
        raise ValueError("init gave nan or infinity; weights must begin finite")
    return numbers
