"""A row of the table: everything that is declared of one operation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from tinygrad_mlp.core import unwrapped
from tinygrad_mlp.core.docstrings import docstring_of
from tinygrad_mlp.core.formulas import function_of, sorter_of
from tinygrad_mlp.core.functions import FUNCTIONS
from tinygrad_mlp.kernels import Array

Rule = Callable[..., Any]

#: Intervals of arguments, open at both ends, on which an op is defined and smooth enough to test.
REALS = (-np.inf, np.inf)
POSITIVE = (0.0, np.inf)
UNIT_INTERVAL = (0.0, 1.0)

#: The rows by name; ``record`` tells the type checker that they can be called.
ROWS: dict[str, Any] = {}
#: Names of the rows of this package itself, which nobody may replace.
PROTECTED: set[str] = set()
# Options that say which numbers belong together; any others are the same for each number.
_PLACES = {"axes", "axis", "function", "index", "keepdims", "shape", "subscripts"}


class Row:
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
        Stands in ``OPS``, the table of derivatives; False for what asks instead of computing, and
        for what needs another package.
    public : bool
        A function that one would call; False for what the rules of other rows are made of.
    selects : callable, optional
        For a row that chooses its result from its arguments: ``selects(row, rule, known, options)``
        applies the rules of all that these were made from, so that what was not chosen does not
        matter.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.OPS["multiply"].latex.format(x="a", y="b")
    'a \\odot b'
    """

    #: What a call takes besides arguments and options, for ``around``.
    also: frozenset[str] = frozenset()

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
        selects: Callable[..., Any] | None = None,
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
        self.with_slope = with_slope
        self.compute = function_of(self, forward, functions)
        self.compute_quickly = unwrapped.quick(self.compute, functions)
        self.compute_with_slope = None
        if with_slope:
            slope = function_of(self, with_slope, functions)
            self.compute_with_slope = unwrapped.quick(slope, functions)
        self.rule_of_slope = next(iter(vjps)) if with_slope else None
        self.__doc__ = docstring_of(self, example)
        if FUNCTIONS.get(name) is ROWS.get(name):  # new, or a row of the same name made anew
            FUNCTIONS[name] = self
        if listed:
            ROWS[name] = self

    @property
    def name(self) -> str:
        """The function's name."""
        return self.__name__

    def __reduce__(self) -> tuple[Any, ...]:
        return row_named, (self.name,)  # copies and pickles are the row itself

    def __repr__(self) -> str:
        return f"<op {self.signature}>"

    @property
    def signature(self) -> str:
        """The call as one would write it, such as ``sum(x, axis=None, keepdims=False)``."""
        said = {name: getattr(it, "__name__", repr(it)) for name, it in self.options.items()}
        options = (f"{name}={default}" for name, default in said.items())
        return f"{self.name}({', '.join((*self.parameters, *options))})"

    def names(self, count: int) -> tuple[str, ...]:
        """Return a name for each of ``count`` arguments."""
        first = self.parameters[0]
        if len(self.parameters) == count and not first.startswith("*"):
            return self.parameters
        return tuple(f"{first.lstrip('*')}[{place}]" for place in range(count))

    @cached_property
    def _sorted(self) -> Callable[..., tuple[Any, Any]]:
        return sorter_of(self)

    def bind(self, args: tuple[Any, ...], options: dict[str, Any]) -> tuple[Any, Any]:
        """Sort positional and keyword arguments into arguments and options, as Python does."""
        try:
            return self._sorted(*args, **options)
        except TypeError:
            unknown = options.keys() - {*self.parameters, *self.options}
            wrong = f"arguments {', '.join(sorted(unknown))}" if unknown else f"{len(args)} given"
            raise TypeError(f"{self.signature} cannot be called so: {wrong}") from None


def row_named(name: str) -> Any:
    """Return the row of a name, be it listed or not."""
    return ROWS.get(name) or FUNCTIONS[name]
