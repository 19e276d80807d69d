"""All of autodiff in one sitting: the operation, the table of them, the graph, the gradient.

An ``Op`` is one row of the table ``OPS``: a forward formula and, for each argument, a rule that
turns the gradient of the result into that argument's share.  Calling an op on a ``Value`` computes
the result and remembers the arguments.  ``grad`` walks this history backwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from copyreg import dispatch_table
from itertools import count
from operator import attrgetter
from sys import getrefcount
from typing import Any, Never, overload
from weakref import WeakKeyDictionary, ref

import numpy as np
from numpy import float64, ndarray

from tinygrad_mlp import kernels
from tinygrad_mlp.context import current
from tinygrad_mlp.data import as_constant, as_numbers
from tinygrad_mlp.display import mimebundle
from tinygrad_mlp.docstrings import docstring_of
from tinygrad_mlp.errors import GraphError, ShapeError, TinygradError, TraceError
from tinygrad_mlp.operators import FUNCTIONS, Operators
from tinygrad_mlp.watching import check_share, told, watch

Rule = Callable[..., Any]
Array = kernels.Array

#: Intervals of arguments, open at both ends, on which an op is defined and smooth enough to test.
REALS = (-np.inf, np.inf)
POSITIVE = (0.0, np.inf)
UNIT_INTERVAL = (0.0, 1.0)

OPS: dict[str, Op] = {}
#: Names of the rows of this package itself, which nobody may replace.
PROTECTED: set[str] = set()

# Options that say which numbers belong together; any others are the same for each number.
_PLACES = {"axes", "axis", "function", "index", "keepdims", "shape", "subscripts"}
_EXACT = 2**53  # up to here every int is a float
_NO_OPTIONS: Mapping[str, Any] = {}
next_number = count().__next__
_birth = attrgetter("number")
_blank = object.__new__

# Of which values, by number, a recorded cotangent is the gradient: y = a + b hands its own on.
# Weak at both ends: it keeps nothing alive.
_primals: WeakKeyDictionary[Value, dict[int, ref[Value]]] = WeakKeyDictionary()
# Of which leaf one in the deep copy of a graph is the copy.  Weak too.
_originals: WeakKeyDictionary[Value, ref[Value]] = WeakKeyDictionary()


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
    with_slope : str, optional
        For an elementwise function of one argument: the pair of its value and its derivative,
        where both at once take less time than one after the other.  A backward pass then
        multiplies by this derivative instead of asking the rule, unless it is None.
    functions : dict of str to callable, optional
        What ``forward`` names besides NumPy and the kernels of this package.
    latex, symbol, shapes, domain, doc, example
        The formula; what a drawing shows; the shapes as in ``"(n,k),(k,m)->(n,m)"``; the interval
        of the arguments; a sentence; a doctest.
    listed : bool
        Stands in ``OPS``, the table of derivatives; False for what asks instead of computing.
    public : bool
        A function that one would call; False for what the rules of other rows are made of.
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
        with_slope: str | None = None,
        listed: bool = True,
        public: bool = True,
        functions: Mapping[str, Callable[..., Array]] | None = None,
    ) -> None:
        if not name.isidentifier() or name in PROTECTED:
            why = "is a row of this package" if name in PROTECTED else "is no name of a function"
            raise ValueError(f"Op: name must be a new name, but {name!r} {why}")
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
        self.public = public
        plain = not self.options and not parameters.startswith("*")
        self.simple_arity = len(self.parameters) if plain else -1
        # Each element of the result is made of those at the same place.
        one_place = not shapes.replace("(...)", "").strip(",->")
        self.elementwise = one_place and not _PLACES & self.options.keys()
        names = [parameter.lstrip("*") for parameter in (*self.parameters, *self.options)]
        signature = ", ".join((*self.parameters, *self.options))
        namespace = {"np": np, **vars(kernels), **(functions or {})}

        def function(text: str) -> Callable[..., Any]:
            expression = text.format(**{name: name for name in names})
            code = compile(f"lambda {signature}: {expression}", f"<op {name}>", "eval")
            return eval(code, namespace)  # type: ignore[no-any-return]  # noqa: S307  the table's own text

        self.with_slope = with_slope
        self.compute = function(forward)
        self.compute_with_slope = function(with_slope) if with_slope else None
        self.rule_of_slope = next(iter(vjps)) if with_slope else None
        self.__doc__ = docstring_of(self, example)
        FUNCTIONS[name] = self
        if listed:
            OPS[name] = self

    @property
    def name(self) -> str:
        """The function's name."""
        return self.__name__

    # A Value in any of the first places makes the result a Value; of arrays NumPy knows as little.
    @overload
    def __call__(self, x: Value, /, *args: Any, **options: Any) -> Value: ...
    @overload
    def __call__(self, x: Any, y: Value, /, *args: Any, **options: Any) -> Value: ...
    @overload
    def __call__(self, x: Any, y: Any, z: Value, /, *args: Any, **options: Any) -> Value: ...
    @overload
    def __call__(self, *args: Any, **options: Any) -> Any: ...
    def __call__(self, *args: Any, **options: Any) -> Any:  # noqa: C901, PLR0912, PLR0915  the hot path
        """Return the value for ``args``: an array for arrays, a recorded Value for Values."""
        if options or len(args) != self.simple_arity:
            args, options = self._bind(args, options)
        inputs = []
        recorded = weak = exposed = False
        for argument in args:
            kind = type(argument)
            if kind is Value:
                inputs.append(argument._numbers)
                recorded = True
                if argument.op is None:
                    exposed = True  # others can reach its array
            elif kind is float64 or (
                kind is ndarray and argument.dtype.kind == "f" and argument.ndim
            ):
                inputs.append(argument)
                exposed = True
            elif kind is float or (kind is int and -_EXACT <= argument <= _EXACT):
                inputs.append(float(argument))
                weak = True
            else:
                args, inputs, recorded = self._with_constants(args)
                weak = exposed = True
                break
        if self.prepare is not None:
            try:
                options = self.prepare(*inputs, **options) if options else self.prepare(*inputs)
            except (ValueError, IndexError, TypeError) as error:
                raise self._refused(error, args, inputs) from None
        if weak and not recorded and all(type(x) is float for x in inputs):
            inputs = [float64(x) for x in inputs]  # a Python float divided by zero raises
        slope = None
        context = current()
        try:
            if recorded and self.compute_with_slope is not None and context.recording:
                data, slope = self.compute_with_slope(*inputs)
            elif options:
                data = self.compute(*inputs, **options)
            else:
                data = self.compute(*inputs)
        except (ValueError, IndexError, TypeError) as error:
            raise self._explained(error, args, inputs, options) from None
        if type(data) is ndarray and data.ndim == 0:
            data = data[()]
        if not recorded:
            return data
        if not (context.recording or context.compiling is not None):
            is_another = any(data is x for x in inputs)
            leaf = leaf_of(data.copy() if is_another else _owned(data))
            leaf.unrecorded = self.name
            return leaf
        if exposed and (type(data) is not float64 or not self.elementwise):  # else all are scalars
            args = keep(args, inputs, data)
        node = _blank(Value)
        node._numbers = data
        node._grad = None
        node.label = None
        node.number = next_number()
        node.op = self
        node.args = args
        node.inputs = tuple(inputs)
        node.slope = slope
        node.options = options or _NO_OPTIONS
        node.scope = context.scope
        if context.watched:
            watch(node)
        if not context.recording and self.name != "stop_gradient":
            node = FUNCTIONS["stop_gradient"](node)  # a compiled function computes it anew
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
        names = self.names(len(args))
        args = tuple(
            argument
            if type(argument) is Value
            else as_constant(
                argument,
                f"{self.name}: argument {name}",
                keep_bool=name == "condition" if self.selects else recorded,
            )
            for argument, name in zip(args, names, strict=True)
        )
        inputs = [x._numbers if type(x) is Value else x for x in args]
        return args, inputs, recorded

    def _explained(
        self, error: Exception, args: Any, inputs: Any, options: Mapping[str, Any]
    ) -> Exception:
        """Return the error that tells a reader of the op, not of NumPy, what went wrong."""
        if isinstance(error, TinygradError):
            return error
        names = self.names(len(args))
        got = told(names, args, inputs)
        if len(args) > 1:
            return ShapeError(f"{self.name}: {got} do not fit together; wanted {self.shapes}")
        kind = next((k for k in (IndexError, TypeError) if isinstance(error, k)), ShapeError)
        extra = "".join(f", {name} = {value!r}" for name, value in options.items())
        return kind(f"{self.name}: {error}; got {got}{extra}")

    def _refused(self, error: Exception, args: Any, inputs: Any) -> Exception:
        """Return the error of ``prepare`` with the values that it speaks of."""
        said = str(error).removeprefix(f"{self.name}: ")
        got = told(self.names(len(args)), args, inputs)
        return type(error)(f"{self.name}: {said}; called with {got}")

    def names(self, count: int) -> Sequence[str]:
        """Return a name for each of ``count`` arguments."""
        if len(self.parameters) == count:
            return self.parameters
        return [f"{self.parameters[0].lstrip('*')}[{position}]" for position in range(count)]


