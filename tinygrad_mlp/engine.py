"""All of autodiff in one sitting: the operation, the table of them, the graph, the gradient.

An ``Op`` is one row of the table ``OPS``: a forward formula and, for each argument, a rule that
turns the gradient of the result into that argument's share.  Calling an op on a ``Value`` computes
the result and remembers the arguments.  ``grad`` walks this history backwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ContextDecorator
from contextvars import ContextVar
from itertools import count
from operator import attrgetter
from typing import Any, overload

import numpy as np
from numpy import float64, ndarray

from tinygrad_mlp import kernels
from tinygrad_mlp.errors import DataTypeError, GraphError, ShapeError
from tinygrad_mlp.operators import FUNCTIONS, Operators

Rule = Callable[..., Any]
Array = kernels.Array

#: Intervals of arguments, open at both ends, on which an op is defined and smooth enough to test.
REALS = (-np.inf, np.inf)
POSITIVE = (0.0, np.inf)
UNIT_INTERVAL = (0.0, 1.0)

OPS: dict[str, Op] = {}

_NO_OPTIONS: Mapping[str, Any] = {}
_next_number = count().__next__
_scope: ContextVar[str | None] = ContextVar("scope", default="")  # None: nothing is recorded
_current_scope = _scope.get


class Op:
    r"""One row of the table: everything that this package knows of one operation.

    Parameters
    ----------
    name : str
        The function's name, in NumPy's spelling where NumPy has it.
    parameters : str
        Names of the arguments, separated by spaces; ``"*arrays"`` takes any number.
    forward : str
        The value as a NumPy expression over ``{argument}``, ``{option}`` and the kernels.
    vjps : iterable of callables or None
        One rule for each argument, ``rule(g, out, *arguments, **options)``: the gradient ``g`` of
        the result times the derivative by that argument.  Broadcasting need not be undone.  A
        rule is written in functions and operators that take arrays and Values alike.  None: the
        derivative is zero.
    options : dict, optional
        Names and defaults of what is not differentiated, such as ``axis``.
    prepare : callable, optional
        ``prepare(*arrays, **options)`` raises for arguments that do not fit, and returns the
        options in one canonical form.
    latex, symbol, shapes, domain, doc, example
        The formula; what a drawing shows; the shapes as in ``"(n,k),(k,m)->(n,m)"``; the interval
        of the arguments; a sentence; a doctest.
    selects : bool
        The result is chosen from the arguments, and what was not chosen must not matter.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.OPS["multiply"].latex.format(x="a", y="b")
    'a \\odot b'
    """

    def __init__(
        self,
        name: str,
        parameters: str,
        *,
        forward: str,
        vjps: Iterable[Rule | None],
        latex: str,
        doc: str,
        example: str = "",
        options: dict[str, Any] | None = None,
        prepare: Callable[..., dict[str, Any]] | None = None,
        symbol: str | None = None,
        shapes: str = "(...)->(...)",
        domain: tuple[float, float] = REALS,
        selects: bool = False,
    ) -> None:
        self.__name__ = name
        self.parameters = tuple(parameters.split())
        self.options = options or {}
        self.forward = forward
        self.vjps = vjps
        self.latex = latex
        self.doc = doc
        self.prepare = prepare
        self.symbol = symbol or name
        self.shapes = shapes
        self.domain = domain
        self.selects = selects
        plain = not self.options and prepare is None and not parameters.startswith("*")
        self.simple_arity = len(self.parameters) if plain else -1
        # Each element of the result is made of those at the same place.
        self.elementwise = not self.options and not shapes.replace("(...)", "").strip(",->")
        names = [parameter.lstrip("*") for parameter in (*self.parameters, *self.options)]
        signature = ", ".join((*self.parameters, *self.options))
        expression = forward.format(**{name: name for name in names})
        namespace = {"np": np, **vars(kernels)}
        self.compute: Callable[..., Array] = eval(f"lambda {signature}: {expression}", namespace)  # noqa: S307  the table's own text
        self.__doc__ = _docstring(self, example)
        OPS[name] = FUNCTIONS[name] = self

    @property
    def name(self) -> str:
        """The function's name."""
        return self.__name__

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Return the value for ``args``: an array for arrays, a recorded Value for Values."""
        if options or len(args) != self.simple_arity:
            args, options = self._bind(args, options)
        inputs = []
        recorded = False
        for argument in args:
            kind = type(argument)
            if kind is Value:
                inputs.append(argument._data)
                recorded = True
            elif (
                kind is float64 or kind is float or (kind is ndarray and argument.dtype.kind == "f")
            ):
                inputs.append(argument)
            else:
                args, inputs, recorded = self._with_constants(args)
                break
        if self.prepare is not None:
            options = self.prepare(*inputs, **options)
        if not recorded and all(type(x) is float for x in inputs):
            inputs = [float64(x) for x in inputs]  # a Python float divided by zero raises
        try:
            data = self.compute(*inputs, **options)
        except (ValueError, IndexError, TypeError) as error:
            raise self._explained(error, args, inputs, options) from None
        if type(data) is ndarray and data.ndim == 0:
            data = data[()]
        if not recorded:
            return data
        scope = _current_scope()
        node = Value.__new__(Value)
        node._data = data
        node.grad = None
        node.label = None
        node.number = _next_number()
        if scope is None:
            node._become_leaf()
            return node
        node.op = self
        node.args = args
        node.inputs = tuple(inputs)
        node.options = options or _NO_OPTIONS
        node.scope = scope
        return node

    def __reduce__(self) -> tuple[Any, ...]:
        return _row, (self.name,)  # copies and pickles are the row itself

    def __repr__(self) -> str:
        return f"<op {self.signature}>"

    @property
    def signature(self) -> str:
        """The call as one would write it, such as ``sum(x, axis=None, keepdims=False)``."""
        options = (f"{name}={default!r}" for name, default in self.options.items())
        return f"{self.name}({', '.join((*self.parameters, *options))})"

    def _bind(self, args: tuple[Any, ...], options: dict[str, Any]) -> tuple[Any, Any]:
        """Sort positional and keyword arguments into arguments and options, as Python does."""
        bound = {**self.options, **options}
        if self.parameters[0].startswith("*"):
            count = len(args)
        else:
            count = len(self.parameters)
            named = [bound.pop(name) for name in self.parameters[len(args) :] if name in bound]
            args = (*args, *named)
        extra = dict(zip(self.options, args[count:], strict=False))
        unknown = bound.keys() - self.options.keys() | (extra.keys() & options.keys())
        if len(args) < count or len(args) > count + len(self.options) or unknown:
            wrong = f"arguments {', '.join(sorted(unknown))}" if unknown else f"{len(args)} given"
            raise TypeError(f"{self.signature} cannot be called so: {wrong}")
        return args[:count], {**bound, **extra}

    def _with_constants(self, args: tuple[Any, ...]) -> tuple[tuple[Any, ...], list[Any], bool]:
        """Return the arguments with every constant checked and made an array of numbers."""
        recorded = any(type(argument) is Value for argument in args)
        names = self._names(len(args))
        args = tuple(
            argument
            if type(argument) is Value
            else _constant(
                argument,
                f"{self.name}: argument {name}",
                keep_bool=name == "condition" if self.selects else recorded,
            )
            for argument, name in zip(args, names, strict=True)
        )
        inputs = [x._data if type(x) is Value else x for x in args]
        return args, inputs, recorded

    def _explained(
        self, error: Exception, args: Any, inputs: Any, options: Mapping[str, Any]
    ) -> Exception:
        """Return the error that tells a reader of the op, not of NumPy, what went wrong."""
        names = self._names(len(args))
        labels = [argument.label if isinstance(argument, Value) else None for argument in args]
        got = ", ".join(
            f"{name} of shape {np.shape(x)}" + (f" (label {label!r:.80})" if label else "")
            for name, x, label in zip(names, inputs, labels, strict=True)
        )
        if len(args) > 1:
            return ShapeError(f"{self.name}: {got} do not fit together; wanted {self.shapes}")
        kind = next((k for k in (IndexError, TypeError) if isinstance(error, k)), ShapeError)
        extra = "".join(f", {name} = {value!r}" for name, value in options.items())
        return kind(f"{self.name}: {error}; got {got}{extra}")

    def _names(self, count: int) -> Sequence[str]:
        """Return a name for each of ``count`` arguments."""
        if len(self.parameters) == count:
            return self.parameters
        return [f"{self.parameters[0].lstrip('*')}[{position}]" for position in range(count)]


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
        The number or numbers; a scalar where the shape is ``()``.
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

    # inputs: the arrays that the op saw.  Rules read these, so that assigning other data to an
    # argument between the forward and the backward pass cannot mix old numbers with new ones.
    # number: counts births; parents are older than children, so sorting by it is topological.
    __slots__ = (
        "__weakref__",
        "_data",
        "args",
        "grad",
        "inputs",
        "label",
        "number",
        "op",
        "options",
        "scope",
    )

    _data: Array
    args: tuple[Any, ...]
    grad: Array | None
    inputs: Sequence[Array]
    label: str | None
    number: int
    op: Op | None
    options: Mapping[str, Any]
    scope: str

    def __init__(self, data: Any, label: str | None = None) -> None:
        if label is not None and not isinstance(label, str):
            raise TypeError(f"Value: label must be a str or None, got {label!r}")
        self._data = as_numbers(data, "Value: data", copy=True)
        self.grad = None
        self.label = label
        self.number = _next_number()
        self._become_leaf()

    def _become_leaf(self) -> None:
        self.op = None
        self.args = ()
        self.inputs = ()
        self.options = _NO_OPTIONS
        self.scope = _current_scope() or ""

    @property
    def data(self) -> Array:
        """The number or numbers; those of a leaf can be assigned, keeping shape and dtype."""
        return self._data

    @data.setter
    def data(self, new: Any) -> None:
        if self.op is not None:
            raise GraphError(
                f"Value.data: {self.described()} was computed, and its gradient needs that number; "
                "assign to the data of what it was computed from, or make a new Value"
            )
        if new is self._data:  # what ``value.data -= step`` assigns after changing it in place
            return
        numbers = as_numbers(new, "Value.data", copy=True)
        if numbers.shape != self._data.shape:
            raise ShapeError(
                f"Value.data: {self.described()} keeps its shape, got shape {numbers.shape}; "
                "make a new Value for another shape"
            )
        self._data = numbers.astype(self._data.dtype, copy=False)

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
        order = history(self)
        seed = _seed(self, gradient, create_graph)
        leaves = []
        for value, cotangent in _pull_back(seed, order, create_graph):
            if value.op is None:
                leaves.append((value, cotangent))
            elif retain_grads:
                value.grad = cotangent
        # Only now, when nothing can fail any more, does anything accumulate.
        for leaf, cotangent in leaves:
            if leaf.grad is not None:
                leaf.grad = leaf.grad + cotangent
            else:
                leaf.grad = cotangent if create_graph else _owned(cotangent)

    def __reduce__(self) -> tuple[Any, ...]:
        if self.op is not None:
            raise GraphError(
                f"{self.described()} is inside a graph and cannot be copied or pickled with it; "
                "copy its numbers: tg.Value(value.data, value.label)"
            )
        return _restore, (type(self), self._data, self.grad, self.label)


def _row(name: str) -> Op:
    return OPS[name]


def _restore(cls: type[Value], data: Array, grad: Array | None, label: str | None) -> Value:
    value = cls(data, label)  # a number of its own: births are counted in each process
    value.grad = grad
    return value


# ----- The graph -----


def history(*values: Value) -> list[Value]:
    """Return the values and all that they were made from, in the order of their birth.

    Parents stand before their children.  Takes time in proportion to the graph, without recursion.

    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(2.0, label="x")
    >>> history(x * x + 1.0)
    [Value(2.0, label='x'), Value(4.0, op='multiply'), Value(5.0, op='add')]
    """
    found = set(values)  # the set's own order never shows: the result is sorted
    waiting = list(found)
    while waiting:
        value = waiting.pop()
        for parent in value.args:
            if type(parent) is not Value:
                continue
            if parent.number >= value.number:
                raise ValueError(
                    f"the graph has a cycle: {parent.described()} is an argument of "
                    f"{value.described()}, which is not younger; the args of a value must not be "
                    "changed"
                )
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return sorted(found, key=attrgetter("number"))


class _Setting(ContextDecorator):
    """Replaces the current scope inside a ``with`` block or a decorated function."""

    def __init__(self) -> None:
        self._outer: list[str | None] = []

    def _inner(self, outer: str | None) -> str | None:
        raise NotImplementedError

    def __enter__(self) -> None:
        outer = _scope.get()
        self._outer.append(outer)
        _scope.set(self._inner(outer))

    def __exit__(self, *exception: object) -> None:
        _scope.set(self._outer.pop())


class scope(_Setting):  # noqa: N801  used like a function, as contextlib's are
    """Give every value made inside a ``with`` block a place, such as the name of a layer.

    >>> import tinygrad_mlp as tg
    >>> with tg.scope("encoder"), tg.scope("layer1"):
    ...     tg.Value(1.0).scope
    'encoder/layer1'
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        if not isinstance(name, str) or not name:
            raise ValueError(f"scope: name must be a text of at least one letter, got {name!r}")
        self._name = name

    def _inner(self, outer: str | None) -> str | None:
        return f"{outer}/{self._name}" if outer else self._name if outer == "" else None


