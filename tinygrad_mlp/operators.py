"""What a ``Value`` can do besides being differentiated: operators, methods, conversions.

Nothing is computed here.  Each operator and method looks its function up in ``FUNCTIONS``, the
table of everything that takes Values, which the modules above fill.
"""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Number
from typing import TYPE_CHECKING, Any, Never, Self

import numpy as np

from tinygrad_mlp.context import current, line_of
from tinygrad_mlp.errors import TraceError
from tinygrad_mlp.protocols import (
    FUNCTIONS,
    NumpyProtocols,
    answer,
    bare_numbers,
    composite,
    no_rule,
)

if TYPE_CHECKING:
    from tinygrad_mlp.engine import Value

__all__ = ["FUNCTIONS", "Operators", "composite"]


#: What others call an attribute or a method, and what it is called here.
_ELSEWHERE = {
    "gradient": "value.grad",
    "derivative": "value.grad",
    "value": "value.data",
    "name": "value.label",
    "length": "value.size",
    "view": "value.reshape",
    "detach": "tg.stop_gradient(value)",
    "zero_grad": "tg.zero_grad(value)",
    "pow": "value ** exponent",
    "matmul": "value @ other",
    "mm": "value @ other",
    "copy": "tg.copy(value)",
    "tolist": "value.data.tolist()",
}


