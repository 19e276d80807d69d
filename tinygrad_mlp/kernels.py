"""Plain NumPy functions that the formula of an operation may name, exact at every edge.

They see arrays or NumPy scalars and give the same; they know nothing of graphs.  Each stands
alone, so that a program that this package writes can carry a copy of the few that it needs.
"""

from __future__ import annotations

from typing import Any

import numpy as np

# A NumPy array or scalar of real numbers.  Formulas are the same for both.
Array = Any
Axis = int | tuple[int, ...] | None


# ----- Elementwise -----


def sigmoid(z: Array) -> Array:
    r"""Logistic function, $1 / (1 + e^{-z})$, without overflow, to a few ulp.

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    if z.itemsize > 2 and np.maximum.reduce(z, axis=None, initial=0.0) < 36.0:
        rise = np.exp(z)
    else:  # the result is 1 long before the limit, so nothing needs to overflow
        rise = np.exp(np.minimum(z, {2: 11.0, 16: 80.0}.get(z.itemsize, 40.0)))
    return rise / (1.0 + rise)


def sigmoid_prime(z: Array) -> Array:
    r"""Derivative of the logistic function, $\sigma(z)\,\sigma(-z)$.

    The usual ``s * (1 - s)`` is 0 from z = 37 on, because ``1 - s`` cancels.

    >>> float(sigmoid_prime(np.float64(40.0)))
    4.248354255291589e-18
    """
    if z.itemsize > 2 and np.maximum.reduce(z, axis=None, initial=0.0) < 36.0:
        rise = np.exp(z)
        total = 1.0 + rise
        return rise / total / total  # it begins as sigmoid does
    decay = np.exp(-np.abs(z))
    denominator = 1.0 + decay
    denominator *= denominator
    decay /= denominator
    return decay


def sigmoid_with_slope(z: Array) -> tuple[Array, Array | None]:
    """Both ``sigmoid`` and ``sigmoid_prime``, to the last bit, with one exponential.

    Where numbers are so large that the derivative needs another, it is None.

    >>> sigmoid_with_slope(np.array([0.0]))
    (array([0.5]), array([0.25]))
    >>> sigmoid_with_slope(np.array([40.0]))
    (array([1.]), None)
    """
    # The condition of sigmoid, asked in a quicker way, because this runs in every step of training.
    if z.itemsize > 2 and z.size and z.item(z.argmax()) < 36.0:
        rise = np.exp(z)
        total = 1.0 + rise
        value = rise / total
        return value, value / total
    rise = np.exp(np.minimum(z, {2: 11.0, 16: 80.0}.get(z.itemsize, 40.0)))
    return rise / (1.0 + rise), None


def tanh_prime(x: Array) -> Array:
    r"""Derivative of tanh, $1 / \cosh^2 x$, without cancellation.

    >>> float(tanh_prime(np.float64(20.0)))
    1.6993417021166355e-17
    """
    # The slope is 0 from 1e4 on, and 2 * x could overflow.
    decay = np.exp(-2.0 * np.minimum(np.abs(x), 1e4))
    return 4.0 * decay / np.square(1.0 + decay)


def softplus(x: Array) -> Array:
    r"""Smooth relu, $\log(1 + e^{x})$, without overflow.

    >>> float(softplus(np.float64(1000.0)))
    1000.0
    """
    return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))


def relu_prime(x: Array) -> Array:
    """Slope of relu: 1 where ``x`` is positive, 0 elsewhere; nan for nan.

    >>> relu_prime(np.array([-1.0, 0.0, 2.0, np.nan]))
    array([ 0.,  0.,  1., nan])
    """
    return np.sign(np.maximum(x, 0.0))


def quiet_logaddexp(x: Array, y: Array) -> Array:
    r"""Logarithm of a sum of two exponentials, $\log(e^{x} + e^{y})$, without overflow.

    >>> float(quiet_logaddexp(np.float64(1000.0), np.float64(-1000.0)))
    1000.0
    """
    with np.errstate(invalid="ignore"):  # nan of nan is no news
        return np.logaddexp(x, y)


def larger_share(x: Array, y: Array) -> Array:
    """Share of ``x`` in ``maximum(x, y)``: 1 if larger, 0 if smaller, 1/2 at a tie; nan for nan.

    >>> larger_share(np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 2.0]))
    array([0. , 0.5, 1. ])
    """
    half = np.result_type(x, y).type(0.5)
    share = np.where(np.equal(x, y), half, np.greater(x, y))
    return np.where(np.isnan(x) | np.isnan(y), np.maximum(x, y), share)[()]


def inside(x: Array, a_min: Array, a_max: Array) -> Array:
    """Slope of ``clip``: 1 from ``a_min`` to ``a_max``, 0 outside; nan for nan.

    >>> inside(np.array([-1.0, 0.0, 0.5, 1.0, np.nan]), 0.0, 1.0)
    array([ 0.,  1.,  1.,  1., nan])
    """
    is_inside = np.less_equal(a_min, x) & np.less_equal(x, a_max)
    clipped = np.clip(x, a_min, a_max)  # it is nan if any of them is
    return np.where(np.isnan(clipped), clipped, is_inside)[()]


def direction(x: Array, y: Array) -> Array:
    """Cosine of the angle to the point (x, y), ``x / hypot(x, y)``, also at infinity.

    It is 0 at the origin.

    >>> direction(np.array([3.0, 0.0, np.inf]), np.array([4.0, 0.0, 1.0]))
    array([0.6, 0. , 1. ])
    """
    # Scaling by the longer side keeps the length from overflowing.
    one = np.result_type(x, y).type(1)
    longer = np.maximum(abs(x), abs(y))
    scale = np.where(np.equal(longer, 0), one, longer)
    with np.errstate(invalid="ignore"):  # where both are infinite, they count alike
        x = np.where(np.isinf(x), np.copysign(one, x), x / scale)
        y = np.where(np.isinf(y), np.copysign(one, y), y / scale)
    length = np.hypot(x, y)
    return x / np.where(np.equal(length, 0), one, length)


def logit(x: Array) -> Array:
    r"""Inverse of the logistic function, $\log(x / (1 - x))$, exact near 1/2 too.

    >>> logit(np.array([0.0, 0.5, 1.0]))
    array([-inf,   0.,  inf])
    """
    middle = np.abs(x - 0.5) < 0.25
    near = np.where(middle, x, 0 * x + 0.5)
    with np.errstate(divide="ignore"):
        far = np.log(x) - np.log1p(-x)
    return np.where(middle, 2.0 * np.arctanh(2.0 * near - 1.0), far)[()]


def xlogy(x: Array, y: Array) -> Array:
    r"""Product $x \log y$, and 0 wherever ``x`` is 0, unless ``y`` is nan.

    >>> xlogy(np.array([0.0, 2.0]), np.array([0.0, 1.0]))
    array([0., 0.])
    """
    one = np.result_type(x, y).type(1)
    return x * np.log(np.where(np.equal(x, 0) & ~np.isnan(y), one, y))


def bell(x: Array) -> Array:
    r"""Exponential of minus the square, $e^{-x^2}$, exact far out too.

    >>> float(bell(np.float64(26.0)))
    2.6117417612840555e-294
    """
    x = np.minimum(np.abs(x), 120.0)  # farther out it is 0
    near = np.rint(x * 16.0) / 16.0  # its square is exact
    return np.exp(-near * near) * np.exp(-(x - near) * (x + near))


def sinc(x: Array) -> Array:
    r"""Sine of $\pi x$, divided by $\pi x$: exact at whole numbers and far out; 1 at 0.

    >>> sinc(np.array([0.0, 0.5, 1.5]))
    array([ 1.        ,  0.63661977, -0.21220659])
    """
    turns = np.rint(x)  # what is left of x is exact, and multiplied by pi it is small
    sine = np.sin(np.pi * (x - turns)) * (1.0 - 2.0 * np.remainder(turns, 2.0))
    is_zero = np.equal(x, 0)
    one = x.dtype.type(1)
    return np.where(is_zero, one, sine / np.where(is_zero, one, np.pi * x))[()]


def sinc_slope(x: Array, order: int) -> Array:
    r"""Derivative of $\sin(\pi x) / (\pi x)$ of some order, exact near 0 too.

    >>> sinc_slope(np.array([1.0, 2.0]), 1)
    array([-1. ,  0.5])
    """
    # Near 0 the series of the cosine, integrated from 0 to 1 with weights that are powers.
    is_near = np.less(np.abs(x), 0.75 + order / 16.0)
    small = np.pi * np.where(is_near, x, 0 * x)
    odd = order % 2
    terms = [1.0 - 2.0 * ((order + odd) // 2 % 2)]
    for power in range(odd, 40 + order, 2):
        terms.append(-terms[-1] / ((power + 1) * (power + 2)))
    series = 0.0 * small
    for place in reversed(range(len(terms))):
        share = terms[place] / (order + odd + 2 * place + 1)
        series = series * np.square(small) + share
    series = series * small if odd else series
    # Farther out the derivative of a product: sine = t * sinc, so the next follows from the last.
    turns = np.rint(x)
    sign = 1.0 - 2.0 * np.remainder(turns, 2.0)
    sine, cosine = (sign * wave(np.pi * (x - turns)) for wave in (np.sin, np.cos))
    t = np.where(is_near, x.dtype.type(1), np.pi * x)
    far = sine / t
    for n in range(1, order + 1):
        far = ((sine, cosine, -sine, -cosine)[n % 4] - n * far) / t
    return (np.where(is_near, series, far) * np.pi**order)[()]


def divide_or_zero(x: Array, y: Array) -> Array:
    """Quotient ``x / y``, and 0 wherever ``x`` is 0, whatever ``y`` is.

    >>> divide_or_zero(np.array([0.0, 3.0]), np.array([0.0, 2.0]))
    array([0. , 1.5])
    """
    return x / np.where(np.equal(x, 0), np.result_type(x, y).type(1), y)[()]


def exponent_below(y: Array) -> Array:
    """Exponent of the derivative of ``x**y``: ``y - 1``, but 0 where ``y`` is 0.

    There the derivative is ``0 * x**0``, which is 0 even at x = 0 and at infinity.

    >>> exponent_below(3.0), exponent_below(0.0)
    (2.0, 0.0)
    """
    if isinstance(y, int | float):  # a Python number stays one, which has no type
        return y - 1.0 if y else 0.0 * y
    return np.where(np.equal(y, 0), np.zeros_like(y), y - 1)


def log_of_base(x: Array, y: Array) -> Array:
    """Factor of the derivative of ``x**y`` by ``y``: ``log(x)``, but 0 where a power of 0 wins.

    >>> float(log_of_base(np.float64(0.0), np.float64(1.0)))
    0.0
    """
    at_zero = np.equal(x, 0) & np.greater_equal(y, 0)
    at_infinity = np.equal(x, np.inf) & np.less(y, 0)
    one = np.result_type(x, y).type(1)
    return np.log(np.where(at_zero | at_infinity, one, x))[()]


def power_slope(x: Array, y: Array, by_x: int, by_y: int) -> Array:
    r"""Derivative $\partial_x^n \partial_y^m x^y$, for x = 0 the limit from above.

    But ``0**y`` is a constant in ``y``, for all y from 0 on.

    >>> power_slope(np.array([2.0, 0.0]), np.array([3.0, 1.0]), 1, 0)
    array([12.,  1.])
    """
    # It is a sum of factors[k] * log(x)**(m - k) * x**(y - n), where factors are, but for binomial
    # coefficients, the derivatives of y * (y - 1) * ... * (y - n + 1).
    one = np.result_type(x, y).type(1)
    factors = [one] + [0 * one] * by_y
    for root in range(by_x):
        for k in range(by_y, 0, -1):
            factors[k] = factors[k] * (y - root) + k * factors[k - 1]
        factors[0] = factors[0] * (y - root)
    total, ways = factors[0], 1
    if by_y:
        from_zero = np.greater(y, by_x) if by_x else np.greater_equal(y, 0)
        at_zero = np.equal(x, 0) & from_zero
        at_infinity = np.equal(x, np.inf) & np.less(y, by_x)
        # A power of 0 wins against the logarithm of 0 or infinity.
        logarithm = np.log(np.where(at_zero | at_infinity, one, x))
        for k in range(1, by_y + 1):
            ways = ways * (by_y - k + 1) // k
            # So does a factor of 0, here and below.
            known = np.where(np.equal(total, 0), one, logarithm)
            total = total * known + ways * factors[k]
    exponent = np.where(np.equal(total, 0), 0 * one, y - by_x) if by_x else y
    return total * x**exponent


# ----- Reductions -----


def max_share(x: Array, axis: Axis) -> Array:
    """Share of each element in the maximum over ``axis``; ties share evenly.

    >>> max_share(np.array([1.0, 3.0, 3.0]), None)
    array([0. , 0.5, 0.5])
    """
    # A slice with a nan has nan as its maximum, and that comes from its nans.
    is_largest = np.equal(x, np.max(x, axis=axis, keepdims=True)) | np.isnan(x)
    # As int64: float16 would overflow.
    count = np.sum(is_largest, axis=axis, keepdims=True)
    return (is_largest / count).astype(x.dtype)


def product_of_others(x: Array, axis: tuple[int, ...]) -> Array:
    """Product over ``axis`` of all elements but the one in place; right with zeros.

    >>> product_of_others(np.array([0.0, 2.0, 3.0]), (0,))
    array([6., 0., 0.])
    """
    last = tuple(range(-len(axis), 0))
    moved = np.moveaxis(x, axis, last)
    rest = moved.shape[: moved.ndim - len(axis)]
    flat = moved.reshape(*rest, np.prod(moved.shape[len(rest) :], dtype=int))
    before, after = np.ones_like(flat), np.ones_like(flat)
    np.cumprod(flat[..., :-1], axis=-1, out=before[..., 1:])
    np.cumprod(flat[..., :0:-1], axis=-1, out=after[..., -2::-1])
    return np.moveaxis((before * after).reshape(moved.shape), last, axis)[()]


def sum_of_others(x: Array, axis: tuple[int, ...]) -> Array:
    """Sum over ``axis`` of all elements but the one in place; nothing cancels.

    >>> sum_of_others(np.array([1e20, 2.0, 3.0]), (0,))
    array([5.e+00, 1.e+20, 1.e+20])
    """
    last = tuple(range(-len(axis), 0))
    moved = np.moveaxis(x, axis, last)
    rest = moved.shape[: moved.ndim - len(axis)]
    flat = moved.reshape(*rest, np.prod(moved.shape[len(rest) :], dtype=int))
    before, after = np.zeros_like(flat), np.zeros_like(flat)
    np.cumsum(flat[..., :-1], axis=-1, out=before[..., 1:])
    np.cumsum(flat[..., :0:-1], axis=-1, out=after[..., -2::-1])
    return np.moveaxis((before + after).reshape(moved.shape), last, axis)[()]


def unit(x: Array, axis: Axis) -> Array:
    """Vectors along ``axis`` divided by their length, also at infinity; 0 stays 0.

    >>> unit(np.array([3.0, 4.0]), None)
    array([0.6, 0.8])
    """
    # Half precision cannot hold a sum of many squares.
    wide = x.astype(np.float32) if x.itemsize == 2 else x
    one = wide.dtype.type(1)
    # Scaling by the largest element keeps the length from overflowing.
    largest = np.max(np.abs(wide), axis=axis, keepdims=True, initial=0.0)
    with np.errstate(invalid="ignore"):  # all that are infinite count alike
        scaled = wide / np.where(np.equal(largest, 0), one, largest)
        scaled = np.where(np.isinf(wide), np.copysign(one, wide), scaled)
    length = np.sqrt(np.sum(np.square(scaled), axis=axis, keepdims=True))
    result = scaled / np.where(np.equal(length, 0), one, length)
    return result.astype(x.dtype) if x.itemsize == 2 else result


def norm(x: Array, axis: Axis, keepdims: bool) -> Array:
    """Euclidean length, the square root of the sum of squares over ``axis``.

    >>> float(norm(np.array([3.0, 4.0]), None, False))
    5.0
    """
    # Half precision cannot hold a sum of many squares.
    wide = x.astype(np.float32) if x.itemsize == 2 else x
    # Scaling by the largest element keeps 1e200 from overflowing when it is squared.
    largest = np.max(np.abs(wide), axis=axis, keepdims=True, initial=0.0)
    usable = np.isfinite(largest) & (largest > 0)
    scale = np.where(usable, largest, np.ones_like(largest))
    length = scale * np.sqrt(np.sum(np.square(wide / scale), axis=axis, keepdims=True))
    length = length.astype(x.dtype) if x.itemsize == 2 else length
    return length if keepdims else np.squeeze(length, axis=axis)[()]


def logsumexp(x: Array, axis: Axis, keepdims: bool) -> Array:
    r"""Logarithm of the sum of exponentials, $\log \sum e^{x}$, without overflow.

    >>> float(logsumexp(np.array([1000.0, 1000.0]), None, False))
    1000.6931471805599
    """
    if not x.size:  # a sum of nothing is 0, but there is no largest
        return np.sum(x, axis=axis, keepdims=keepdims) - np.inf
    largest = np.max(x, axis=axis, keepdims=True)
    shift = np.where(np.isfinite(largest), largest, np.zeros_like(largest))
    with np.errstate(divide="ignore"):  # log(0) is -inf where every element is -inf
        result = shift + np.log(np.sum(np.exp(x - shift), axis=axis, keepdims=True))
    return result if keepdims else np.squeeze(result, axis=axis)[()]


def softmax(x: Array, axis: Axis) -> Array:
    r"""Exponentials divided by their sum over ``axis``, without overflow.

    >>> softmax(np.array([0.0, 0.0]), -1)
    array([0.5, 0.5])
    """
    if not x.size:  # there is no largest, and nothing to share
        return np.exp(x)
    exponentials = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return exponentials / np.sum(exponentials, axis=axis, keepdims=True)


def log_softmax(x: Array, axis: Axis) -> Array:
    r"""Logarithm of the softmax, $x - \log \sum e^{x}$.

    >>> log_softmax(np.array([0.0, -1000.0]), -1)
    array([    0., -1000.])
    """
    if not x.size:  # as of softmax
        return np.log(x)
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


# ----- Shapes -----


def sum_to(x: Array, shape: tuple[int, ...]) -> Array:
    """Sum over the axes that ``broadcast_to`` added or stretched: its adjoint.

    >>> sum_to(np.ones((4, 3)), (1, 3))
    array([[4., 4., 4.]])
    """
    if shape == (1, *x.shape[1:]):  # a bias: the same sum, found sooner
        return np.add.reduce(x, axis=0, keepdims=True)
    added = x.ndim - len(shape)
    stretched = [
        added + axis
        for axis, length in enumerate(shape)
        if length == 1 and x.shape[added + axis] != 1
    ]
    total = np.add.reduce(x, axis=(*range(added), *stretched), keepdims=True)
    return total.reshape(shape)[()] if added else total


def place(x: Array, index: Any, shape: tuple[int, ...]) -> Array:
    """Zeros of ``shape`` with ``x`` added at ``index``: the adjoint of indexing.

    An index that occurs twice receives both contributions.

    >>> place(np.array([1.0, 2.0]), np.array([0, 0]), (3,))
    array([3., 0., 0.])
    """
    result = np.zeros(shape, dtype=x.dtype)
    parts = index if isinstance(index, tuple) else (index,)
    if any(isinstance(part, np.ndarray) and part.dtype.kind != "b" for part in parts):
        np.add.at(result, index, x)
    else:  # slices, integers and masks never name an element twice
        result[index] = x
    return result[()]


def overlap_add(
    x: Array, window_shape: tuple[int, ...], axis: tuple[int, ...], shape: tuple[int, ...]
) -> Array:
    """Windows added up, each in its place: the adjoint of ``sliding_window_view``.

    >>> overlap_add(np.array([[1.0, 2.0], [10.0, 20.0]]), (2,), (0,), (3,))
    array([ 1., 12., 20.])
    """
    result = np.zeros(shape, dtype=x.dtype)
    lengths = x.shape[: len(shape)]
    # All elements that stand at one place of their windows at once: windows are mostly small.
    for offset in np.ndindex(window_shape):
        first = [0] * len(shape)
        for one, step in zip(axis, offset, strict=True):
            first[one] += step
        index = tuple(slice(s, s + n) for s, n in zip(first, lengths, strict=True))
        result[index] += x[(..., *offset)]
    return result[()]


def sorted_by(x: Array, by: Array, axis: int) -> Array:
    """Elements of ``x`` in the order in which those of ``by`` rise; a stable order.

    >>> sorted_by(np.array([10.0, 20.0, 30.0]), np.array([2.0, 1.0, 1.0]), 0)
    array([20., 30., 10.])
    """
    return np.take_along_axis(x, np.argsort(by, axis=axis, kind="stable"), axis=axis)


def unsorted_by(x: Array, by: Array, axis: int) -> Array:
    """Elements of ``x`` back where ``sorted_by`` took them from: its adjoint.

    >>> unsorted_by(np.array([20.0, 30.0, 10.0]), np.array([2.0, 1.0, 1.0]), 0)
    array([10., 20., 30.])
    """
    result = np.empty_like(x)
    np.put_along_axis(result, np.argsort(by, axis=axis, kind="stable"), x, axis=axis)
    return result


def elements_at(x: Array, places: Array) -> Array:
    """Elements of a vector at places that are numbers like any other, cut to whole ones.

    >>> elements_at(np.array([10.0, 20.0, 30.0]), np.array([2.0, 0.0]))
    array([30., 10.])
    """
    return x[np.asarray(places).astype(np.intp)]


def added_at(x: Array, places: Array, length: int) -> Array:
    """Zeros of a length with ``x`` added at places: the adjoint of ``elements_at``.

    >>> added_at(np.array([1.0, 2.0, 4.0]), np.array([2.0, 0.0, 2.0]), 3)
    array([2., 0., 5.])
    """
    result = np.zeros(length, dtype=x.dtype)
    np.add.at(result, np.asarray(places).astype(np.intp), x)
    return result


# ----- Matrices -----


def expm(a: Array) -> Array:
    r"""Exponential $\sum_k A^k / k!$ of every matrix of a stack, by scaling and squaring.

    A. Al-Mohy and N. Higham, "A New Scaling and Squaring Algorithm for the Matrix Exponential"
    (2009), always with the approximant of degree 13.

    >>> expm(np.array([[0.0, 1.0], [0.0, 0.0]]))
    array([[1., 1.],
           [0., 1.]])
    """
    x, one = a.astype(np.float64), np.eye(a.shape[-1])
    # How often to halve each matrix, so that the approximant is exact: not at all, if it is small.
    enough = 5.371920351148152
    size = np.max(np.sum(np.abs(x), axis=-2), axis=-1, initial=0.0)
    halvings = np.zeros(size.shape, dtype=int)
    if np.any(size > enough):
        exponent = np.frexp(size)[1]
        # The powers of a matrix below 1 do not overflow.
        small = np.ldexp(x, -exponent[..., np.newaxis, np.newaxis])
        fourth = small @ small @ small @ small
        # Of a matrix that is far from normal the powers grow slower than those of its norm.
        powers = np.abs(np.stack([fourth @ small @ small, fourth @ fourth]))
        sixth, eighth = np.max(np.sum(powers, axis=-2), axis=-1, initial=0.0)
        growth = np.maximum(sixth ** (1 / 6), eighth ** (1 / 8))
        halvings = np.where(growth > 0, np.frexp(growth / enough)[1] + exponent, 0)
        halvings = np.maximum(halvings, 0)
        # What rounding adds to them counts with the absolute values, in the 27th power.
        power = np.ones((*a.shape[:-2], 1, a.shape[-1]))
        for _ in range(27):
            power = power @ np.abs(small)
        error = np.max(power, axis=(-2, -1), initial=0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            more = np.log2(8.8e-36 / 1.1e-16 * error / np.ldexp(size, -exponent)) / 26
            more = np.ceil(more + exponent - halvings)
        more = np.where(np.isfinite(more) & (more > 0), more, 0)
        halvings = halvings + more.astype(int)
    x = np.ldexp(x, -halvings[..., np.newaxis, np.newaxis])
    x2 = x @ x
    x4 = x2 @ x2
    x6 = x4 @ x2
    # Numerator and denominator have the same terms, in the denominator with alternating signs.
    odd = x6 @ (x6 + 16380.0 * x4 + 40840800.0 * x2) + 33522128640.0 * x6
    odd = odd + 10559470521600.0 * x4 + 1187353796428800.0 * x2
    odd = x @ (odd + 32382376266240000.0 * one)
    even = x6 @ (182.0 * x6 + 960960.0 * x4 + 1323241920.0 * x2) + 670442572800.0 * x6
    even = even + 129060195264000.0 * x4 + 7771770303897600.0 * x2
    even = even + 64764752532480000.0 * one
    # The quotient of even + odd and even - odd, so that of a zero it is exactly one.
    result = one + np.linalg.solve(even - odd, 2.0 * odd)
    for count in range(np.max(halvings, axis=None, initial=0)):
        again = (count < halvings)[..., np.newaxis, np.newaxis]
        result = np.where(again, result @ np.where(again, result, one), result)
    return result.astype(a.dtype)


# ----- Losses -----


def binary_cross_entropy(y_true: Array, y_pred: Array) -> Array:
    r"""Mean of $-y \log p - (1 - y) \log(1 - p)$, where 0 log 0 is 0.

    >>> float(binary_cross_entropy(np.array([0.0, 1.0]), np.array([0.0, 1.0])))
    0.0
    """
    y_false = 1.0 - y_true
    one = np.result_type(y_true, y_pred).type(1)
    log_of_true = np.log(np.where(np.equal(y_true, 0), one, y_pred))
    log_of_false = np.log1p(-np.where(np.equal(y_false, 0), 0 * one, y_pred))
    return np.mean(-(y_true * log_of_true) - y_false * log_of_false)


def softmax_cross_entropy(y_true: Array, logits: Array) -> Array:
    r"""Mean over the rows of $-\sum_j y_j \log \mathrm{softmax}(z)_j$, where 0 log 0 is 0.

    >>> float(softmax_cross_entropy(np.array([[1.0, 0.0]]), np.array([[0.0, 0.0]])))
    0.6931471805599453
    """
    shifted = logits - np.max(logits, axis=-1, keepdims=True)
    log_total = np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))
    # A class that is impossible, and is so in truth, costs nothing: 0 * inf would be nan.
    relevant = np.where(np.equal(y_true, 0), shifted.dtype.type(0), shifted)
    return np.mean(np.sum(y_true * (log_total - relevant), axis=-1))


# ----- Questions -----


def ask(function: str, arrays: Any, others: Any, named: Any) -> Array:
    """Answer of the function of NumPy with this name; the others and the named say how to ask.

    >>> bool(ask("any", [np.array([0.0, 1.0])], (), ()))
    True
    """
    answer = getattr(np, function)(*arrays, *others, **dict(named))
    return np.bool_(answer) if isinstance(answer, bool) else answer