def _row(name: str) -> Any:
    return OPS.get(name) or FUNCTIONS[name]


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
    # unrecorded: of a leaf, the op that made it while nothing was recorded; else None.
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
        "unrecorded",
    )

    _numbers: Array
    _grad: Array | None
    args: tuple[Any, ...]
    inputs: tuple[Array, ...]
    label: str | None
    number: int
    op: Op | Any  # None for a leaf; readers who know better need not ask
    options: Mapping[str, Any]
    scope: str
    slope: Array | None
    unrecorded: str | None

    def __init__(self, data: Any, label: str | None = None) -> None:
        if label is not None and not isinstance(label, str):
            raise TypeError(f"Value: label must be a str or None, got {label!r}")
        self._numbers = as_numbers(data, "Value: data", copy=True)
        self._grad = None
        self.label = label
        self.number = next_number()
        self._become_leaf()

    def _become_leaf(self) -> None:
        context = current()
        self.op = None
        self.args = ()
        self.inputs = ()
        self.slope = None
        self.options = _NO_OPTIONS
        self.scope = context.scope
        self.unrecorded = None
        if context.watched:
            watch(self)

    # While a transform differentiates a value, a copy would cut it off, so it is its own copy.

    def __copy__(self) -> Value:
        return self if self.is_differentiated() else self._made_again(lambda args: args)

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        if self.is_differentiated():
            return self
        twin = self._made_again(lambda args: deepcopy(args, memo))
        if self.op is not None:
            for value in history(self):
                if value.op is None and id(value) in memo:
                    _originals[memo[id(value)]] = ref(value)
        return twin

    def _made_again(self, copied: Callable[[Any], Any]) -> Value:
        """Return a twin, made as a pickle would be, of copied parts."""
        reduced: Any = dispatch_table[Value]  # see copying
        make, args = reduced(self)
        twin: Value = make(*copied(args))
        return twin

    _repr_mimebundle_ = mimebundle  # the picture that a notebook shows

    def __init_subclass__(cls) -> Never:
        raise TypeError("Value cannot be subclassed: an op makes Values; write functions of them")

    @property
    def data(self) -> Array:
        """The number or numbers; those of a leaf can be changed and assigned."""
        if current().compiling is not None:
            return _to_read(self.known(".data"))
        data = self._numbers
        if type(data) is ndarray:
            if self.op is not None:
                data.setflags(write=False)
            elif not data.flags.writeable:
                # A graph that has used an array keeps it; the caller gets a copy to do with as he
                # likes, unless that graph is gone.
                if data.base is None and getrefcount(data) < _ALONE:
                    data.setflags(write=True)
                else:
                    data = self._numbers = data.copy("K")
        return data

    @data.setter
    def data(self, new: Any) -> None:
        _check_not_compiling(".data =")
        if self.op is not None:
            raise GraphError(
                f"Value.data: {self.described()} was computed, and its gradient needs that number; "
                "assign to the data of what it was computed from, or make a new Value"
            )
        if new is self._numbers:  # what ``value.data -= step`` assigns after changing it in place
            return
        numbers = as_numbers(new, "Value.data", copy=True)
        if numbers.shape != self._numbers.shape:
            raise ShapeError(
                f"Value.data: {self.described()} keeps its shape, got shape {numbers.shape}; "
                "make a new Value for another shape"
            )
        self._numbers = numbers.astype(self._numbers.dtype, copy=False)

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
        if self._grad is not None and current().compiling is not None:
            raise TraceError(
                f"compile: .grad of {self.described()} is that of the last backward() when the "
                "function is recorded; let the function take it as an argument, or compute it with "
                "tg.grad(output, inputs)"
            )
        return self._grad

    @grad.setter
    def grad(self, new: Any) -> None:
        _check_not_compiling(".grad =")
        if new is None or new is self._grad:  # the latter is what ``value.grad *= 2`` assigns
            self._grad = new
            return
        if not isinstance(new, Value):  # a recorded gradient stays one
            numbers = as_numbers(new, "Value.grad", copy=True).astype(self.dtype, copy=False)
            is_zero = not numbers.shape and numbers == 0
            new = np.zeros_like(self._numbers)[()] if is_zero else numbers
        if new.shape != self.shape:
            raise ShapeError(
                f"Value.grad: the gradient of {self.described()} has its shape, or is 0 or None, "
                f"got shape {new.shape}"
            )
        self._grad = new

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
        _check_not_compiling("adopt")
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
        return _to_read(self.known(".numpy()"))

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
        if current().compiling is not None:
            raise TraceError(
                "compile: backward() writes .grad when the function is recorded, not when it runs; "
                "let the function return tg.grad(output, inputs), or compile "
                "tg.value_and_grad(f)"
            )
        _check_recorded(self)
        order = history(self)
        seed = _seed(self, gradient, create_graph)
        found = _pull_back(seed, order, create_graph, kept=order if retain_grads else ())
        # Only now, when nothing can fail any more, does anything change.
        for value, cotangent in found.items():
            if value.op is not None:
                value._grad = cotangent
            elif value._grad is not None:
                value._grad = value._grad + cotangent
            else:
                value._grad = cotangent if create_graph else _owned(cotangent)


