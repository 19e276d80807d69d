"""The methods of a ``Value``, named as NumPy's and micrograd's.

Nothing is computed here: each method looks its function up in the table of functions.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from tinygrad_mlp.core.functions import FUNCTIONS
from tinygrad_mlp.core.protocols import NumpyProtocols, answer


class Methods(NumpyProtocols):
    """The behaviour of a Value as a NumPy array that is asked for sums, shapes and the like."""

    __slots__ = ()

    def sum(self, axis: Any = None, keepdims: bool = False) -> Self:
        """Return the sum over ``axis``."""
        return FUNCTIONS["sum"](self, axis, keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Self:
        """Return the arithmetic mean over ``axis``."""
        return FUNCTIONS["mean"](self, axis, keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> Self:
        """Return the largest element over ``axis``."""
        return FUNCTIONS["max"](self, axis, keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> Self:
        """Return the smallest element over ``axis``."""
        return FUNCTIONS["min"](self, axis, keepdims)

    def prod(self, axis: Any = None, keepdims: bool = False) -> Self:
        """Return the product over ``axis``."""
        return FUNCTIONS["prod"](self, axis, keepdims)

    def var(self, axis: Any = None, keepdims: bool = False, ddof: int = 0) -> Self:
        """Return the variance over ``axis``."""
        return FUNCTIONS["var"](self, axis=axis, keepdims=keepdims, ddof=ddof)

    def std(self, axis: Any = None, keepdims: bool = False, ddof: int = 0) -> Self:
        """Return the standard deviation over ``axis``."""
        return FUNCTIONS["std"](self, axis=axis, keepdims=keepdims, ddof=ddof)

    def norm(self, axis: Any = None, keepdims: bool = False) -> Self:
        """Return the Euclidean length over ``axis``."""
        return FUNCTIONS["norm"](self, axis, keepdims)

    def reshape(self, *shape: Any) -> Self:
        """Return the same elements in another shape; one length may be -1."""
        return FUNCTIONS["reshape"](self, shape[0] if len(shape) == 1 else shape)

    def transpose(self, *axes: Any) -> Self:
        """Return the value with its axes reversed, or in the order ``axes``."""
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes or None
        return FUNCTIONS["transpose"](self, order)

    def squeeze(self, axis: Any = None) -> Self:
        """Return the value without its axes of length 1."""
        return FUNCTIONS["squeeze"](self, axis)

    def ravel(self) -> Self:
        """Return all elements along one axis."""
        return FUNCTIONS["ravel"](self)

    def flatten(self) -> Self:
        """Return all elements along one axis."""
        return FUNCTIONS["ravel"](self)

    def swapaxes(self, axis1: int, axis2: int) -> Self:
        """Return the value with two axes in each other's place."""
        return FUNCTIONS["swapaxes"](self, axis1, axis2)

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Self:
        """Return the elements whose places along two axes are equal."""
        return FUNCTIONS["diagonal"](self, offset, axis1, axis2)

    def trace(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Self:
        """Return the sum of the diagonal."""
        return FUNCTIONS["trace"](self, offset, axis1, axis2)

    def take(self, indices: Any, axis: int | None = None) -> Self:
        """Return the elements at some places along ``axis``."""
        return FUNCTIONS["take"](self, indices, axis)

    def repeat(self, repeats: Any, axis: int | None = None) -> Self:
        """Return every element repeated along ``axis``."""
        return FUNCTIONS["repeat"](self, repeats, axis)

    def cumsum(self, axis: int | None = None) -> Self:
        """Return the sum of all elements up to each along ``axis``."""
        return FUNCTIONS["cumsum"](self, axis)

    def cumprod(self, axis: int | None = None) -> Self:
        """Return the product of all elements up to each along ``axis``."""
        return FUNCTIONS["cumprod"](self, axis)

    def dot(self, b: Any) -> Self:
        """Return the product with a scalar, a vector or a matrix."""
        return FUNCTIONS["dot"](self, b)

    def round(self, decimals: int = 0) -> Self:
        """Return the nearest numbers with so many decimals; the derivative is 0."""
        return FUNCTIONS["round"](self, decimals)

    def argmax(self, axis: int | None = None) -> Any:
        """Return the place of the largest element, as a plain int or array."""
        return answer(np.argmax, (self, axis))

    def argmin(self, axis: int | None = None) -> Any:
        """Return the place of the smallest element, as a plain int or array."""
        return answer(np.argmin, (self, axis))

    def any(self, axis: Any = None) -> Any:
        """Return whether any element is not 0, as a plain bool or array."""
        return answer(np.any, (self, axis))

    def all(self, axis: Any = None) -> Any:
        """Return whether no element is 0, as a plain bool or array."""
        return answer(np.all, (self, axis))

    def astype(self, dtype: Any) -> Self:
        """Return the value in another floating type."""
        return FUNCTIONS["astype"](self, dtype)

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

    @property
    def real(self) -> Self:
        """The value itself, which is real."""
        return FUNCTIONS["real"](self)

    @property
    def imag(self) -> Self:
        """Zeros, for the value is real."""
        return FUNCTIONS["imag"](self)

    def conj(self) -> Self:
        """Return the value itself, which is real."""
        return FUNCTIONS["conjugate"](self)

    def conjugate(self) -> Self:
        """Return the value itself, which is real."""
        return FUNCTIONS["conjugate"](self)

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
