"""The methods of a ``Value``, named as NumPy's and micrograd's.

Nothing is computed here: each method looks its function up in the table of functions.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from tinygrad_mlp.core.functions import FUNCTIONS
from tinygrad_mlp.core.protocols import NumpyProtocols


class Methods(NumpyProtocols):
    """The behaviour of a Value as a NumPy array that is asked for sums, shapes and the like.

    Where there are arguments that only NumPy's function has, it sorts them and asks back.
    """

    __slots__ = ()

    def sum(self, axis: Any = None, keepdims: bool = False, **others: Any) -> Self:
        """Return the sum over ``axis``."""
        if others:
            return np.sum(self, axis=axis, keepdims=keepdims, **others)
        return FUNCTIONS["sum"](self, axis, keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False, **others: Any) -> Self:
        """Return the arithmetic mean over ``axis``."""
        if others:
            return np.mean(self, axis=axis, keepdims=keepdims, **others)
        return FUNCTIONS["mean"](self, axis, keepdims)

    def max(self, axis: Any = None, keepdims: bool = False, **others: Any) -> Self:
        """Return the largest element over ``axis``."""
        if others:
            return np.max(self, axis=axis, keepdims=keepdims, **others)
        return FUNCTIONS["max"](self, axis, keepdims)

    def min(self, axis: Any = None, keepdims: bool = False, **others: Any) -> Self:
        """Return the smallest element over ``axis``."""
        if others:
            return np.min(self, axis=axis, keepdims=keepdims, **others)
        return FUNCTIONS["min"](self, axis, keepdims)

    def prod(self, axis: Any = None, keepdims: bool = False, **others: Any) -> Self:
        """Return the product over ``axis``."""
        if others:
            return np.prod(self, axis=axis, keepdims=keepdims, **others)
        return FUNCTIONS["prod"](self, axis, keepdims)

    def var(self, axis: Any = None, keepdims: bool = False, ddof: int = 0, **others: Any) -> Self:
        """Return the variance over ``axis``."""
        if others:
            return np.var(self, axis=axis, keepdims=keepdims, ddof=ddof, **others)
        return FUNCTIONS["var"](self, axis, keepdims, ddof)

    def std(self, axis: Any = None, keepdims: bool = False, ddof: int = 0, **others: Any) -> Self:
        """Return the standard deviation over ``axis``."""
        if others:
            return np.std(self, axis=axis, keepdims=keepdims, ddof=ddof, **others)
        return FUNCTIONS["std"](self, axis, keepdims, ddof)

    def norm(self, axis: Any = None, keepdims: bool = False) -> Self:
        """Return the Euclidean length over ``axis``."""
        return FUNCTIONS["norm"](self, axis, keepdims)

    def reshape(self, *shape: Any, order: str = "C") -> Self:
        """Return the same elements in another shape; one length may be -1."""
        return FUNCTIONS["reshape"](self, shape[0] if len(shape) == 1 else shape, order)

    def transpose(self, *axes: Any) -> Self:
        """Return the value with its axes reversed, or in the order ``axes``."""
        return FUNCTIONS["transpose"](self, axes[0] if len(axes) == 1 else axes or None)

    def squeeze(self, axis: Any = None) -> Self:
        """Return the value without its axes of length 1."""
        return FUNCTIONS["squeeze"](self, axis)

    def ravel(self, order: str = "C") -> Self:
        """Return all elements along one axis."""
        return FUNCTIONS["ravel"](self, order)

    def flatten(self, order: str = "C") -> Self:
        """Return all elements along one axis."""
        return FUNCTIONS["ravel"](self, order)

    def swapaxes(self, axis1: int, axis2: int) -> Self:
        """Return the value with two axes in each other's place."""
        return FUNCTIONS["swapaxes"](self, axis1, axis2)

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Self:
        """Return the elements whose places along two axes are equal."""
        return FUNCTIONS["diagonal"](self, offset, axis1, axis2)

    def trace(self, offset: int = 0, axis1: int = 0, axis2: int = 1, **others: Any) -> Self:
        """Return the sum of the diagonal."""
        if others:
            return np.trace(self, offset, axis1, axis2, **others)
        return FUNCTIONS["trace"](self, offset, axis1, axis2)

    def take(self, indices: Any, axis: int | None = None, mode: str = "raise") -> Self:
        """Return the elements at some places along ``axis``."""
        return FUNCTIONS["take"](self, indices, axis, mode)

    def repeat(self, repeats: Any, axis: int | None = None) -> Self:
        """Return every element repeated along ``axis``."""
        return FUNCTIONS["repeat"](self, repeats, axis)

    def cumsum(self, axis: int | None = None, **others: Any) -> Self:
        """Return the sum of all elements up to each along ``axis``."""
        if others:
            return np.cumsum(self, axis=axis, **others)
        return FUNCTIONS["cumsum"](self, axis)

    def cumprod(self, axis: int | None = None, **others: Any) -> Self:
        """Return the product of all elements up to each along ``axis``."""
        if others:
            return np.cumprod(self, axis=axis, **others)
        return FUNCTIONS["cumprod"](self, axis)

    def dot(self, b: Any, **others: Any) -> Self:
        """Return the product with a scalar, a vector or a matrix."""
        if others:
            return np.dot(self, b, **others)
        return FUNCTIONS["dot"](self, b)

    def round(self, decimals: int = 0, **others: Any) -> Self:
        """Return the nearest numbers with so many decimals; the derivative is 0."""
        if others:
            return np.round(self, decimals=decimals, **others)
        return FUNCTIONS["round"](self, decimals)

    def copy(self, order: str = "C") -> Self:
        """Return the same numbers, as a value of its own in the graph."""
        return FUNCTIONS["copy"](self)

    def astype(self, dtype: Any, *, copy: bool = True) -> Any:
        """Return the value in another floating type, or plain whole numbers or bools."""
        return FUNCTIONS["astype"](self, dtype)

    def conj(self) -> Self:
        """Return the value itself, for it is real."""
        return self

    conjugate = conj

    # What these answer are plain numbers, bools and arrays.  Arguments are as of NumPy's functions.

    def argmax(self, axis: int | None = None, *others: Any, **named: Any) -> Any:
        """Return the place of the largest element, as a plain int or array."""
        return np.argmax(self, axis, *others, **named)

    def argmin(self, axis: int | None = None, *others: Any, **named: Any) -> Any:
        """Return the place of the smallest element, as a plain int or array."""
        return np.argmin(self, axis, *others, **named)

    def argsort(self, axis: int | None = -1, *others: Any, **named: Any) -> Any:
        """Return the places of the elements in the order in which these rise, as a plain array."""
        return np.argsort(self, axis, *others, **named)

    def any(self, axis: Any = None, *others: Any, **named: Any) -> Any:
        """Return whether any element is not 0, as a plain bool or array."""
        return np.any(self, axis, *others, **named)

    def all(self, axis: Any = None, *others: Any, **named: Any) -> Any:
        """Return whether no element is 0, as a plain bool or array."""
        return np.all(self, axis, *others, **named)

    def nonzero(self) -> Any:
        """Return the places of the elements that are not 0, as a plain array for each axis."""
        return np.nonzero(self)

    def clip(
        self,
        a_min: Any = None,
        a_max: Any = None,
        *,
        min: Any = None,  # noqa: A002  NumPy's name
        max: Any = None,  # noqa: A002  the same
    ) -> Self:
        """Return the value limited to the interval from ``a_min`` to ``a_max``."""
        return FUNCTIONS["clip"](self, a_min, a_max, min=min, max=max)

    def exp(self) -> Self:
        """Return e to the power of each element."""
        return FUNCTIONS["exp"](self)

    def log(self) -> Self:
        """Return the natural logarithm of each element."""
        return FUNCTIONS["log"](self)

    def sqrt(self) -> Self:
        """Return the square root of each element."""
        return FUNCTIONS["sqrt"](self)

    def square(self) -> Self:
        """Return the square of each element."""
        return FUNCTIONS["square"](self)

    def sin(self) -> Self:
        """Return the sine of each element."""
        return FUNCTIONS["sin"](self)

    def cos(self) -> Self:
        """Return the cosine of each element."""
        return FUNCTIONS["cos"](self)

    def tanh(self) -> Self:
        """Return the hyperbolic tangent of each element."""
        return FUNCTIONS["tanh"](self)

    def sigmoid(self) -> Self:
        """Return the logistic function of each element."""
        return FUNCTIONS["sigmoid"](self)

    def relu(self) -> Self:
        """Return each element, or 0 where it is negative."""
        return FUNCTIONS["relu"](self)

    def softmax(self, axis: Any = -1) -> Self:
        """Return the exponentials divided by their sum over ``axis``."""
        return FUNCTIONS["softmax"](self, axis)