# ----- The graph -----


def history(*values: Value) -> list[Value]:
    """Return the values and all that they were made from, in the order of their birth.

    Parents stand before their children.  Takes time in proportion to the graph, without recursion.

    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(2.0, label="x")
    >>> history(x * x + 1.0)
    [Value(2.0, label='x'), Value(4.0, op='multiply'), Value(5.0, op='add')]
    """
    found = set(values)
    order = list(found)
    for value in order:  # it grows while we go
        number = value.number
        for parent in value.args:
            if type(parent) is not Value:
                continue
            if parent.number >= number:
                raise ValueError(
                    f"the graph has a cycle: {parent.described()} is an argument of "
                    f"{value.described()}, which is not younger; the args of a value must not be "
                    "changed"
                )
            if parent not in found:
                found.add(parent)
                order.append(parent)
    order.sort(key=_birth)  # the set's own order never shows
    return order


def primal_of(cotangent: Value) -> Value | None:
    """Return the value whose gradient a recorded cotangent was first; None for any other value.

    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(2.0, label="x")
    >>> primal_of(tg.grad(x**3, x, create_graph=True))
    Value(2.0, label='x')
    """
    found = _primals.get(cotangent)
    return next(iter(found.values()))() if found else None


def primals_of(cotangent: Value) -> list[Value]:
    """Return all values that are still there and have this gradient.

    >>> import tinygrad_mlp as tg
    >>> a, b = tg.Value(2.0, label="a"), tg.Value(3.0, label="b")
    >>> total = a + b
    >>> primals_of(tg.grad(total, [a, b], create_graph=True)[0])
    [Value(5.0, op='add'), Value(2.0, label='a'), Value(3.0, label='b')]
    """
    found = (reference() for reference in _primals.get(cotangent, {}).values())
    return [value for value in found if value is not None]


