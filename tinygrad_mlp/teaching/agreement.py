"""Five ways to one derivative: reverse, forward, differences, a complex step, and SymPy."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp._support.arguments import whole_number
from tinygrad_mlp.core.numbers import as_numbers
from tinygrad_mlp.core.protocols import bare_numbers
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.functional.gradients import value_and_grad
from tinygrad_mlp.functional.products import jvp
from tinygrad_mlp.functional.running import check_function, name_of
from tinygrad_mlp.teaching.slopes import differences
from tinygrad_mlp.teaching.tables import Table
from tinygrad_mlp.teaching.ways import Way, along, by_program, direction_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tinygrad_mlp.drawing.picture import Picture
    from tinygrad_mlp.kernels import Array


def agreement(f: Callable[..., Any], *args: Any, argnums: int = 0) -> Agreement:
    r"""Compute one derivative in five ways, $\frac{d}{dt} f(x + t v)$ at t = 0, and compare them.

    For a single number v is 1, so it is f'(x).  Of a tensor all numbers move together, in a fixed
    direction without pattern.

    Parameters
    ----------
    f : callable
        Takes Values, returns a scalar.
    *args : array_likes or Values
        Where.
    argnums : int
        By which argument; the others stay as they are.

    Returns
    -------
    Agreement
        ``print`` it for the table; ``chart`` shows the error of differences by their step.

    Raises
    ------
    TypeError
        If ``f`` is no function or does not return numbers, or an argument is not made of numbers.
    ShapeError
        If ``f`` does not return a scalar.
    ValueError
        If ``argnums`` names no argument, or one without numbers that can move.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> found = tg.agreement(lambda x: x**3, 2.0)
    >>> [(way.name, way.value) for way in found.ways[:2]]
    [('reverse mode', 12.0), ('forward mode', 12.0)]
    >>> found["complex step"].ulps
    0.0
    """
    check_function("agreement", f)
    place = whole_number("agreement: argnums", argnums, minimum=0)
    if place >= len(args):
        raise ValueError(f"agreement: argnums is {place}, but there are {len(args)} arguments")
    given = [
        as_numbers(bare_numbers(x), f"agreement: args[{n}]", copy=True, keep_bool=True)
        for n, x in enumerate(args)
    ]
    x = given[place]
    if x.dtype.kind == "b" or not x.size:
        raise ValueError(f"agreement: args[{place}] has no numbers that can move, got {x!r:.80}")

    def of_one(moving: Any) -> Any:
        output = f(*(moving if n == place else other for n, other in enumerate(given)))
        if getattr(output, "size", 1) != 1:
            raise ShapeError(
                f"agreement: f must return a scalar, got shape {output.shape}; "
                "reduce it with .sum()"
            )
        return output

    of_one.__name__ = "f" if name_of(f) == "<lambda>" else name_of(f)
    with np.errstate(all="ignore"):  # whether a number is right is judged by the number
        return Agreement(of_one, x, direction_of(x))


class Agreement:
    """One derivative in five ways; ``agreement`` makes it.

    Attributes
    ----------
    ways : tuple of Way
        Reverse mode, forward mode, central difference, complex step, symbolic.
    reference : float
        What the others are compared with: by SymPy where it can, else by reverse mode.
    differences : Differences
        The slopes by every step.
    sides : pair of float, or None
        The slopes from the left and from the right at a kink.
    formula : str
        The derivative as SymPy writes it, if it is short.
    """

    def __init__(self, f: Callable[[Any], Any], x: Array, direction: Array) -> None:
        self._name = name_of(f)
        self._moving = x.size
        self._at = float(x) if x.size == 1 else None
        value, gradient = value_and_grad(f)(x)
        self._dtype = value.dtype
        self._value = float(np.asarray(value).item())
        reverse = float(np.sum(gradient * direction))
        forward = float(jvp(f, (x,), (direction,))[1])
        size = 2.0 ** math.floor(math.log2(max(1.0, float(np.max(np.abs(x))))))
        precision = float(np.finfo(value.dtype).eps)
        self.differences = differences(along(f, x, direction), precision, size)
        self.sides = self.differences.sides
        by_step, by_sympy, self.formula = by_program(f, x, direction, self.sides is not None)
        exact = by_sympy[0]
        self.reference = reverse if exact is None or self.sides is not None else exact
        once = "one backward pass" + (f", for all {x.size:,} numbers at once" if x.size > 1 else "")
        self.ways = (
            self._way("reverse mode", reverse, once),
            self._way("forward mode", forward, "one jvp, for one direction"),
            self._way("central difference", self.differences.slope, self._told_step()),
            self._way("complex step", *by_step),
            self._way("symbolic", *by_sympy),
        )

    def _way(self, name: str, value: float | None, remark: str) -> Way:
        return Way(name, value, None if value is None else self._ulps(value), remark)

    def _ulps(self, value: float) -> float | None:
        """Return the distance from the reference in units of the last place."""
        if self.sides is not None:
            return None  # there is no derivative to compare with
        if value == self.reference:
            return 0.0
        if not (np.isfinite(value) and np.isfinite(self.reference)):
            return None
        wanted = self._dtype.type(self.reference)
        unit = float(np.spacing(np.abs(wanted)))
        return abs(value - float(wanted)) / unit if wanted else None

    def __getitem__(self, name: str) -> Way:
        try:
            return next(way for way in self.ways if way.name == name)
        except StopIteration:
            names = ", ".join(way.name for way in self.ways)
            raise KeyError(f"no way is called {name!r:.80}; there are {names}") from None

    # ----- Looks -----

    def __str__(self) -> str:
        return self._table().text()

    def __repr__(self) -> str:
        return f"<Agreement on {self._title()}; print it>"

    def _repr_markdown_(self) -> str:
        return self._table().markdown()

    def _repr_html_(self) -> str:
        if self.sides is not None:  # at a kink the chart is of no use
            return self._table().html()
        return f'{self._table().html()}\n<div style="overflow-x: auto">{self.chart.svg}</div>'

    @property
    def errors(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """How far central and one-sided differences are from the reference, for each step."""
        found = self.differences
        central, one_sided = (
            tuple(abs(slope - self.reference) for slope in slopes)
            for slopes in (found.central, found.one_sided)
        )
        return central, one_sided

    @property
    def chart(self) -> Picture:
        """The V: the error of differences over their step; ``.save("v.svg")`` writes it.

        To the left rounding grows as 1/h, to the right the bends of f as h or h².
        """
        from tinygrad_mlp.drawing.charts.curves import draw_curves

        central, one_sided = self.errors
        return draw_curves(
            {"central difference": central, "one-sided difference": one_sided},
            x=[float(np.log10(step)) for step in self.differences.steps],
            title=f"Error of differences: {self._title()}",
            x_label="step h, as a power of 10",
            y_label="absolute error",
            logarithmic=True,
        )

    def _title(self) -> str:
        if self._at is not None:
            return f"the derivative of {self._name} at {self._at:.6g}"
        return f"the slope of {self._name} in a direction of {self._moving:,} numbers"

    def _told_step(self) -> str:
        errors, steps = np.array(self.errors[0]), self.differences.steps
        told = f"h = {self.differences.step:.2g}"
        if self.sides is not None or not np.isfinite(errors).any():
            return told
        return f"{told}; best is h = {steps[int(np.nanargmin(errors))]:.2g}"

    def _table(self) -> Table:
        rows = [
            [way.name, _told(way.value, self._dtype), _told_ulps(way), way.remark]
            for way in self.ways
        ]
        title = self._title()
        columns = ["way", "value", "ulps off", "how"]
        return Table(
            f"{title[0].upper()}{title[1:]}",
            columns,
            rows,
            [*self._notes()],
            right=frozenset({1, 2}),
        )

    def _notes(self) -> Iterator[str]:
        if not np.isfinite(self._value):
            yield f"{self._name} is {self._value} here, so no number is its derivative."
        if self.formula:
            yield f"{self._name}'(x) = {self.formula}, by SymPy"
        if self.sides is not None:
            left, right = ("undefined" if np.isnan(x) else f"{x:.6g}" for x in self.sides)
            yield (
                f"{self._name} has a kink or an end here: the derivative from the left is {left}, "
                f"from the right {right}; reverse mode takes {self.ways[0].value:.6g}."
            )


def _told(value: float | None, dtype: np.dtype[Any]) -> str:
    """Return a number with all digits that its type has."""
    return "" if value is None else str(dtype.type(value))


def _told_ulps(way: Way) -> str:
    if way.ulps is None:
        return ""
    return f"{way.ulps:.0f}" if way.ulps < 1e6 else f"{way.ulps:.1e}"