class no_grad(_Setting):  # noqa: N801  as scope
    """Compute without recording: Values made inside a ``with`` block are leaves.

    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(3.0)
    >>> with tg.no_grad():
    ...     y = x * x
    >>> y.op is None
    True
    """

    def _inner(self, outer: str | None) -> None:
        return None


# ----- The gradient -----


@overload
def grad(
    output: Value, inputs: Value, gradient: Any = None, *, create_graph: bool = False
) -> Any: ...
@overload
def grad(
    output: Value, inputs: Sequence[Value], gradient: Any = None, *, create_graph: bool = False
) -> list[Any]: ...
def grad(
    output: Value,
    inputs: Value | Sequence[Value],
    gradient: Any = None,
    *,
    create_graph: bool = False,
) -> Any:
    """Return the gradient of ``output`` by ``inputs``, without touching any ``.grad``.

    Parameters
    ----------
    output : Value
        What is differentiated; a scalar unless ``gradient`` is given.
    inputs : Value or sequence of Values
        By what; zeros come back for those that ``output`` was not made from.
    gradient : array_like, same shape as ``output``, optional
        The upstream gradient; 1 for a scalar.
    create_graph : bool
        Record the backward pass: the results are Values that can be differentiated again.

    Returns
    -------
    ndarray, NumPy scalar or Value; or a list of them, one for each of ``inputs``
        Each with the shape and dtype of its input.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(2.0)
    >>> slope = tg.grad(x**3, x, create_graph=True)
    >>> slope.item(), tg.grad(slope, x)
    (12.0, np.float64(12.0))
    """
    wanted = [inputs] if isinstance(inputs, Value) else list(inputs)
    for position, value in enumerate(wanted):
        if not isinstance(value, Value):
            raise TypeError(f"grad: inputs[{position}] must be a Value, got {type(value).__name__}")
    if not isinstance(output, Value):
        raise TypeError(f"grad: output must be a Value, got {type(output).__name__}")
    seed = _seed(output, gradient, create_graph)
    # Only what leads from an input to the output needs a cotangent.
    needed = set(wanted)
    order = []
    for value in history(output):
        if value in needed or not needed.isdisjoint(_parents(value)):
            needed.add(value)
            order.append(value)
    found: dict[Value, Any] = {}
    if order and order[-1] is output:
        targets = set(wanted)
        pairs = _pull_back(seed, order, create_graph, needed)
        found = {value: cotangent for value, cotangent in pairs if value in targets}
    if create_graph:
        results = [found[v] if v in found else Value(np.zeros_like(v.data)) for v in wanted]
    else:
        results = [_owned(found[v]) if v in found else np.zeros_like(v.data)[()] for v in wanted]
    return results[0] if isinstance(inputs, Value) else results