def is_cotangent(value: Value) -> bool:
    """Return whether a value was recorded as a gradient, be it of a value that is gone.

    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(2.0)
    >>> is_cotangent(x), is_cotangent(tg.grad(x**3, x, create_graph=True))
    (False, True)
    """
    return value in _primals


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
    create_graph = create_graph or current().compiling is not None
    seed = _seed(output, gradient, create_graph)
    order = history(output)
    # Only what leads from an input to the output needs a cotangent.
    needed = set(wanted)
    is_repeated = len(needed) < len(wanted)
    for value in order:
        for parent in value.args:
            if type(parent) is Value and parent in needed:
                needed.add(value)
                break
    found: dict[Value, Any] = {}
    if output in needed:
        found = _pull_back(seed, order, create_graph, kept=wanted, inside=needed)
    else:
        _check_recorded(output)
    if _originals and any(v not in found for v in wanted):
        _check_not_copied(output, order, wanted)
    results: list[Any]
    if create_graph:
        results = [found[v] if v in found else Value(np.zeros_like(v._numbers)) for v in wanted]
    else:
        results = [
            _owned(found[v]) if v in found else np.zeros_like(v._numbers)[()] for v in wanted
        ]
        if is_repeated:
            results = [result.copy() for result in results]
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
    flat: list[Any] = []
    for item in values:
        flat += item if isinstance(item, Iterable) and not isinstance(item, Value) else [item]
    for value in flat:
        if not isinstance(value, Value):
            raise TypeError(f"zero_grad: wanted Values, got {type(value).__name__}")
    _check_not_compiling("zero_grad")
    for value in flat:
        value._grad = None


