r"""The backpropagation formulas of the multilayer perceptron, derived by hand, in plain NumPy.

This is the oracle that the graph is held against, so it shares no code with it.  The equations are
those of M. Nielsen, *Neural Networks and Deep Learning* (2015), chapter 2, written for samples as
rows: with $z = xW + b$, $a = \sigma(z)$ and the loss $L$,

=====  ==========================================================  ==============================
BP1    $\delta = \partial L / \partial a \odot \sigma'(z)$         ``activation_backward``
BP2    $\partial L / \partial x = \delta W^\mathsf{T}$             ``affine_backward_input``
BP3    $\partial L / \partial b = \sum_{rows} \delta$              ``affine_backward_bias``
BP4    $\partial L / \partial W = x^\mathsf{T} \delta$             ``affine_backward_weights``
=====  ==========================================================  ==============================
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.floating]


# ----- The activation -----


def sigmoid(z: Array) -> Array:
    r"""Return $\sigma(z) = 1 / (1 + e^{-z})$.

    Written with two exponentials, one for each sign, so that neither can overflow.

    Examples
    --------
    >>> sigmoid(np.array([0.0]))
    array([0.5])
    """
    z = np.asarray(z)
    positive = 1.0 / (1.0 + np.exp(-np.maximum(z, 0.0)))
    growth = np.exp(np.minimum(z, 0.0))
    negative = growth / (1.0 + growth)
    return np.where(z < 0, negative, positive)


def sigmoid_prime(z: Array) -> Array:
    r"""Return $\sigma'(z) = \sigma(z)\,\sigma(-z)$, which is $\sigma(z)(1 - \sigma(z))$.

    Examples
    --------
    >>> sigmoid_prime(np.array([0.0]))
    array([0.25])
    """
    z = np.asarray(z)
    return sigmoid(z) * sigmoid(-z)


def activation_backward(output_error: Array, z: Array) -> Array:
    r"""Return $\partial L/\partial z = \partial L/\partial a \odot \sigma'(z)$ (BP1).

    Parameters
    ----------
    output_error : ndarray, shape (n, m)
        The gradient by the activation a.
    z : ndarray, shape (n, m)
        What the activation was applied to.

    Returns
    -------
    ndarray, shape (n, m)

    Examples
    --------
    >>> activation_backward(np.array([[8.0]]), np.array([[0.0]]))
    array([[2.]])
    """
    return output_error * sigmoid_prime(z)


# ----- The fully connected layer -----


def affine(x: Array, weights: Array, bias: Array) -> Array:
    """Return $z = xW + b$ for rows x.

    Examples
    --------
    >>> affine(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]), np.array([[5.0]]))
    array([[16.]])
    """
    return x @ weights + bias


def affine_backward_input(output_error: Array, weights: Array) -> Array:
    r"""Return $\partial L/\partial x = \delta W^\mathsf{T}$ (BP2).

    Examples
    --------
    >>> affine_backward_input(np.array([[2.0]]), np.array([[3.0], [4.0]]))
    array([[6., 8.]])
    """
    return output_error @ weights.T


def affine_backward_weights(output_error: Array, x: Array) -> Array:
    r"""Return $\partial L/\partial W = x^\mathsf{T} \delta$, summed over the rows (BP4).

    Examples
    --------
    >>> affine_backward_weights(np.array([[2.0]]), np.array([[3.0, 4.0]]))
    array([[6.],
           [8.]])
    """
    return x.T @ output_error


def affine_backward_bias(output_error: Array) -> Array:
    r"""Return $\partial L/\partial b = \delta$, summed over the rows (BP3).

    Examples
    --------
    >>> affine_backward_bias(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([[4., 6.]])
    """
    total: Array = np.sum(output_error, axis=0, keepdims=True)
    return total


# ----- The losses -----


def mse(y_true: Array, y_pred: Array) -> float:
    r"""Return $\frac{1}{n} \sum \frac{1}{2} (y - \hat y)^2$.

    Examples
    --------
    >>> mse(np.array([1.0, 2.0]), np.array([0.0, 0.0]))
    1.25
    """
    return float(np.mean(0.5 * (y_true - y_pred) ** 2))


def mse_prime(y_true: Array, y_pred: Array) -> Array:
    r"""Return $\hat y - y$, the gradient of the half *sum* $\frac{1}{2} \sum (y - \hat y)^2$.

    This is n times the gradient of ``mse``, although the notebook calls it the derivative of it.

    Examples
    --------
    >>> mse_prime(np.array([1.0, 2.0]), np.array([0.0, 0.0]))
    array([-1., -2.])
    """
    return y_pred - y_true


# ----- The whole network -----


def network_forward(
    x: Array, weights: Sequence[Array], biases: Sequence[Array]
) -> tuple[list[Array], list[Array]]:
    """Return the inputs z of all activations, and all activations with x as the first.

    Examples
    --------
    >>> z, a = network_forward(np.zeros((1, 2)), [np.ones((2, 3))], [np.zeros((1, 3))])
    >>> a[-1]
    array([[0.5, 0.5, 0.5]])
    """
    activations, sums = [x], []
    for weight, bias in zip(weights, biases, strict=True):
        sums.append(affine(activations[-1], weight, bias))
        activations.append(sigmoid(sums[-1]))
    return sums, activations


def network_backward(
    x: Array, y: Array, weights: Sequence[Array], biases: Sequence[Array]
) -> tuple[list[Array], list[Array], Array]:
    r"""Return the gradients of $\frac{1}{2} \sum (y - \hat y)^2$ for a sigmoid network.

    Parameters
    ----------
    x : ndarray, shape (n, k)
        One sample in each row.
    y : ndarray, shape (n, m)
        One target in each row.
    weights, biases : sequences of ndarray, shapes (k, l), (l, ...) and (1, l) ...
        The parameters of each layer.

    Returns
    -------
    list of ndarray, list of ndarray, ndarray
        By the weights, by the biases, and by x; each of the shape of what it is the gradient by.

    Examples
    --------
    >>> by_weights, by_biases, by_x = network_backward(
    ...     np.ones((1, 1)), np.zeros((1, 1)), [np.zeros((1, 1))], [np.zeros((1, 1))]
    ... )
    >>> by_weights
    [array([[0.125]])]
    """
    sums, activations = network_forward(x, weights, biases)
    error = mse_prime(y, activations[-1])
    by_weights, by_biases = [], []
    for layer in reversed(range(len(weights))):
        delta = activation_backward(error, sums[layer])
        by_weights.append(affine_backward_weights(delta, activations[layer]))
        by_biases.append(affine_backward_bias(delta))
        error = affine_backward_input(delta, weights[layer])
    return by_weights[::-1], by_biases[::-1], error