def zero_grad(*values: Value | Iterable[Value]) -> None:
    """Set ``.grad`` of Values, or of every Value in lists of them, back to None.

    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(2.0)
    >>> (x * x).backward()
    >>> tg.zero_grad(x)
    >>> x.grad is None
    True
    """
    flat = [v for item in values for v in ([item] if isinstance(item, Value) else item)]
    for value in flat:
        if not isinstance(value, Value):
            raise TypeError(f"zero_grad: wanted Values, got {type(value).__name__}")
    for value in flat:
        value.grad = None


def _parents(value: Value) -> list[Value]:
    return [parent for parent in value.args if type(parent) is Value]


def _seed(output: Value, gradient: Any, create_graph: bool) -> Any:
    """Return the upstream gradient as data of the output's shape and dtype."""
    data = output._data
    if gradient is None:
        if data.size != 1:
            raise GraphError(
                f"only a scalar has a gradient of its own, not {output.described()}; "
                "give the upstream gradient, an array of that shape, or reduce with .sum() first"
            )
        seed = np.ones_like(data)[()]
    elif isinstance(gradient, Value):
        seed = gradient if create_graph else gradient._data
    else:
        seed = as_numbers(gradient, "gradient", copy=True)
    if seed.shape != data.shape:
        raise ShapeError(f"gradient has shape {seed.shape}, wanted that of {output.described()}")
    if isinstance(seed, Value):
        return seed
    seed = seed.astype(data.dtype, copy=False)
    return _leaf(seed) if create_graph else seed


