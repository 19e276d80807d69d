"""Activations that are made of rows; those that are rows stand in ``elementwise``."""

from __future__ import annotations

import math
from typing import Any

from tinygrad_mlp._support.arguments import finite_number
from tinygrad_mlp.core.composites import composite
from tinygrad_mlp.ops.arithmetic import add, multiply
from tinygrad_mlp.ops.elementwise import expm1, relu, sigmoid, square
from tinygrad_mlp.ops.selections import clip

#: Of selu: they let outputs of mean 0 and variance 1 keep these, by equation 14 of the paper.
_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772, 1.0507009873554805


@composite
def leaky_relu(x: Any, negative_slope: float = 0.01) -> Any:
    r"""Return $\max(0, x) + c \min(0, x)$: x, or c times x where x is negative.

    Parameters
    ----------
    x : Value or array_like
        Numbers.
    negative_slope : float
        The c, which is the slope at 0 too.

    Returns
    -------
    Value or ndarray, the same shape
        A Value if x is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.leaky_relu([-1.0, 2.0])
    array([-0.01,  2.  ])

    A. Maas, A. Hannun and A. Ng, "Rectifier nonlinearities improve neural network acoustic models",
    ICML 2013.
    """
    return add(
        relu(x), multiply(finite_number("negative_slope", negative_slope), _negative_part(x))
    )


@composite
def elu(x: Any, alpha: float = 1.0) -> Any:
    r"""Return x, or $\alpha (e^x - 1)$ where x is negative.

    Parameters
    ----------
    x : Value or array_like
        Numbers.
    alpha : float
        Minus the limit far below 0, and the slope at 0 from below.

    Returns
    -------
    Value or ndarray, the same shape
        A Value if x is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.elu([-1000.0, 2.0])
    array([-1.,  2.])

    D. Clevert, T. Unterthiner and S. Hochreiter, "Fast and accurate deep network learning by
    exponential linear units", ICLR 2016.
    """
    return add(relu(x), multiply(finite_number("alpha", alpha), expm1(_negative_part(x))))


@composite
def selu(x: Any) -> Any:
    r"""Return $\lambda x$, or $\lambda \alpha (e^x - 1)$ where x is negative.

    With $\lambda = 1.0507\ldots$ and $\alpha = 1.6732\ldots$, signals through many layers come to
    have mean 0 and variance 1 by themselves.

    Parameters
    ----------
    x : Value or array_like
        Numbers.

    Returns
    -------
    Value or ndarray, the same shape
        A Value if x is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.selu([0.0, 1.0])
    array([0.        , 1.05070099])

    G. Klambauer, T. Unterthiner, A. Mayr and S. Hochreiter, "Self-normalizing neural networks",
    NeurIPS 2017.
    """
    return multiply(_SELU_SCALE, elu(x, _SELU_ALPHA))


@composite
def silu(x: Any) -> Any:
    r"""Return $x \, \sigma(x)$, which is also called swish.

    Parameters
    ----------
    x : Value or array_like
        Numbers.

    Returns
    -------
    Value or ndarray, the same shape
        A Value if x is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.silu([-1000.0, 0.0, 1000.0])
    array([  -0.,    0., 1000.])

    S. Elfwing, E. Uchibe and K. Doya, "Sigmoid-weighted linear units for neural network function
    approximation in reinforcement learning", Neural Networks 107, 2018.
    """
    return multiply(x, sigmoid(x))


@composite
def gelu(x: Any) -> Any:
    r"""Return $x \, \sigma(2u)$ with $u = \sqrt{2/\pi}\,(x + 0.044715\,x^3)$.

    This is the usual approximation of $x \, \Phi(x)$ with the normal distribution $\Phi$, within
    0.0005: $\tfrac{1}{2} x (1 + \tanh u)$, written so that nothing cancels.  PyTorch has it
    as ``gelu(x, approximate="tanh")``, JAX as ``jax.nn.gelu(x)``.

    Parameters
    ----------
    x : Value or array_like
        Numbers.

    Returns
    -------
    Value or ndarray, the same shape
        A Value if x is one.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.gelu([-1.0, 0.0, 1.0]).round(4)
    array([-0.1588,  0.    ,  0.8412])

    D. Hendrycks and K. Gimpel, "Gaussian error linear units (GELUs)", arXiv:1606.08415, 2016.
    """
    near = clip(x, -30.0, 30.0)  # beyond, the sigmoid is 0 or 1, and a cube might overflow
    cubic = multiply(near, add(1.0, multiply(0.044715, square(near))))
    return multiply(x, sigmoid(multiply(2.0 * math.sqrt(2.0 / math.pi), cubic)))


def _negative_part(x: Any) -> Any:
    # The slope of clip is 1 at its end, and that of relu 0: the slope at 0 is the one from below.
    return clip(x, a_max=0.0)
