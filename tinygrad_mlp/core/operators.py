"""What a ``Value`` can do besides being differentiated: operators, methods, conversions.

Nothing is computed here.  Each operator and method looks its function up in ``FUNCTIONS``, the
table of everything that takes Values, which the modules above fill.
"""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Number
from typing import Any, Never, Self

import numpy as np

from tinygrad_mlp.core.context import current, line_of
from tinygrad_mlp.core.functions import FUNCTIONS
from tinygrad_mlp.core.methods import Methods
from tinygrad_mlp.core.other_names import OtherNames
from tinygrad_mlp.core.protocols import answer, bare_numbers
from tinygrad_mlp.errors import TraceError


class Operators(Methods, OtherNames):
    """The behaviour of a Value as a number, as a NumPy array, and as text."""

    __slots__ = ()

    label: str | None
    number: int
    op: Any
    args: tuple[Any, ...]
    options: Any

    # ----- Arithmetic -----

    def __add__(self, other: Any) -> Self:
        return FUNCTIONS["add"](self, other)

    def __radd__(self, other: Any) -> Self:
        return FUNCTIONS["add"](other, self)

    def __sub__(self, other: Any) -> Self:
        return FUNCTIONS["subtract"](self, other)

    def __rsub__(self, other: Any) -> Self:
        return FUNCTIONS["subtract"](other, self)

    def __mul__(self, other: Any) -> Self:
        return FUNCTIONS["multiply"](self, other)

    def __rmul__(self, other: Any) -> Self:
        return FUNCTIONS["multiply"](other, self)

    def __truediv__(self, other: Any) -> Self:
        return FUNCTIONS["divide"](self, other)

    def __rtruediv__(self, other: Any) -> Self:
        return FUNCTIONS["divide"](other, self)

    def __pow__(self, other: Any) -> Self:
        return FUNCTIONS["power"](self, other)

    def __rpow__(self, other: Any) -> Self:
        return FUNCTIONS["power"](other, self)

    def __matmul__(self, other: Any) -> Self:
        return FUNCTIONS["matmul"](self, other)

    def __rmatmul__(self, other: Any) -> Self:
        return FUNCTIONS["matmul"](other, self)

    def __neg__(self) -> Self:
        return FUNCTIONS["negative"](self)

    def __pos__(self) -> Self:
        return self

    def __abs__(self) -> Self:
        return FUNCTIONS["abs"](self)

    def __round__(self, decimals: int | None = None) -> Self:
        return FUNCTIONS["round"](self, decimals or 0)

    def __mod__(self, other: Any) -> Self:
        return FUNCTIONS["remainder"](self, other)

    def __rmod__(self, other: Any) -> Self:
        return FUNCTIONS["remainder"](other, self)

    def __floordiv__(self, other: Any) -> Self:
        return FUNCTIONS["floor_divide"](self, other)

    def __rfloordiv__(self, other: Any) -> Self:
        return FUNCTIONS["floor_divide"](other, self)

    def __divmod__(self, other: Any) -> tuple[Self, Self]:
        return FUNCTIONS["divmod"](self, other)

    def __rdivmod__(self, other: Any) -> tuple[Self, Self]:
        return FUNCTIONS["divmod"](other, self)

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
            if current().recorder is not None:
                return answer(function, (self, other))
            with np.errstate(invalid="ignore"):  # nan is equal to nothing, which is no news
                equal = self._numbers == bare_numbers(other)  # unlike np.equal it takes text
            return equal if function is np.equal else np.logical_not(equal)
        if self.dtype.kind != "f" or other.dtype.kind != "f":  # an answer, while compiling
            return answer(function, (self, other))
        recorder = current().recorder
        if recorder is not None or self.is_differentiated() or other.is_differentiated():
            raise TraceError(
                f"{'' if recorder is None else f'{recorder.task}: '}== and != would ask whether "
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

    def __getitem__(self, index: Any) -> Self:
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

    def __iter__(self) -> Iterator[Self]:
        if not self.shape:
            raise TypeError(f"a 0-d Value cannot be iterated: {self}")
        return (self[row] for row in range(self.shape[0]))

    # ----- Properties and conversions -----

    def __dir__(self) -> list[str]:
        names = object.__dir__(self)
        return [x for x in names if x not in vars(OtherNames) or x.startswith("__")]

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
    def T(self) -> Self:  # noqa: N802  NumPy's name
        """The transpose: all axes in reverse order."""
        return self.transpose()

    @property
    def mT(self) -> Self:  # noqa: N802  NumPy's name
        """The matrices of the last two axes, transposed."""
        return FUNCTIONS["swapaxes"](self, -1, -2)

    @property
    def real(self) -> Self:
        """The value itself, for it is real."""
        return self

    @property
    def imag(self) -> Self:
        """Zeros, for the value is real."""
        return FUNCTIONS["imag"](self)

    @property
    def itemsize(self) -> int:
        """Number of bytes of an element."""
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        """Number of bytes of all elements."""
        return self.size * self.itemsize

    def tolist(self) -> Any:
        """Return the numbers as a Python float, or as nested lists of them."""
        return self.plain(".tolist()").tolist()

    def item(self, *place: Any) -> float:
        """Return the one element, or that at a place, as a Python float."""
        if place:
            return float(self.plain("float() or .item()").item(*place))
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
        recorder = current().recorder
        return self._numbers if recorder is None else recorder.numbers(self, use)

    def check_writable(self, act: str) -> None:
        """Raise if a write to this value would happen only once, when a function is recorded."""
        recorder = current().recorder
        if recorder is not None:
            recorder.refuse(act)

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


def _is_numbers(x: Any) -> bool:
    return isinstance(x, Number | list | tuple) or hasattr(type(x), "__array__")