def _pull_back(
    seed: Any, order: list[Value], recorded: bool, inside: set[Value] | None = None
) -> Iterator[tuple[Value, Any]]:
    """Yield every value of ``order``, last first, with its finished cotangent.

    This is reverse mode: a value is reached when all its children have been, and hands each
    parent the share that the rule of its op gives.  With ``recorded`` the rules see Values, and
    the backward pass becomes a graph itself.  Parents that are not ``inside`` get nothing.
    """
    cotangents: dict[Value, Any] = {order[-1]: seed}
    guarded = False
    for value in reversed(order):
        g = cotangents.pop(value, None)
        if g is None:
            continue  # every path from here to the output has derivative zero
        yield value, g
        op = value.op
        if op is None:
            continue
        guarded = guarded or op.selects
        options = value.options
        if recorded:
            _check_unchanged(value)
            known = (g, value, *value.args)
        else:
            known = (g, value._data, *value.inputs)
        for parent, seen, rule in zip(value.args, value.inputs, op.vjps):  # noqa: B905  some vjps are endless
            if type(parent) is not Value or rule is None:
                continue
            if inside is not None and parent not in inside:
                continue
            if guarded:
                share = _guarded(op, rule, known, options)
            else:
                share = rule(*known, **options) if options else rule(*known)
            if type(share) is not float64 or type(seen) is not float64:
                share = _fitted(share, seen)
            earlier = cotangents.get(parent)
            cotangents[parent] = share if earlier is None else earlier + share