def _parents(value: Value) -> list[Value]:
    return [parent for parent in value.args if type(parent) is Value]


def _check_recorded(output: Value) -> None:
    """Raise for what was computed of other Values, but not recorded."""
    if output.op is None and output.unrecorded is not None:
        raise GraphError(
            f"{output.described()} was computed by {output.unrecorded} inside no_grad, so nobody "
            "knows what it was made from; compute it outside, or write tg.stop_gradient(x) where "
            "the derivative is meant to be 0"
        )


def _check_not_copied(output: Value, order: list[Value], wanted: list[Value]) -> None:
    """Raise if an output was made from the deep copy of a leaf instead of the leaf itself."""
    missed = set(wanted).difference(order)
    for copied in order:
        original = _originals.get(copied)
        value = None if original is None else original()
        if value in missed:
            raise GraphError(
                f"{output.described()} was made from a deep copy, which has leaves of its own "
                f"instead of {value.described()}; differentiate by the leaves of the copy, or use "
                "the value itself, which nobody can change"
            )


def _check_not_compiling(act: str) -> None:
    """Raise if a write to a Value would be done once, when a function is recorded."""
    if current().compiling is not None:
        raise TraceError(
            f"compile: {act} would write to a Value when the function is recorded, not when it "
            "runs; return the new numbers, and assign them outside"
        )


def _seed(output: Value, gradient: Any, create_graph: bool) -> Any:
    """Return the upstream gradient as data of the output's shape and dtype."""
    data = output._numbers
    if gradient is None:
        if data.size != 1:
            raise GraphError(
                f"only a scalar has a gradient of its own, not {output.described()}; "
                "give the upstream gradient, an array of that shape, or reduce with .sum() first"
            )
        one = np.ones_like(data) if type(data) is ndarray else data.dtype.type(1)
        return leaf_of(one) if create_graph else one
    if isinstance(gradient, Value):
        seed = gradient if create_graph else gradient._numbers.copy()
    else:
        seed = as_numbers(gradient, "gradient", copy=True)
    if seed.shape != data.shape:
        raise ShapeError(f"gradient has shape {seed.shape}, wanted that of {output.described()}")
    if isinstance(seed, Value):
        return seed
    seed = seed.astype(data.dtype, copy=False)
    return leaf_of(seed) if create_graph else seed