class Operators(NumpyProtocols):
    """The behaviour of a Value as a number, as a NumPy array, and as text."""

    __slots__ = ()

    if TYPE_CHECKING:
        _numbers: Any
        label: str | None
        args: tuple[Any, ...]
        number: int
        op: Any
        options: Any

    # ----- Arithmetic -----

    def __add__(self, other: Any) -> Value:
        return FUNCTIONS["add"](self, other)

    def __radd__(self, other: Any) -> Value:
        return FUNCTIONS["add"](other, self)

    def __sub__(self, other: Any) -> Value:
        return FUNCTIONS["subtract"](self, other)

    def __rsub__(self, other: Any) -> Value:
        return FUNCTIONS["subtract"](other, self)

    def __mul__(self, other: Any) -> Value:
        return FUNCTIONS["multiply"](self, other)

    def __rmul__(self, other: Any) -> Value:
        return FUNCTIONS["multiply"](other, self)

    def __truediv__(self, other: Any) -> Value:
        return FUNCTIONS["divide"](self, other)

    def __rtruediv__(self, other: Any) -> Value:
        return FUNCTIONS["divide"](other, self)

    def __pow__(self, other: Any) -> Value:
        return FUNCTIONS["power"](self, other)

    def __rpow__(self, other: Any) -> Value:
        return FUNCTIONS["power"](other, self)

    def __matmul__(self, other: Any) -> Value:
        return FUNCTIONS["matmul"](self, other)

    def __rmatmul__(self, other: Any) -> Value:
        return FUNCTIONS["matmul"](other, self)

    def __neg__(self) -> Value:
        return FUNCTIONS["negative"](self)

    def __pos__(self) -> Self:
        return self

    def __abs__(self) -> Value:
        return FUNCTIONS["abs"](self)

    def __round__(self, decimals: int | None = None) -> Value:
        return FUNCTIONS["round"](self, decimals or 0)

    def __mod__(self, other: Any) -> Never:
        raise no_rule("%", "remainder")

    def __floordiv__(self, other: Any) -> Never:
        raise no_rule("//", "floor_divide")

    def __divmod__(self, other: Any) -> Never:
        raise no_rule("divmod", "divmod")

    __rmod__ = __mod__
    __rfloordiv__ = __floordiv__
    __rdivmod__ = __divmod__

    # ----- Comparisons: arrays of bool -----

    def __lt__(self, other: Any) -> Any:
        return answer(np.less, (self, other))

    def __le__(self, other: Any) -> Any:
        return answer(np.less_equal, (self, other))

    def __gt__(self, other: Any) -> Any:
        return answer(np.greater, (self, other))

    def __ge__(self, other: Any) -> Any:
        return answer(np.greater_equal, (self, other))

    # == and != compare with numbers too, but two Values are equal if they are one, as nodes of a
    # graph; hash goes with that.  Between two Values that a function is made of, one could mean
    # either, and a wrong guess would be a branch of another function.

    def __eq__(self, other: object) -> Any:
        return self is other or self._compared(np.equal, other)

    def __ne__(self, other: object) -> Any:
        return self._compared(np.not_equal, other)

    __hash__ = object.__hash__

    def _compared(self, function: Any, other: Any) -> Any:
        if not isinstance(other, Operators):
            if not _is_numbers(other):
                return NotImplemented
            if current().compiling is not None:
                return answer(function, (self, other))
            equal = self._numbers == bare_numbers(other)  # unlike np.equal it takes text
            return equal if function is np.equal else np.logical_not(equal)
        if self.dtype.kind != "f" or other.dtype.kind != "f":  # an answer, while compiling
            return answer(function, (self, other))
        is_compiling = current().compiling is not None
        if is_compiling or self.is_differentiated() or other.is_differentiated():
            raise TraceError(
                f"{'compile: ' if is_compiling else ''}== and != would ask whether "
                f"{self.described()} and {other.described()} are one object; compare numbers with "
                "np.equal(x, y) or np.not_equal(x, y), and objects with `is`"
            )
        return NotImplemented  # identity

    def __and__(self, other: Any) -> Any:
        return answer(np.logical_and, (self, other))

    def __rand__(self, other: Any) -> Any:
        return answer(np.logical_and, (other, self))

    def __or__(self, other: Any) -> Any:
        return answer(np.logical_or, (self, other))

    def __ror__(self, other: Any) -> Any:
        return answer(np.logical_or, (other, self))

    def __invert__(self) -> Any:
        return answer(np.logical_not, (self,))

    # ----- Indexing and iteration -----

    def __getitem__(self, index: Any) -> Value:
        return FUNCTIONS["getitem"](self, index)

    def __setitem__(self, index: Any, new: Any) -> Never:
        raise TypeError(
            "in-place assignment would change a value that the graph still needs; write "
            "y = tg.where(mask, new, x) instead of x[mask] = new, or assign to x.data[...] "
            "between a backward and the next forward pass"
        )

    def __contains__(self, number: Any) -> bool:
        return bool(np.any(self.known("a test with in") == bare_numbers(number)))

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError(f"a 0-d Value has no len(): {self}")
        return self.shape[0]

    def __iter__(self) -> Iterator[Value]:
        if not self.shape:
            raise TypeError(f"a 0-d Value cannot be iterated: {self}")
        return (self[row] for row in range(self.shape[0]))

    # ----- Properties and conversions -----

    if not TYPE_CHECKING:  # for a type checker, any name would exist

        def __getattr__(self, name: str) -> Never:
            advice = _ELSEWHERE.get(name)
            if advice is None:  # Python itself knows what is spelled alike
                raise AttributeError(f"a Value has no attribute {name!r}", name=name, obj=self)
            raise AttributeError(f"a Value has no attribute {name!r}; did you mean {advice}?")

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes; ``()`` for a scalar."""
        shape: tuple[int, ...] = self._numbers.shape
        return shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return int(self._numbers.size)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the elements."""
        dtype: np.dtype[Any] = self._numbers.dtype
        return dtype

    @property
    def T(self) -> Value:  # noqa: N802  NumPy's name
        """The transpose: all axes in reverse order."""
        return self.transpose()

    def item(self) -> float:
        """Return the one element as a Python float."""
        if self.size != 1:
            raise ValueError(
                f"only a Value of one element is a number, this has shape {self.shape}"
            )
        return float(self.plain("float() or .item()").item())

    def __float__(self) -> float:
        if self.size != 1:
            raise TypeError(f"only a Value of one element is a number, this has shape {self.shape}")
        return self.item()

    def __int__(self) -> int:
        return int(float(self))

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ValueError(
                f"the truth of a Value of shape {self.shape} is ambiguous; "
                "use (value > 0).any() or .all()"
            )
        return bool(self.known("a branch, such as if or while,").item())

    def __format__(self, specification: str) -> str:
        if not specification:
            return repr(self)
        if self.size != 1:
            raise TypeError(f"only a Value of one element is a number, this has shape {self.shape}")
        return format(float(self.known("a format").item()), specification)

    def __repr__(self) -> str:
        if self.shape:
            numbers = np.array2string(
                self._numbers, separator=", ", threshold=20, edgeitems=2, prefix="Value("
            )
            parts = [numbers, f"shape={self.shape}"]
        else:
            parts = [str(self._numbers)]
        if self.label is not None:
            parts.append(f"label={self.label!r}")
        if self.op is not None:
            parts.append(f"op={self.op.name!r}")
        return f"Value({', '.join(parts)})"

    def described(self) -> str:
        """Return one short line about this value, for messages: its label, op and shape.

        >>> import tinygrad_mlp as tg
        >>> tg.Value([1.0, 2.0], label="w").described()
        "Value 'w' of shape (2,)"
        """
        label = f" {self.label!r:.80}" if self.label else ""
        name = self.op and self.options.get("function", self.op.name)  # of a question: which one
        origin = f" made by {name}" if name else ""
        return f"Value{label}{origin} of shape {self.shape}{line_of(self)}"

    def known(self, use: str) -> Any:
        """Return the bare numbers for a ``use``, which a function being compiled cannot have.

        >>> import tinygrad_mlp as tg
        >>> tg.Value(1.0).known("a sum")
        np.float64(1.0)
        """
        start = current().compiling
        if start is not None and (self.op is not None or self.number < start):
            raise TraceError(
                f"compile: {use} needs the numbers of {self.described()}, which the compiled "
                "function has only when it runs; choose with tg.where(condition, x, y), or make "
                "what is always the same an argument that is an int, a bool, a str or a list of "
                "these"
            )
        return self._numbers

    def plain(self, use: str) -> Any:
        """Return the bare numbers for a ``use`` behind which a derivative would be lost.

        >>> import tinygrad_mlp as tg
        >>> tg.Value(1.0).plain("a file")
        np.float64(1.0)
        """
        numbers = self.known(use)
        if self.is_differentiated():
            raise TraceError(
                f"{use} gives plain numbers, and the derivative of {self.described()} would be "
                "lost; use tg.sin(v) and its like instead of math.sin(v), and np.stack or tg.place "
                "instead of array[i] = v; where no derivative is wanted, take v.data, v.numpy() or "
                "tg.stop_gradient(v)"
            )
        return numbers

    def is_differentiated(self) -> bool:
        """Return whether a transform that runs now differentiates what this value was made from.

        What reaches its inputs only through steps, such as ``stop_gradient``, has no derivative.

        >>> import tinygrad_mlp as tg
        >>> def f(x):
        ...     print((x * 3.0).is_differentiated(), tg.floor(x).is_differentiated())
        ...     return x
        >>> tg.grad(f)(2.0)
        True False
        np.float64(1.0)
        """
        inputs = current().differentiated
        if not inputs:
            return False
        oldest = min(x.number for x in inputs)
        reached = [self]
        seen = {self}
        for value in reached:  # it grows while we go
            if value in inputs:
                return True
            if value.op is None:
                continue
            for parent, rule in zip(value.args, value.op.vjps, strict=False):
                if rule is None or not isinstance(parent, Operators) or parent.number < oldest:
                    continue
                if parent not in seen:
                    seen.add(parent)
                    reached.append(parent)
        return False

    # ----- Methods, named as NumPy's and micrograd's -----

    def sum(self, axis: Any = None, keepdims: bool = False) -> Value:
        """Return the sum over ``axis``."""
        return FUNCTIONS["sum"](self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Value:
        """Return the arithmetic mean over ``axis``."""
        return FUNCTIONS["mean"](self, axis=axis, keepdims=keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> Value:
        """Return the largest element over ``axis``."""
        return FUNCTIONS["max"](self, axis=axis, keepdims=keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> Value:
        """Return the smallest element over ``axis``."""
        return FUNCTIONS["min"](self, axis=axis, keepdims=keepdims)

    def prod(self, axis: Any = None, keepdims: bool = False) -> Value:
        """Return the product over ``axis``."""
        return FUNCTIONS["prod"](self, axis=axis, keepdims=keepdims)

    def var(self, axis: Any = None, keepdims: bool = False, ddof: int = 0) -> Value:
        """Return the variance over ``axis``."""
        return FUNCTIONS["var"](self, axis=axis, keepdims=keepdims, ddof=ddof)

    def std(self, axis: Any = None, keepdims: bool = False, ddof: int = 0) -> Value:
        """Return the standard deviation over ``axis``."""
        return FUNCTIONS["std"](self, axis=axis, keepdims=keepdims, ddof=ddof)

    def norm(self, axis: Any = None, keepdims: bool = False) -> Value:
        """Return the Euclidean length over ``axis``."""
        return FUNCTIONS["norm"](self, axis=axis, keepdims=keepdims)

    def reshape(self, *shape: Any) -> Value:
        """Return the same elements in another shape; one length may be -1."""
        return FUNCTIONS["reshape"](self, shape[0] if len(shape) == 1 else shape)

    def transpose(self, *axes: Any) -> Value:
        """Return the value with its axes reversed, or in the order ``axes``."""
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes or None
        return FUNCTIONS["transpose"](self, order)

    def squeeze(self, axis: Any = None) -> Value:
        """Return the value without its axes of length 1."""
        return FUNCTIONS["squeeze"](self, axis)

    def ravel(self) -> Value:
        """Return all elements along one axis."""
        return FUNCTIONS["ravel"](self)

    def flatten(self) -> Value:
        """Return all elements along one axis."""
        return FUNCTIONS["ravel"](self)

    def swapaxes(self, axis1: int, axis2: int) -> Value:
        """Return the value with two axes in each other's place."""
        return FUNCTIONS["swapaxes"](self, axis1, axis2)

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Value:
        """Return the elements whose places along two axes are equal."""
        return FUNCTIONS["diagonal"](self, offset, axis1, axis2)

    def trace(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Value:
        """Return the sum of the diagonal."""
        return FUNCTIONS["trace"](self, offset, axis1, axis2)

    def take(self, indices: Any, axis: int | None = None) -> Value:
        """Return the elements at some places along ``axis``."""
        return FUNCTIONS["take"](self, indices, axis)

    def repeat(self, repeats: Any, axis: int | None = None) -> Value:
        """Return every element repeated along ``axis``."""
        return FUNCTIONS["repeat"](self, repeats, axis)

    def cumsum(self, axis: int | None = None) -> Value:
        """Return the sum of all elements up to each along ``axis``."""
        return FUNCTIONS["cumsum"](self, axis)

    def dot(self, b: Any) -> Value:
        """Return the product with a scalar, a vector or a matrix."""
        return FUNCTIONS["dot"](self, b)

    def round(self, decimals: int = 0) -> Value:
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

    def astype(self, dtype: Any) -> Value:
        """Return the value in another floating type."""
        return FUNCTIONS["astype"](self, dtype)

    def clip(self, a_min: Any = None, a_max: Any = None) -> Value:
        """Return the value limited to the interval from ``a_min`` to ``a_max``."""
        return FUNCTIONS["clip"](self, a_min, a_max)

    def exp(self) -> Value:
        """Return e to the power of each element."""
        return FUNCTIONS["exp"](self)

    def log(self) -> Value:
        """Return the natural logarithm of each element."""
        return FUNCTIONS["log"](self)

    def sqrt(self) -> Value:
        """Return the square root of each element."""
        return FUNCTIONS["sqrt"](self)

    def square(self) -> Value:
        """Return the square of each element."""
        return FUNCTIONS["square"](self)

    def sin(self) -> Value:
        """Return the sine of each element."""
        return FUNCTIONS["sin"](self)

    def cos(self) -> Value:
        """Return the cosine of each element."""
        return FUNCTIONS["cos"](self)

    def tanh(self) -> Value:
        """Return the hyperbolic tangent of each element."""
        return FUNCTIONS["tanh"](self)

    def sigmoid(self) -> Value:
        """Return the logistic function of each element."""
        return FUNCTIONS["sigmoid"](self)

    def relu(self) -> Value:
        """Return each element, or 0 where it is negative."""
        return FUNCTIONS["relu"](self)

    def softmax(self, axis: Any = -1) -> Value:
        """Return the exponentials divided by their sum over ``axis``."""
        return FUNCTIONS["softmax"](self, axis)


def _is_numbers(x: Any) -> bool:
    return isinstance(x, Number | list | tuple) or hasattr(type(x), "__array__")