def _fitted(share: Any, like: Array) -> Any:
    """Return the share in the shape and dtype of the argument that it belongs to."""
    if share.shape != like.shape:
        share = FUNCTIONS["sum_to"](share, shape=like.shape)
    if share.dtype != like.dtype:
        share = FUNCTIONS["astype"](share, dtype=like.dtype)
    return share[()] if type(share) is ndarray and share.ndim == 0 else share


def _check_unchanged(value: Value) -> None:
    """Refuse to record a backward pass through Values that no longer hold what the op saw."""
    for argument, seen in zip(value.args, value.inputs, strict=True):
        if type(argument) is Value and argument._data is not seen:
            raise GraphError(
                f"the data of {argument.described()} was assigned after it was used in "
                f"{value.described()}, so a recorded backward pass would mix old and new numbers; "
                "compute the output again"
            )


def _guarded(op: Op, rule: Rule, known: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
    """Apply a rule below a selection: where no gradient arrives, none may leave.

    The branch that ``where`` did not take may have an infinite or undefined derivative, and zero
    times that would be nan.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        share = rule(*known, **options)
    upstream, numbers = (x._data if type(x) is Value else x for x in (known[0], share))
    silent = np.equal(upstream, 0)
    if "keepdims" in options:
        if options["axis"] and not options["keepdims"]:
            silent = np.expand_dims(silent, options["axis"])
    elif not op.elementwise:
        silent = silent.all()  # here every element of the share is made of the whole gradient
    undefined = silent & ~np.isfinite(numbers)
    return FUNCTIONS["where"](undefined, 0.0, share) if undefined.any() else share


# ----- Data -----


def _constant(argument: Any, name: str, *, keep_bool: bool) -> Any:
    """Return a constant as numbers; one of Python's stays so, for it does not widen float32."""
    numbers = as_numbers(argument, name, keep_bool=keep_bool)
    weak = isinstance(argument, int | float) and not isinstance(argument, np.generic)
    return float(numbers) if weak and numbers.dtype.kind == "f" else numbers


def as_numbers(data: Any, name: str, *, copy: bool = False, keep_bool: bool = False) -> Array:
    """Return ``data`` as a floating-point array, or as a NumPy scalar if it has no axes.

    Parameters
    ----------
    data : array_like
        Real numbers: Python's, NumPy's, nested lists of them, or anything with ``__array__``.
    name : str
        What to call it in an error message.
    copy : bool
        The result shares no memory with ``data``.
    keep_bool : bool
        Leave bools as they are, as a mask that is multiplied with.

    Raises
    ------
    DataTypeError
        If it is not made of real numbers.
    """
    if isinstance(data, Value):
        raise DataTypeError(
            f"{name} is already a Value, {data.described()}; take its numbers with .data"
        )
    if isinstance(data, np.ma.MaskedArray):
        raise DataTypeError(f"{name} is a masked array, and the mask would be lost; use .filled()")
    if isinstance(data, int) and not isinstance(data, bool):
        try:
            return float64(data)
        except OverflowError:
            raise OverflowError(f"{name} is an int too large for a float") from None
    if isinstance(data, str | bytes) or data is None:
        raise DataTypeError(f"{name} must be made of real numbers, got {data!r:.80}")
    try:
        array = np.array(data, copy=True if copy else None, subok=False)
    except (ValueError, TypeError):
        raise DataTypeError(
            f"{name} must be numbers or a table of numbers with rows of one length "
            f"(tg.stack joins Values), got {type(data).__name__} {data!r:.80}"
        ) from None
    kind = array.dtype.kind
    if kind in "iu" or (kind == "b" and not keep_bool):
        array = array.astype(float64)
    elif kind not in "fb":
        what = "complex numbers" if kind == "c" else f"dtype {array.dtype}"
        raise DataTypeError(f"{name} must be made of real numbers, got {what}: {data!r:.80}")
    elif not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    return array if array.ndim else array[()]


def _leaf(data: Array) -> Value:
    """Return a leaf that shares the memory of ``data``, which is known to be good."""
    value = Value.__new__(Value)
    value._data = data
    value.grad = None
    value.label = None
    value.number = _next_number()
    value._become_leaf()
    return value


def _owned(array: Array) -> Array:
    """Return an array that nobody else holds: rules may pass one on, or give a view."""
    return array.copy() if type(array) is ndarray else array


def _docstring(op: Op, example: str) -> str:
    """Write the docstring of a row from the row."""
    formula = op.latex.format(**{p.lstrip("*"): p.lstrip("*") for p in op.parameters}, **op.options)
    lines = [op.doc, "", f"    $ {formula} $", "", "Parameters", "----------"]
    shapes = op.shapes.split("->")[0].replace("),(", ") (").split()
    for parameter, shape in zip(op.parameters, shapes, strict=False):
        lines.append(f"{parameter} : Value or array_like, shape {shape}")
    lines += [f"{name} : optional, default {value!r}" for name, value in op.options.items()]
    lines += ["", "Returns", "-------"]
    lines += [f"Value or ndarray, shape {op.shapes.split('->')[1]}"]
    lines += ["    A Value if any argument is one."]
    if example:
        lines += ["", "Examples", "--------", ">>> import tinygrad_mlp as tg", example]
    return "\n".join(lines)