def _pull_back(  # noqa: C901, PLR0912  the hot path
    seed: Any,
    order: list[Value],
    recorded: bool,
    *,
    kept: Iterable[Value],
    inside: set[Value] | None = None,
) -> dict[Value, Any]:
    """Return the cotangents of the leaves and of the values to be ``kept``.

    This is reverse mode: a value is reached when all its children have been, and hands each
    parent the share that the rule of its op gives.  With ``recorded`` the rules see Values, and
    the backward pass becomes a graph itself.  Parents that are not ``inside`` get nothing.
    """
    cotangents: dict[Value, Any] = {order[-1]: seed}
    kept = set(kept)
    guarded = False
    watched = current().anomaly
    for value in reversed(order):
        op = value.op
        if op is None:
            continue  # a leaf only gathers
        g = cotangents.pop(value, None)
        if g is None:
            continue  # every path from here to the output has derivative zero
        if value in kept:
            cotangents[value] = g
        if recorded:
            _primals.setdefault(g, {}).setdefault(value.number, ref(value))
            known = (g, value, *value.args)
            slope = None
        else:
            known = (g, value._numbers) + value.inputs  # noqa: RUF005  faster than unpacking
            slope = value.slope
        if op.selects:
            guarded = True
        options = value.options
        for parent, seen, rule in zip(value.args, value.inputs, op.vjps):  # noqa: B905  some vjps are endless
            if type(parent) is not Value or rule is None:
                continue
            if inside is not None and parent not in inside:
                continue
            if parent._numbers is not seen:
                _check_unchanged(parent, seen, value)
            if slope is not None and rule is op.rule_of_slope and not guarded:
                share = g * slope  # all three of one shape and dtype
            else:
                if guarded:
                    share = _guarded(op, rule, known, options)
                else:
                    share = rule(*known, **options) if options else rule(*known)
                kind = type(share)
                if (
                    kind is not type(seen)
                    or share.shape != seen.shape
                    or share.dtype is not seen.dtype
                ):
                    if seen.dtype.kind == "b":
                        continue  # the answer to a question has no gradient
                    share = _fitted(share, seen)
                if share is g and kind is ndarray:
                    g.setflags(write=False)  # several values have this array for a gradient now
            if watched:
                check_share(share, g, value, parent)
            earlier = cotangents.get(parent)
            cotangents[parent] = share if earlier is None else earlier + share
    if recorded:
        for value, g in cotangents.items():
            _primals.setdefault(g, {}).setdefault(value.number, ref(value))
    return cotangents


def _fitted(share: Any, like: Array) -> Any:
    """Return the share in the shape and dtype of the argument that it belongs to."""
    recorded = type(share) is Value
    shape = like.shape
    if share.shape != shape:
        share = FUNCTIONS["sum_to"](share, shape) if recorded else kernels.sum_to(share, shape)
    if share.dtype != like.dtype:
        share = FUNCTIONS["astype"](share, like.dtype) if recorded else share.astype(like.dtype)
    return share if recorded or share.ndim else share[()]


def _check_unchanged(value: Value, seen: Array, child: Value) -> None:
    """Raise if a value no longer holds the numbers that its child was computed from."""
    if not np.array_equal(value._numbers, seen, equal_nan=True):
        raise GraphError(
            f"{value.described()} was modified after {child.described()} was computed from it; "
            "compute the output again, and change data only between backward and the next forward"
        )


