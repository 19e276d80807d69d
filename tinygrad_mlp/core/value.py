"""A Value: its data, its name, its gradient, and what it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any, Never

from tinygrad_mlp._support.display import mimebundle
from tinygrad_mlp.core.assigning import assigned_data, assigned_gradient
from tinygrad_mlp.core.context import current
from tinygrad_mlp.core.functions import METHODS
from tinygrad_mlp.core.numbers import as_numbers
from tinygrad_mlp.core.op import Row
from tinygrad_mlp.core.operators import Operators
from tinygrad_mlp.core.ownership import lend, to_read
from tinygrad_mlp.core.watching import watch
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.kernels import Array

_NO_OPTIONS: Mapping[str, Any] = {}
new = object.__new__
next_number = count().__next__


class Value(Operators):
    """A scalar or a tensor in a computational graph.

    Parameters
    ----------
    data : float, array_like or scalar
        Real numbers; copied.  Floating types are kept, integers and bools become float64.
    label : str, optional
        A name, shown in drawings, in ``repr`` and in error messages.

    Attributes
    ----------
    data : ndarray or NumPy scalar
        The number or numbers; a scalar where the shape is ``()``.  That of a leaf may be changed
        and assigned, that of a computed value is read-only.
    grad : ndarray, NumPy scalar or None
        The gradient of the last ``backward()``; None where none was computed.
    op, args, options
        The op that made this value and what it was called with; None and empty for a leaf.

    Raises
    ------
    DataTypeError
        If the data is text, None, complex, an object or another Value.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(3.0, label="x")
    >>> y = x * x + 1.0
    >>> y.backward()
    >>> y, x.grad
    (Value(10.0, op='add'), np.float64(6.0))
    """

    # inputs: the arrays that the op saw, read-only ever since.  Rules read these, so nothing that
    # happens between the forward and the backward pass can mix old numbers with new ones.
    # slope: the derivative, where the op computed it along with the value; else None.
    # number: counts births; parents are older than children, so sorting by it is topological.
    # options: what the op was called with besides; of a leaf that an op made while nothing was
    # recorded, that op.
    __slots__ = (
        "__weakref__",
        "_grad",
        "_numbers",
        "args",
        "inputs",
        "label",
        "number",
        "op",
        "options",
        "scope",
        "slope",
    )

    _numbers: Array
    _grad: Array | None
    args: tuple[Any, ...]
    inputs: tuple[Array, ...]
    label: str | None
    number: int
    op: Row | Any  # None for a leaf; readers who know better need not ask
    options: Mapping[str, Any]
    scope: str
    slope: Array | None

    def __init__(self, data: Any, label: str | None = None) -> None:
        if label is not None and not isinstance(label, str):
            raise TypeError(f"Value: label must be a str or None, got {label!r}")
        numbers = as_numbers(data, "Value: data", copy=True)
        filled(self, numbers, None, (), (), None, _NO_OPTIONS)
        self.label = label

    def __copy__(self) -> Value:
        return METHODS["copy"](self)  # type: ignore[no-any-return]  # of the table

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        return METHODS["deepcopy"](self, memo)  # type: ignore[no-any-return]  # as above

    _repr_mimebundle_ = mimebundle  # the picture that a notebook shows

    def __init_subclass__(cls) -> Never:
        raise TypeError("Value cannot be subclassed: an op makes Values; write functions of them")

    @property
    def data(self) -> Array:
        """The number or numbers; those of a leaf can be changed and assigned."""
        if current().recorder is not None:
            return to_read(self.known(".data"))
        return lend(self)

    @data.setter
    def data(self, new: Any) -> None:
        self._numbers = assigned_data(self, new)

    @property
    def grad(self) -> Any:
        """The gradient of the last ``backward()``; it can be assigned, in the value's shape.

        >>> import tinygrad_mlp as tg
        >>> w = tg.Value([1.0, 2.0])
        >>> w.grad = 0  # as None, but there to be added to
        >>> (w * w).backward([1.0, 1.0])
        >>> w.grad
        array([2., 4.])
        """
        recorder = current().recorder
        if recorder is not None and self._grad is not None:
            recorder.refuse_grad(self)
        return self._grad

    @grad.setter
    def grad(self, new: Any) -> None:
        self._grad = assigned_gradient(self, new)

    def adopt(self, numbers: Array) -> None:
        """Take an array of the right shape and dtype for the data, without a copy.

        For training loops; the caller must not touch the array any more.

        >>> import numpy as np
        >>> import tinygrad_mlp as tg
        >>> w = tg.Value([1.0, 2.0])
        >>> w.adopt(np.array([3.0, 4.0]))
        >>> w
        Value([3., 4.], shape=(2,))
        """
        self.check_writable("adopt")
        mine = self._numbers
        if self.op is not None or numbers.shape != mine.shape or numbers.dtype != mine.dtype:
            raise ShapeError(
                f"adopt: {self.described()} and dtype {self.dtype} must be a leaf and takes its "
                f"like, got shape {numbers.shape} and dtype {numbers.dtype}"
            )
        self._numbers = numbers

    def numpy(self) -> Array:
        """Return the number or numbers to read, without a copy.

        >>> import tinygrad_mlp as tg
        >>> tg.Value([1.0, 2.0]).numpy().flags.writeable
        False
        """
        return to_read(self.known(".numpy()"))

    def backward(
        self,
        gradient: Any = None,
        *,
        create_graph: bool = False,
        retain_grads: bool = True,
    ) -> None:
        """Compute the gradient of this value by every value that it was made from.

        Leaves *add* it to their ``.grad`` (``zero_grad`` clears); interior values get theirs
        afresh, so that a second call is exact.

        Parameters
        ----------
        gradient : array_like, same shape as this value, optional
            The upstream gradient; 1 for a scalar.
        create_graph : bool
            Record the backward pass too: gradients are Values that can be differentiated again.
        retain_grads : bool
            Keep the gradients of interior values; False frees each as soon as it is used.

        Raises
        ------
        GraphError
            If this value is not a scalar and ``gradient`` is missing.
        ShapeError
            If ``gradient`` has another shape.

        Examples
        --------
        >>> import tinygrad_mlp as tg
        >>> x = tg.Value([1.0, 2.0])
        >>> (x * x).backward([1.0, 10.0])
        >>> x.grad
        array([ 2., 40.])
        """
        METHODS["backward"](self, gradient, create_graph, retain_grads)


def filled(
    value: Value, data: Array, op: Row | None, args: Any, inputs: Any, slope: Any, options: Any
) -> Value:
    """Return the Value itself, filled in: the one place in which a node of a graph comes to be."""
    context = current()
    value._numbers = data
    value._grad = None
    value.label = None
    value.number = next_number()
    value.op = op
    value.args = args
    value.inputs = inputs
    value.slope = slope
    value.options = options or _NO_OPTIONS
    value.scope = context.scope
    if context.watched:
        watch(value)
    return value


def leaf_of(data: Array) -> Value:
    """Return a leaf that shares the memory of ``data``, which is known to be good."""
    return filled(new(Value), data, None, (), (), None, _NO_OPTIONS)