def _guarded(op: Op, rule: Rule, known: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
    """Apply a rule below a selection: where no gradient arrives, none may leave.

    The branch that ``where`` did not take may have an infinite or undefined derivative, and zero
    times that would be nan.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        share = rule(*known, **options)
    upstream, numbers = known[0], share
    compiling = current().compiling is not None
    if not compiling:
        upstream, numbers = (x._numbers if type(x) is Value else x for x in (upstream, numbers))
    silent = np.equal(upstream, 0)
    if "keepdims" in options:
        if options["axis"] and not options["keepdims"]:
            silent = np.expand_dims(silent, options["axis"])
    elif not op.elementwise:
        silent = silent.all()  # here every element of the share is made of the whole gradient
    undefined = silent & ~np.isfinite(numbers)
    return FUNCTIONS["where"](undefined, 0.0, share) if compiling or undefined.any() else share


# ----- Helpers -----


def _in_a_list(arrays: list[Array]) -> int:
    x = arrays[0]
    return getrefcount(x)


def _of_an_object(value: Value) -> int:
    data = value._numbers
    return getrefcount(data)


def _of_a_result(arrays: list[Array], result: Array) -> int:
    return _in_a_list(arrays) if arrays[0] is result else 0


def _counts() -> tuple[int, ...]:
    """Return how often an array is found to be referred to, in each way that is counted below."""
    value = _blank(Value)
    value._numbers = np.empty(1)
    data = np.empty(1)
    return _in_a_list([np.empty(1)]), _of_an_object(value), _of_a_result([data], data)


# How often an array is referred to by one Value, a list of inputs and whoever counts.  An
# interpreter that borrows references counts fewer of them, and a shared array could pass for one
# of our own; there every array counts as shared, and is copied before anybody changes it.
_ALONE: float = 4 if _counts() == (3, 3, 5) else -np.inf


def keep(args: tuple[Any, ...], inputs: list[Array], result: Array) -> tuple[Any, ...]:
    """Make all arrays of a new value read-only; return the arguments with constants copied.

    What a graph has used must not change under it.  The arrays of Values belong to the graph; an
    array that the caller passed as a constant stays the caller's, so the graph keeps a copy.  It
    also keeps one of a leaf whose array has views, which stay writeable, to compare it with.
    """
    for place, argument in enumerate(args):
        if type(argument) is Value and argument.op is not None:
            continue  # its array is out of reach until someone asks for .data
        x = inputs[place]
        if type(x) is not ndarray:
            continue
        if type(argument) is not Value:
            if x.flags.writeable or x.base is not None:
                x = inputs[place] = x.copy("K")  # the order decides how BLAS multiplies it
                x.setflags(False)  # type: ignore[call-arg]  # by name it takes twice as long
                args = (*args[:place], x, *args[place + 1 :])
            continue
        if x.flags.writeable:
            others = getrefcount(x) - _ALONE
            x.setflags(False)  # type: ignore[call-arg]  # as above
            if others > 0 and others > _known(x, inputs, result):
                argument._numbers = x.view()  # marks it for the graphs to come
        if argument._numbers.base is not None:
            inputs[place] = x.copy("K")
            inputs[place].flags.writeable = False
    return args


def _known(x: Array, inputs: list[Array], result: Array) -> int:
    """Return how many references to an array this package has besides those of ``_ALONE``."""
    repeats = sum(other is x for other in inputs) - 1
    return repeats + 2 * (x is result) + (x is result.base)  # a result is also its caller's


def leaf_of(data: Array) -> Value:
    """Return a leaf that shares the memory of ``data``, which is known to be good."""
    value = _blank(Value)
    value._numbers = data
    value._grad = None
    value.label = None
    value.number = next_number()
    value._become_leaf()
    return value


def _to_read(data: Array) -> Array:
    """Return the same numbers, which cannot be written to."""
    if type(data) is not ndarray:
        return data
    view = data.view()
    view.flags.writeable = False
    return view


def _owned(array: Array) -> Array:
    """Return an array that nobody else holds: rules may pass one on, or give a view."""
    if type(array) is not ndarray or (array.base is None and array.flags.writeable):
        return array
    return array.copy("K")
