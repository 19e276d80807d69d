"""Random programs over the whole table, written as text that anybody can run.

A program is drawn one statement after the other.  Each is computed with NumPy as soon as it is
written, and stays only if its numbers are finite, not large, and far from kinks, so that
differences have a limit.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import combinations, pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np

import tinygrad_mlp as tg
from tests import matrices
from tests.ops.test_ops import NUMPYS
from tinygrad_mlp.core.functions import FUNCTIONS

#: Functions that are made of rows; they are written as well.
COMPOSITES = sorted(
    name
    for name, f in FUNCTIONS.items()
    if name not in {*tg.OPS, "function_call", "question"} and not isinstance(f, tg.Op)
)

_NAME = re.compile(r"\b[vx]\d+\b")
_LARGEST, _MOST_ELEMENTS = 20.0, 48
_TEXT = """\
import numpy as np
import tinygrad_mlp as tg

# Random program {seed}
inputs = (
{inputs})
cotangents = (
{cotangents})
directions = (
{directions})


def program({parameters}):
{lines}    return {outputs}


def total(*inputs):
    return sum(tg.sum(c * v) for c, v in zip(cotangents, program(*inputs)))


def everything(*inputs):
    numbers = tuple(range(len(inputs)))
    return program(*inputs), tg.grad(total, numbers)(*inputs), tg.hvp(total, inputs, directions)
"""


#: How the inputs and constants lie in memory; the text is that of an array that is turned back.
LAYOUTS = {
    "in columns": "np.asfortranarray({})",
    "transposed": "{}.T",
    "reversed": "{}[::-1]",
    "with gaps": "{}[..., ::2]",
    "read-only": "np.frombuffer({}.tobytes(), ",
    "repeated": "np.broadcast_to({}, ",
}


class UnfitError(Exception):
    """A statement that is not for these numbers."""


# ----- NumPy in the place of the package -----


def _computed(row: tg.Op, formula: Callable, *args: Any, **given: Any) -> Any:
    """Call a formula with all options of a row by name."""
    count = len(args) if row.parameters[0].startswith("*") else len(row.parameters)
    options = {**row.options, **dict(zip(row.options, args[count:])), **given}
    return formula(*args[:count], **options)


def plain_numpy() -> SimpleNamespace:
    """Return the functions of the package as NumPy computes them, for the same text.

    They know no rule.  ``stop_gradient`` gives in every run what it gave in the first one;
    ``begin`` begins a run.
    """
    frozen: dict[int, Any] = {}
    counts = [0]

    def begin() -> None:
        counts[0] = 0

    def stop_gradient(x: Any) -> Any:
        counts[0] += 1
        return frozen.setdefault(counts[0], x)

    functions = {name: getattr(np, name) for name in COMPOSITES if hasattr(np, name)}
    for name, row in tg.OPS.items():
        functions[name] = partial(_computed, row, NUMPYS.get(name, row))
    for name in ("concatenate", "einsum", "reshape", "stack"):  # called as NumPy's, not as rows
        functions[name] = getattr(np, name)
    functions |= {name: f for name, f in _LATER.items() if name not in functions}
    functions["mse_prime"] = lambda y_true, y_pred: y_pred - y_true
    functions["mse_gradient"] = lambda y_true, y_pred: (y_pred - y_true) / np.size(y_true)
    functions["interp"] = _interpolated
    functions["stop_gradient"] = stop_gradient
    functions["astype"] = lambda x, dtype: np.asarray(x)[()]  # all digits are kept
    functions |= ACTIVATIONS
    functions["linalg"] = matrices
    return SimpleNamespace(**functions, OPS=functions, begin=begin)


def _interpolated(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Any:
    """Interpolate in any type; NumPy does so in double precision only."""
    lines = [y + (z - y) / (b - a) * (x - a) for (a, b), (y, z) in zip(pairwise(xp), pairwise(fp))]
    ends = fp[0] if left is None else left, fp[-1] if right is None else right
    return np.select([np.less(x, knot) for knot in xp], [ends[0], *lines], ends[1])[()]


def _up_to_each(accumulate: Callable, start: float) -> Callable:
    def accumulated(x: Any, axis: int | None = None, include_initial: bool = False) -> Any:
        axis = 0 if axis is None else axis
        found = accumulate(x, axis=axis)
        before = np.full_like(np.take(found, [0] * include_initial, axis), start)
        return np.concatenate([before, found], axis)

    return accumulated


#: Those that NumPy has only from a later version on.
_LATER = {
    "cumulative_prod": _up_to_each(np.cumprod, 1.0),
    "cumulative_sum": _up_to_each(np.cumsum, 0.0),
    "matvec": lambda x1, x2: np.einsum("...ij,...j->...i", x1, x2),
    "unstack": lambda x, axis=0: tuple(np.moveaxis(x, axis, 0)),
    "vecmat": lambda x1, x2: np.einsum("...i,...ij->...j", x1, x2),
}


def _elu(x: Any, alpha: float = 1.0) -> Any:
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


#: Those that are made of several rows, by the formulas of their papers.
ACTIVATIONS = {
    "leaky_relu": lambda x: np.where(x > 0, x, 0.01 * x),
    "elu": _elu,
    "selu": lambda x: 1.0507009873554805 * _elu(x, 1.6732632423543772),
    "silu": lambda x: x / (1 + np.exp(-x)),
    "gelu": lambda x: x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))),
}


# ----- What is written -----


@dataclass(frozen=True)
class Program:
    """A function of some inputs as text, and the numbers of all its names.

    ``inputs`` and ``lines`` map names to expressions.
    """

    seed: int
    dtype: str
    inputs: dict[str, str]
    lines: dict[str, str]
    numbers: dict[str, Any]

    @property
    def outputs(self) -> list[str]:
        """The results that no later line uses."""
        used = {name for text in self.lines.values() for name in _NAME.findall(text)}
        return [name for name in self.lines if name not in used]

    @cached_property
    def text(self) -> str:
        """A module with ``inputs``, ``program``, its ``total`` along cotangents, ``everything``."""
        return _TEXT.format(
            seed=self.seed,
            inputs="".join(f"    {text},  # {name}\n" for name, text in self.inputs.items()),
            cotangents=self._random(self.outputs),
            directions=self._random(self.inputs),
            parameters=", ".join(self.inputs),
            lines="".join(f"    {name} = {text}\n" for name, text in self.lines.items()),
            outputs="".join(f"{name}, " for name in self.outputs).strip(),
        )

    def _random(self, names: Sequence[str]) -> str:
        """Write numbers of the shapes of some names: the same for a name in every program."""
        rngs = [np.random.default_rng((self.seed, *name.encode())) for name in names]
        arrays = [
            rng.uniform(-1, 1, np.shape(self.numbers[name])).round(2)
            for name, rng in zip(names, rngs)
        ]
        types = [self.inputs.get(name, f"np.{self.dtype}") for name in names]
        types = [re.findall(r"np\.float\d+|np\.longdouble", text)[-1] for text in types]
        return "".join(f"    {literal(x, t)},\n" for x, t in zip(arrays, types))

    def run(self, package: Any = tg) -> SimpleNamespace:
        """Execute the text, with another package in the place of this one if wanted."""
        space = {"__name__": "program", "tg": package}
        text = self.text.replace("import tinygrad_mlp as tg\n", "\n")
        exec(compile(text, f"<program {self.seed}>", "exec"), space)
        return SimpleNamespace(**space)


def literal(x: Any, dtype: str) -> str:
    """Write an array, or a number for an array without axes."""
    x = np.asarray(x, float)
    if not x.ndim:
        return f"{dtype}({float(x)!r})"
    return f"np.array({x.tolist()}, {dtype})" if x.size else f"np.zeros({x.shape}, {dtype})"


def shrunk(program: Program, fails: Callable[[Program], bool]) -> Program:
    """Return a shorter program that fails too: statements become inputs, or go."""
    simpler = sorted(_simpler(program), key=lambda p: len(p.lines))
    for candidate in simpler:
        if 0 < len(candidate.lines) < len(program.lines) and fails(candidate):
            return shrunk(candidate, fails)
    return program


def _simpler(program: Program) -> Iterator[Program]:
    for output in program.lines:  # only what this one needs
        yield _cut(program, program.inputs, program.lines, [output])
    for name in program.lines:
        if not _away(program.numbers[name]):
            continue  # what was constant here would be an input at a kink
        rest = {n: text for n, text in program.lines.items() if n != name}
        given = literal(program.numbers[name], f"np.{program.dtype}")
        yield _cut(program, {**program.inputs, name: given}, rest, list(rest))


def _cut(program: Program, inputs: dict, lines: dict, outputs: list[str]) -> Program:
    needed = set(outputs)
    for name in reversed(lines):
        if name in needed:
            needed |= set(_NAME.findall(lines[name]))
    return Program(
        program.seed,
        program.dtype,
        {name: text for name, text in inputs.items() if name in needed},
        {name: text for name, text in lines.items() if name in needed},
        program.numbers,
    )


# ----- Where a row has kinks -----


def _away(x: Any, distance: float = 0.05) -> bool:
    """Whether no element is near 0."""
    return bool(np.all(np.abs(x) > distance))


def _apart(x: Any, axis: Any = None) -> bool:
    """Whether no two elements are near each other, along an axis or at all."""
    x = np.ravel(x) if axis is None or isinstance(axis, tuple) else np.asarray(x)
    return not x.ndim or bool(np.all(np.diff(np.sort(x, axis or 0), axis=axis or 0) > 0.02))


def _between_jumps(x: Any, y: Any) -> bool:
    """Whether no quotient is near a whole number."""
    return _away(y, 0.3) and _away(x / y - np.rint(x / y))


_FAR = {
    "abs": _away,
    "arctan2": lambda y, x: (  # there is a jump at the negative half of the axis, too
        _away(np.hypot(x, y), 0.3) and bool(np.all((np.abs(y) > 0.05) | (x > 0)))
    ),
    "cbrt": lambda x: _away(x, 0.2),
    "ceil": lambda x: _away(x - np.rint(x)),
    "direction": lambda x, y: _away(np.hypot(x, y), 0.3),
    "divide": lambda x, y: _away(y, 0.3),
    "divide_or_zero": lambda x, y: _away(x) and _away(y, 0.3),
    "floor": lambda x: _away(x - np.rint(x)),
    "floor_divide": _between_jumps,
    "fmod": _between_jumps,
    "hypot": lambda x, y: _away(np.hypot(x, y), 0.3),
    "inside": lambda x, a_min, a_max: _away(x - a_min) and _away(x - a_max),
    "larger_share": lambda x, y: _away(x - y),
    "max": _apart,
    "median": _apart,
    "nanmax": _apart,
    "max_share": _apart,
    "maximum": lambda x, y: _away(x - y),
    "min": _apart,
    "nanmin": _apart,
    "minimum": lambda x, y: _away(x - y),
    "prod": _away,
    "product_of_others": lambda x: _away(x, 0.3),
    "ptp": _apart,
    "reciprocal": lambda x: _away(x, 0.3),
    "relu": _away,
    "remainder": _between_jumps,
    "relu_prime": _away,
    "rint": lambda x: _away(x - np.floor(x) - 0.5),
    "sign": _away,
    "tan": lambda x: _away(np.cos(x), 0.3),
    "trunc": lambda x: _away(x - np.rint(x)),
}

# ----- Writing -----


class Writer:
    """A program that is being written."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = np.random.default_rng(seed)
        self.plain = plain_numpy()
        self.dtype = self.one("float64", "float64", "float64", "float32", "float32", "float16")
        self.inputs: dict[str, str] = {}
        self.lines: dict[str, str] = {}
        self.numbers: dict[str, Any] = {}

    def program(self) -> Program:
        return Program(self.seed, self.dtype, self.inputs, self.lines, self.numbers)

    def write(self, function: str) -> bool:
        """Add a statement that calls a function; tell whether there was one."""
        for _ in range(40):
            before = dict(self.inputs), dict(self.lines), dict(self.numbers)
            try:
                self.let(RECIPES[function](self))
            except UnfitError:
                self.inputs, self.lines, self.numbers = before
            else:
                return True
        return False

    def let(self, text: str) -> str:
        """Add a statement, and return the name of its result."""
        result = self.value(text)
        is_number = isinstance(result, np.ndarray | np.floating) and result.dtype.kind == "f"
        if not (is_number and _NAME.search(text) and result.size <= _MOST_ELEMENTS):
            raise UnfitError
        if not np.all(np.abs(result) < _LARGEST):
            raise UnfitError
        name = f"v{len(self.lines) + 1}"
        self.lines[name] = text
        self.numbers[name] = result
        return name

    def value(self, text: str) -> Any:
        """Compute an expression with NumPy."""
        try:
            with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
                warnings.simplefilter("error")
                return eval(text, {"np": np, "tg": self.plain, **self.numbers})
        except (ArithmeticError, IndexError, RuntimeWarning, TypeError, ValueError):
            raise UnfitError from None

    # ----- Choices -----

    def one(self, *choices: Any) -> Any:
        """Return one of some things."""
        return choices[self.rng.integers(len(choices))]

    def often(self, share: float = 0.5) -> bool:
        """Return True that often."""
        return bool(self.rng.random() < share)

    def shape(self, ndim: int | None = None) -> tuple[int, ...]:
        """Return a shape, sometimes one without elements."""
        if self.often(0.06) and ndim in (None, 1, 3):
            return {1: (0,), 3: (1, 0, 3)}[ndim or self.one(1, 3)]
        ndim = self.one(0, 1, 1, 2, 2, 2, 3) if ndim is None else ndim
        return tuple(int(n) for n in self.rng.choice([1, 2, 3, 4], ndim, p=[0.15, 0.3, 0.4, 0.15]))

    def number(self, low: float = -1.5, high: float = 1.5) -> str:
        """Return a number of Python's or of NumPy's."""
        number = round(float(self.rng.uniform(low, high)), 2)
        whole = max(int(np.ceil(low)), 1)
        return self.one(
            *3 * [f"{number}"],
            f"{whole if whole <= high else number}",
            f"np.{self.dtype}({number})",
        )

    def array(
        self, shape: tuple[int, ...], low: float = -1.5, high: float = 1.5
    ) -> tuple[Any, str]:
        """Return different numbers between two, and a text that makes them in some layout."""
        size = int(np.prod(shape))
        even = size + size % 2  # an odd number of them would have one in the middle
        places = (self.rng.permutation(even)[:size] + 0.5) / max(even, 1)
        x = (low + (high - low) * places).round(3).reshape(shape)
        dtype = f"np.{self.dtype if self.often(0.92) else self.one('float32', 'float64')}"
        plain = literal(x, dtype)
        if not x.ndim:
            return x[()], self.one(plain, f"np.array({float(x)!r}, {dtype})")
        if not x.size or self.often():
            return x, plain
        laid = {
            "transposed": x.T,
            "reversed": x[::-1],
            "with gaps": np.repeat(x, 2, axis=-1),
            "repeated": x[:1],
        }
        layout = self.one(*LAYOUTS)
        text = LAYOUTS[layout].format(literal(laid.get(layout, x), dtype))
        text += {"read-only": f"{dtype}).reshape({shape})", "repeated": f"{shape})"}.get(layout, "")
        return np.array(eval(text, {"np": np}), float), text

    def fresh(self, shape: tuple[int, ...], low: float = -1.5, high: float = 1.5) -> str:
        """Add an input, and return its name."""
        if len(self.inputs) >= 6:
            raise UnfitError
        name = f"x{len(self.inputs) + 1}"
        self.numbers[name], self.inputs[name] = self.array(shape, low, high)
        return name

    def constant(self, shape: tuple[int, ...], low: float = -1.5, high: float = 1.5) -> str:
        """Return the text of an array that is no input."""
        if self.often(0.1):
            rows = np.asarray(self.array(shape, low, high)[0])
            return f"{rows.tolist()}" if rows.size and rows.ndim else self.array(shape)[1]
        return self.array(shape, low, high)[1]

    def operand(
        self,
        ndim: tuple[int, ...] = (0, 1, 2, 3),
        domain: tuple[float, float] = (-np.inf, np.inf),
        shape: tuple[int, ...] | None = None,
    ) -> str:
        """Return a name of numbers in a domain: an old one, one squashed into it, or an input."""
        low, high = max(domain[0] + 0.15, -2.0), min(domain[1] - 0.15, 2.0)
        fitting = [
            name
            for name, x in self.numbers.items()
            if (np.ndim(x) in ndim if shape is None else np.shape(x) == shape)
        ]
        if fitting and self.often(0.85):
            name = self.one(*fitting, *fitting[-2:], *fitting[-2:])  # the newest more often
            x = self.numbers[name]
            if np.all((x > domain[0] + 0.1) & (x < domain[1] - 0.1)):
                return name
            middle, half = round((low + high) / 2, 2), round((high - low) / 2, 2)
            return self.let(f"{middle} + {half} * tg.tanh({name})")
        wanted = self.shape(self.one(*ndim)) if shape is None else shape
        return self.fresh(wanted, max(low, -1.5), min(high, 1.5) if high > 1.5 > low else high)

    def given(self, shape: tuple[int, ...], domain: tuple[float, float] = (-np.inf, np.inf)) -> str:
        """Return numbers of one shape, of inputs or constant."""
        if self.often(0.2):
            low, high = max(domain[0] + 0.15, -1.5), min(domain[1] - 0.15, 2.0)
            return self.constant(shape, low, high)
        return self.operand(domain=domain, shape=shape)

    def partner(self, name: str, domain: tuple[float, float] = (-np.inf, np.inf)) -> str:
        """Return what broadcasts with a result: a number, an array, an input, a result."""
        low, high = max(domain[0] + 0.15, -1.5), min(domain[1] - 0.15, 1.5)
        if self.often(0.25):
            return self.number(low, high)
        x = self.numbers[name]
        if self.often(0.6):
            others = [
                other
                for other, y in self.numbers.items()
                if np.all((y > domain[0] + 0.1) & (y < domain[1] - 0.1)) and _fit(x, y)
            ]
            if others:
                return self.one(*others)
        shape = tuple(1 if self.often(0.25) else length for length in np.shape(x))
        if self.often(0.3):
            shape = shape[self.rng.integers(len(shape) + 1) :]
        elif self.often(0.15) and len(shape) < 3:
            shape = (2, *shape)
        return (self.constant if self.often(0.4) else self.fresh)(shape, low, high)

    def axis(self, x: str, *, several: bool = True, none: bool = True) -> Any:
        """Return an axis of a result, or some, or None for all."""
        ndim = np.ndim(self.numbers[x])
        axes = list(range(-ndim, ndim))
        if several and ndim > 1:
            axes += [(0, -1), (1, 0)]
        if several:
            axes.append(())
        if none:
            axes += [None, None]
        if not axes:
            raise UnfitError
        return self.one(*axes)


def _fit(x: Any, y: Any) -> bool:
    try:
        return np.broadcast(x, y).size <= _MOST_ELEMENTS
    except ValueError:
        return False


def called(w: Writer, name: str, *args: str, numpy: bool = True) -> str:
    """Write a call as one may spell it."""
    spellings = [f"tg.{name}" if hasattr(tg, name) else f'tg.OPS["{name}"]']
    if numpy and hasattr(np, name) and any(map(_NAME.search, args)):
        spellings.append(f"np.{name}")
    return f"{w.one(*spellings)}({', '.join(args)})"


# ----- One recipe for each function -----

_OPERATORS = {
    "add": "+",
    "divide": "/",
    "floor_divide": "//",
    "multiply": "*",
    "power": "**",
    "remainder": "%",
    "subtract": "-",
}


def _elementwise(name: str) -> Callable[[Writer], str]:
    """Follow from the row itself what it takes."""
    row = tg.OPS[name]

    def recipe(w: Writer) -> str:
        first = w.operand(domain=row.domain)
        args = [first, *(w.partner(first, row.domain) for _ in row.parameters[1:])]
        w.rng.shuffle(args)
        if name in _FAR and not _FAR[name](*(np.asarray(w.value(arg)) for arg in args)):
            raise UnfitError
        if name in _OPERATORS and w.often(0.7):
            return f"{args[0]} {_OPERATORS[name]} {args[1]}"
        if name == "abs" and w.often():
            return f"abs({first})"
        if name == "negative" and w.often():
            return f"-{first}"
        return called(w, name, *args)

    return recipe


def _part(w: Writer, x: str, name: str) -> list[str]:
    """Write which elements are reduced, or what is one more."""
    bound = w.number()
    if not _away(w.value(f"{x} - {bound}")):
        raise UnfitError
    start = [f"initial={w.number()}"] if name in ("sum", "prod", "nansum", "nanprod") else []
    mask = (
        [f"where={x} {w.one('>', '<')} {bound}"] if name in ("sum", "mean", "prod", "var") else []
    )
    return w.one(start, mask, [*mask, *start])


def _reduction(name: str, *, keepdims: bool = True, **more: Sequence[Any]) -> Callable:
    """Write a reduction over axes."""

    def recipe(w: Writer) -> str:
        x = w.operand((0, 1, 1, 2, 2, 3))
        if name in _FAR and not _FAR[name](w.numbers[x]):
            raise UnfitError
        options = [f"axis={w.axis(x)}"] if w.often(0.8) else []
        options += ["keepdims=True"] if keepdims and w.often(0.3) else []
        options += [f"{key}={w.one(*values)}" for key, values in more.items() if w.often(0.4)]
        part = _part(w, x, name) if w.often(0.3) else []
        if part:
            text = called(w, name, x, *options, *part)
        elif name in ("sum", "mean", "max", "min", "prod", "var", "std") and w.often(0.3):
            text = f"{x}.{name}({', '.join(options)})"
        else:
            text = called(w, name, x, *options)
        if name in ("norm", "std", "nanstd") and not _away(w.value(text), 0.2):
            raise UnfitError
        return text

    return recipe


def _power(w: Writer) -> str:
    if w.often(0.4):
        x = w.operand()
        exponent = w.one("2", "3", "2.0", "1", "0", "-1", "0.5", "1.5")
        low = {"-1": 0.3, "0.5": 0.2, "1.5": 0.2}.get(exponent)
        if low and not np.all(w.numbers[x] > low):
            raise UnfitError
        return f"{x} ** {exponent}"
    return _elementwise("power")(w)


def _where(w: Writer) -> str:
    x = w.operand()
    y = w.partner(x)
    if w.often(0.7):
        z = w.partner(x) if w.often() else x
        bound = w.number()
        if not _away(w.value(f"{z} - {bound}")):
            raise UnfitError
        condition = f"{z} {w.one('>', '<', '>=')} {bound}"
    else:
        condition = str((w.rng.random(np.shape(w.numbers[x])) > 0.5).tolist())
        condition = f"np.array({condition}, bool)" if w.often() else condition
    return called(w, "where", condition, *w.one((x, y), (y, x)))


def _clip(w: Writer) -> str:
    x = w.operand()
    low, high = w.one(("-0.5", "0.6"), ("None", "0.4"), ("-0.3", "None"), ("-1", "1"), ("", ""))
    if not low:  # arrays, and perhaps Values
        low, high = w.partner(x), w.one("None", w.partner(x))
    distances = [f"{x} - {bound}" for bound in (low, high) if bound != "None"]
    distances += [f"{low} - {high}"] if len(distances) == 2 else []
    if not all(_away(w.value(distance)) for distance in distances):
        raise UnfitError
    return w.one(
        f"tg.clip({x}, min={low}, max={high})",
        f"np.clip({x}, {low}, {high})",
        called(w, "clip", x, low, high),
    )


def _divmod(w: Writer) -> str:
    x = w.operand()
    y = w.partner(x)
    if not _between_jumps(w.value(x), w.value(y)):
        raise UnfitError
    return f"{w.one('tg.divmod', 'np.divmod', 'divmod')}({x}, {y})[1]"


def _elementwise_of(name: str) -> Callable:
    return lambda w: called(w, name, w.operand())


def _pairwise(name: str) -> Callable:
    def recipe(w: Writer) -> str:
        x = w.operand()
        y = w.partner(x)
        if not _away(w.value(f"{x} - {y}")):
            raise UnfitError
        return called(w, name, *w.one((x, y), (y, x)))

    return recipe


def _average(w: Writer) -> str:
    x = w.operand((1, 2, 2, 3))
    weights = w.given(np.shape(w.numbers[x]), (0.3, np.inf))
    text = called(w, "average", x, f"axis={w.axis(x)}", f"weights={weights}")
    return w.one(text, called(w, "average", x))


def _quantile(name: str) -> Callable:
    def recipe(w: Writer) -> str:
        x = w.operand((1, 2, 2, 3))
        if not _apart(w.numbers[x]):
            raise UnfitError
        share = w.one("0.3", "0.5", "[0.25, 1.0]")
        return called(w, name, x, share, f"axis={w.axis(x)}")

    return recipe


def _round(w: Writer) -> str:
    x, decimals = w.operand(), w.one(0, 0, 1)
    scaled = w.numbers[x] * 10**decimals
    if not _away(scaled - np.floor(scaled) - 0.5, 0.1):
        raise UnfitError
    return w.one(f"{x}.round({decimals})", called(w, "round", x, f"{decimals}"))


def _interp(w: Writer) -> str:
    x = w.operand((0, 1, 2))
    knots = np.array([-1.0, -0.2, 0.7, 1.1])
    if not _away(np.subtract.outer(w.value(x), knots)):
        raise UnfitError
    more = w.one((), ("left=-0.5",), ("right=0.5",))
    return called(w, "interp", x, f"{knots.tolist()}", w.given((4,)), *more, numpy=False)


def _polyval(w: Writer) -> str:
    x = w.operand((0, 1, 2))
    return called(w, "polyval", w.given(w.one((1,), (2,), (3,))), x)


def _covariances(name: str) -> Callable:
    def recipe(w: Writer) -> str:
        x = w.operand((2,))
        rowvar = w.often(0.7)
        table = w.numbers[x] if rowvar else np.transpose(w.numbers[x])
        if np.shape(table)[1] < 3 or not np.all(np.var(table, axis=1) > 0.05):
            raise UnfitError
        return called(w, name, x, f"rowvar={rowvar}")

    return recipe


def _meshgrid(w: Writer) -> str:
    x = w.operand((0, 1))
    more = w.one((), ('indexing="ij"',), ("sparse=True",))
    return f"{called(w, 'meshgrid', *w.one((x, x), (w.given((2,)), x)), *more)}[1]"


def _reshape(w: Writer) -> str:
    x = w.operand()
    shape, size = np.shape(w.numbers[x]), np.size(w.numbers[x])
    shapes = [(size,), (-1,), shape[::-1], (1, *shape), (size, 1), -1]
    shapes += [(n, -1) for n in (2, 3) if size and size % n == 0]
    wanted = w.one(*shapes)
    order = w.one("", "", ', order="F"')
    return w.one(f"{x}.reshape({wanted}{order})", called(w, "reshape", x, f"{wanted}{order}"))


def _transpose(w: Writer) -> str:
    x = w.operand((1, 2, 2, 3))
    axes = tuple(map(int, w.rng.permutation(np.ndim(w.numbers[x]))))
    return w.one(f"{x}.T", called(w, "transpose", x, f"{axes}"), f"{x}.transpose({axes})")


def _broadcast_to(w: Writer) -> str:
    x = w.operand()
    shape = tuple(w.one(2, 3) if n == 1 else n for n in np.shape(w.numbers[x]))
    return called(w, "broadcast_to", x, f"{(2, *shape) if w.often() else shape}")


def _sum_to(w: Writer) -> str:
    x = w.operand()
    shape = tuple(1 if w.often() else n for n in np.shape(w.numbers[x]))
    shape = shape[w.rng.integers(len(shape) + 1) :]
    return called(w, "sum_to", x, f"shape={shape}")


def _squeeze(w: Writer) -> str:
    x = w.operand((1, 2, 3))
    if 1 not in np.shape(w.numbers[x]):
        x = w.let(f"{x}[None]")
    axes = [axis for axis, n in enumerate(np.shape(w.numbers[x])) if n == 1]
    return called(w, "squeeze", x, *w.one([], [f"axis={axes[0]}"], [f"axis={tuple(axes)}"]))


def _expand_dims(w: Writer) -> str:
    return called(w, "expand_dims", w.operand((0, 1, 2)), f"axis={w.one(0, -1, (0, 1))}")


def _index(w: Writer, shape: tuple[int, ...]) -> str:
    """Write an index of some elements."""
    if shape and w.often(0.1):
        return f"np.array({(w.rng.random(shape) > 0.4).tolist()}, bool)"
    parts = []
    listed = False
    for n in shape:
        kinds = [":", "::-1", "1:", ":-1", "::2"]
        if n:
            picks = w.rng.integers(-n, n, w.one(1, 2, 3)).tolist()
            if listed:
                picks = listed
            if max(picks) < n and min(picks) >= -n:
                kinds += [f"{picks}", f"np.array({picks})"]
            kinds.append(f"{int(w.rng.integers(-n, n))}")
        kind = w.one(*kinds)
        if "[" in kind:
            listed = picks
        parts.append(kind)
    parts = parts[: w.rng.integers(len(parts) + 1)] if w.often(0.3) else parts
    if w.often(0.15):
        parts.insert(w.rng.integers(len(parts) + 1), "None")
    if w.often(0.15):
        parts.append("...")
    return ", ".join(parts) or "..."


def _getitem(w: Writer) -> str:
    x = w.operand((1, 1, 2, 2, 3))
    return f"{x}[{_index(w, np.shape(w.numbers[x]))}]"


def _place(w: Writer) -> str:
    shape = w.shape(w.one(1, 2))
    index = w.one("0", "[0, 0]", "slice(0, 1)", "(..., -1)", "slice(None, None, -1)")
    part = w.value(f"np.zeros({shape})[{index}]")
    return called(w, "place", w.operand(shape=np.shape(part)), index, f"{shape}", numpy=False)


def _several(w: Writer, x: str, axis: int | None) -> str:
    """Write a list of arrays that differ along one axis at most."""
    shape = np.shape(w.numbers[x])
    parts = [x]
    for _ in range(w.one(0, 1, 2)):
        other = list(shape)
        if axis is not None:
            other[axis] = w.one(0, 1, 2, other[axis])
        parts.append(w.given(tuple(other)))
    w.rng.shuffle(parts)
    return f"[{', '.join(parts)}]"


def _concatenate(w: Writer) -> str:
    x = w.operand((1, 2, 2, 3))
    axis = w.axis(x, several=False, none=False)
    return called(w, "concatenate", _several(w, x, axis), f"axis={axis}")


def _assemble(w: Writer) -> str:
    parts = [w.operand(), w.operand()]
    return called(w, "assemble", *parts)


def _activation(name: str) -> Callable:
    def recipe(w: Writer) -> str:
        x = w.operand()
        if not _away(w.value(x)):  # where they have a kink, or their slopes have
            raise UnfitError
        return called(w, name, x)

    return recipe


def _stack(w: Writer) -> str:
    x = w.operand((0, 1, 2))
    return called(w, "stack", _several(w, x, None), f"axis={w.one(0, -1)}")


def _array(w: Writer) -> str:
    x = w.operand((0, 1, 2))
    parts = _several(w, x, None)
    return called(w, "array", w.one(parts, f"[{parts}, {parts}]"), numpy=False)


def _joined(name: str) -> Callable:
    def recipe(w: Writer) -> str:
        x = w.operand((1, 1, 2))
        flat = np.ndim(w.numbers[x]) == 1
        axis = {"vstack": None if flat else 0, "hstack": 0 if flat else 1}
        return called(w, name, _several(w, x, axis.get(name, None if flat else 1)))

    return recipe


def _parts(name: str) -> Callable:
    def recipe(w: Writer) -> str:
        x = w.operand((1, 2, 2, 3))
        axis = w.axis(x, several=False, none=False)
        n = np.shape(w.numbers[x])[axis]
        sections = w.one(1, 2, [1], [1, 2]) if name == "array_split" or n % 2 == 0 else [1]
        return f"{called(w, name, x, f'{sections}', f'axis={axis}')}[{w.one(0, -1)}]"

    return recipe


def _with_axis(name: str, *before: str, ndim: Sequence[int] = (1, 2, 2, 3), none: bool = True):
    """Write a function of a result along an axis, with one of some arguments before it."""

    def recipe(w: Writer) -> str:
        x = w.operand(tuple(ndim))
        several = name in ("flip", "softmax", "log_softmax", "max_share", "product_of_others")
        axis = w.axis(x, several=several, none=none)
        if name in _FAR and not _FAR[name](w.numbers[x]):
            raise UnfitError
        if name == "sort" and not _apart(w.numbers[x], axis):
            raise UnfitError
        if "softmax" in name and 0 in np.shape(w.numbers[x]):
            raise UnfitError  # nothing has no largest element
        middle = [w.one(*before)] if before else []
        return called(w, name, x, *middle, f"axis={axis}")

    return recipe


def _with(name: str, *arguments: str, ndim: Sequence[int] = (2,)):
    """Write a function of a result with one of some further arguments."""
    return lambda w: called(w, name, w.operand(tuple(ndim)), *[a for a in [w.one(*arguments)] if a])


def _picked(name: str, *arguments: str, ndim: Sequence[int] = (2,), places: Any = (0, -1)):
    """Write one of the results of a function that gives several."""
    return lambda w: f"{_with(name, *arguments, ndim=ndim)(w)}[{w.one(*places)}]"


def _append(w: Writer) -> str:
    x = w.operand((1, 2))
    axis = w.axis(x, several=False)
    return f"{called(w, 'append', *w.one((x, x), (x, w.given(np.shape(w.numbers[x])))), f'{axis}')}"


def _choose(w: Writer) -> str:
    x = w.operand((1, 2))
    places = w.rng.integers(0, 2, np.shape(w.numbers[x])[-1:]).tolist()
    if not places:
        raise UnfitError
    return called(w, "choose", f"{places}", f"[{x}, {w.partner(x)}]")


def _select(w: Writer) -> str:
    x = w.operand((1, 2))
    if not (_away(w.value(f"{x} - 0.5")) and _away(w.value(f"{x} + 0.5"))):
        raise UnfitError
    conditions = f"[{x} > 0.5, {x} < -0.5]"
    choices = f"[{w.partner(x)}, {x}]"
    return called(w, "select", conditions, choices, *w.one((), (f"default={w.partner(x)}",)))


def _taken_apart(name: str) -> Callable:
    """Write a function that keeps some elements, by a condition of plain numbers."""

    def recipe(w: Writer) -> str:
        x = w.operand((1, 2))
        mask = w.rng.random(np.shape(w.numbers[x])) > 0.4
        if name == "compress":
            return called(w, name, f"{np.ravel(mask).tolist()}", x)
        return called(w, name, f"np.array({mask.tolist()}, bool)", x)

    return recipe


def _take_along_axis(w: Writer) -> str:
    x = w.operand((1, 2))
    shape = np.shape(w.numbers[x])
    axis = w.axis(x, several=False, none=False)
    if not shape[axis]:
        raise UnfitError
    places = w.rng.integers(0, shape[axis], shape).tolist()
    return called(w, "take_along_axis", x, f"np.array({places})", f"{axis}")


def _gradient(w: Writer) -> str:
    x = w.operand((1, 2, 2))
    axis = w.axis(x, several=False, none=False)
    n = np.shape(w.numbers[x])[axis]
    spacing = w.one("", "0.5", f"{np.cumsum(w.rng.uniform(0.5, 1.5, n)).round(2).tolist()}")
    more = [spacing] if spacing else []
    return called(w, "gradient", x, *more, f"axis={axis}", *w.one((), ("edge_order=2",)))


def _trapezoid(w: Writer) -> str:
    x = w.operand((1, 2))
    axis = w.axis(x, several=False, none=False)
    by = w.one("dx=0.5", f"x={w.given((np.shape(w.numbers[x])[axis],))}")
    return called(w, "trapezoid", x, by, f"axis={axis}")


def _diff(w: Writer) -> str:
    x = w.operand((1, 2))
    more = w.one((), ("n=2",), (f"prepend={w.number()}",), (f"append={x}",))
    return called(w, "diff", x, *more, f"axis={w.axis(x, several=False, none=False)}")


def _linspace(w: Writer) -> str:
    x = w.operand((0, 1))
    more = w.one((), ("endpoint=False",), ("axis=-1",))
    ends = w.one((x, w.partner(x)), (w.partner(x), x))
    return called(w, "linspace", *ends, w.one("1", "3", "4"), *more)


def _cross(w: Writer) -> str:
    x, y = w.given((3,)), w.given(w.one((3,), (2, 3)))
    return called(w, "cross", *w.one((x, y), (y, x)))


def _vectors(name: str) -> Callable:
    def recipe(w: Writer) -> str:
        x = w.operand((2, 2, 3))
        *stack, n, k = np.shape(w.numbers[x])
        vector = {"vecdot": (k,), "matvec": w.one((k,), (*stack, k)), "vecmat": (n,)}[name]
        y = w.given(vector)
        _unlike(w.value(x), w.value(y))
        return called(w, name, *((y, x) if name == "vecmat" else (x, y)))

    return recipe


def _kron(w: Writer) -> str:
    x = w.operand((0, 1, 2))
    y = w.given(w.one((), (2,), (2, 2), (1, 3)))
    return called(w, "kron", *w.one((x, y), (y, x)))


def _convolved(name: str) -> Callable:
    def recipe(w: Writer) -> str:
        x = w.operand((1,))
        y = w.given(w.one((1,), (2,), (3,)))
        if not np.size(w.numbers[x]):
            raise UnfitError
        _unlike(w.value(x), w.value(y))
        mode = w.one("", "full", "same", "valid")
        return called(w, name, *w.one((x, y), (y, x)), *([f'"{mode}"'] if mode else []))

    return recipe


def _windows(w: Writer) -> str:
    x = w.operand((1, 2, 3))
    axis = w.axis(x, several=False, none=False)
    return called(w, "sliding_window_view", x, w.one("1", "2"), f"axis={axis}")


def _overlap_add(w: Writer) -> str:
    x = w.operand((2,))
    places, window = np.shape(w.numbers[x])
    more = f"window_shape=({window},), axis=(0,), shape=({places + window - 1},)"
    return called(w, "overlap_add", x, more)


def _ordered(name: str) -> Callable:
    def recipe(w: Writer) -> str:
        x = w.operand((1, 2, 2, 3))
        axis = w.axis(x, several=False, none=False)
        by = w.operand(shape=np.shape(w.numbers[x]))
        if not _apart(w.numbers[by], axis):
            raise UnfitError
        return called(w, name, x, by, f"axis={axis}")

    return recipe


def _at_places(name: str) -> Callable:
    def recipe(w: Writer) -> str:
        x = w.operand((1,))
        length = np.size(w.numbers[x])
        if not length:
            raise UnfitError
        places = w.rng.integers(0, length, length if name == "added_at" else w.one((), 3, (2, 2)))
        more = (f"length={length}",) if name == "added_at" else ()
        return called(w, name, x, f"{places.tolist()}", *more)

    return recipe


def _unlike(*texts: Any) -> None:
    """Reject an array and its own transpose: BLAS has a way of its own for them."""
    flat = [np.sort(x, axis=None) for x in texts]
    if any(x.size > 1 and np.array_equal(x, y) for x, y in combinations(flat, 2)):
        raise UnfitError


def _matmul(w: Writer) -> str:
    x = w.operand((1, 2, 2, 3))
    shape = np.shape(w.numbers[x])
    m = w.one(1, 2, 3)
    if w.often(0.7):
        args = [x, w.given(w.one((shape[-1],), (shape[-1], m), (*shape[:-2], shape[-1], m)))]
    else:
        inner = shape[-2] if len(shape) > 1 else shape[0]
        args = [w.given(w.one((inner,), (m, inner), (*shape[:-2], m, inner))), x]
    _unlike(*map(w.value, args))
    return w.one(f"{args[0]} @ {args[1]}", called(w, "matmul", *args))


def _affine(w: Writer) -> str:
    x = w.operand((2,))
    k, m = np.shape(w.numbers[x])[1], w.one(1, 2, 3)
    args = [x, w.given((k, m)), w.given(w.one((m,), (1, m)))]
    _unlike(*map(w.value, args[:2]))
    return called(w, "affine", *args)


_SUBSCRIPTS = (
    "ij,jk->ik", "ij->j", "ij->ji", "ij->ij", "ij->", "ii", "ii->i", "i,i", "i,j->ij", "ij,j",
    "ijk,k->ij", "...i,...i", "ij,jk,kl", "ij,ij->i", "ijk->kji", ",i->i", "ij,ik->jk", "ii,i->i",
)  # fmt: skip


def _einsum(w: Writer) -> str:
    subscripts = w.one(*_SUBSCRIPTS)
    lengths: dict[str, int] = {"0": 2}
    args: list[str] = []
    for operand in subscripts.split("->")[0].replace("...", "0").split(","):
        if not args and len(set(operand)) == len(operand):
            args.append(w.operand((len(operand),)))
            lengths |= dict(zip(operand, np.shape(w.numbers[args[0]])))
        else:
            for letter in operand:
                lengths.setdefault(letter, w.one(1, 2, 3))
            args.append(w.given(tuple(lengths[letter] for letter in operand)))
    _unlike(*map(w.value, args))
    return called(w, "einsum", f'"{subscripts}"', *args)


def _products(name: str) -> Callable:
    def recipe(w: Writer) -> str:
        if name == "outer":
            args = [w.operand((0, 1, 2)), w.given(w.one((), (2,), (3,)))]
        elif name == "vdot":
            x = w.operand((1, 2))
            args = [x, w.given(np.shape(w.numbers[x]))]
        elif name == "tensordot":
            x = w.operand((2, 3))
            args = [x, w.given((*np.shape(w.numbers[x])[-2:], *w.one((), (2,)))), "axes=2"]
        else:
            x = w.operand((1, 2, 2, 3))
            n = np.shape(w.numbers[x])[-1]
            args = [x, w.given({"dot": w.one((n,), (n, 2)), "inner": w.one((n,), (2, n))}[name])]
        _unlike(*map(w.value, args[:2]))
        return called(w, name, *args)

    return recipe


def _matrix(w: Writer, x: str) -> str:
    """Add a matrix that is far from singular, in a precision that LAPACK has."""
    n, k = np.shape(w.numbers[x])[-2:]
    name = w.let(
        f"2.5 * np.eye({n}, {k}) * np.arange(1, {k + 1}) + "
        f"0.4 * tg.tanh(tg.astype({x}, np.float64))"
    )
    if not _away(w.numbers[name]):
        raise UnfitError  # where an element is 0, LAPACK may choose another sign of a vector
    return name


def _linalg(name: str, ending: str = "", *, square: bool = True) -> Callable:
    """Write a function of a matrix; the ending takes one of its results."""

    def recipe(w: Writer) -> str:
        x = w.operand((2, 3)) if not square else w.operand(shape=w.one((2, 2), (3, 3), (2, 2, 2)))
        height, width = np.shape(w.numbers[x])[-2:]
        if np.ndim(w.numbers[x]) > 2 and name in ("lstsq", "multi_dot"):
            raise UnfitError
        if not width or (name == "orthonormal_columns" and height < width):
            raise UnfitError
        args = [_matrix(w, x)]
        a = w.numbers[args[0]]
        if name in ("eigh", "eigenvectors") and not _away(a + np.swapaxes(a, -1, -2)):
            raise UnfitError  # where an element is 0, LAPACK may choose another sign
        if name == "solve":
            right = w.given(w.one((width,), (width, 1), (width, 2)))
            args.append(f"tg.astype({right}, np.float64)")
        if name == "lstsq":
            args.append(f"np.ones({height})")
        if name == "expm":
            args = [f"0.3 * {args[0]}"]
        if name == "matrix_power":
            args = [f"0.3 * {args[0]}", w.one("0", "1", "2", "3", "-1")]
        if name == "multi_dot":
            args = [f"[{', '.join([f'0.3 * {args[0]}'] * w.one(2, 3, 4))}]"]
        if name == "svd":
            args.append("full_matrices=False")
        spelled = f"tg.linalg.{name}" if name in tg.linalg.__all__ else f'tg.OPS["{name}"]'
        return f"{spelled}({', '.join(args)}){ending}"

    return recipe


def _loss(name: str) -> Callable:
    def recipe(w: Writer) -> str:
        domain = tg.OPS[name].domain if name in tg.OPS else (-np.inf, np.inf)
        y_pred = w.operand((2,) if name == "softmax_cross_entropy" else (0, 1, 2), domain)
        if name == "softmax_cross_entropy" and np.shape(w.numbers[y_pred])[1] == 0:
            raise UnfitError
        return called(w, name, w.given(np.shape(w.numbers[y_pred]), domain), y_pred)

    return recipe


RECIPES: dict[str, Callable[[Writer], str]] = {
    **{name: _elementwise(name) for name, row in tg.OPS.items() if row.elementwise},
    "append": _append,
    "atleast_3d": _with("atleast_3d", "", ndim=(0, 1, 2)),
    "choose": _choose,
    "compress": _taken_apart("compress"),
    "cross": _cross,
    "delete": _with_axis("delete", "0", "[-1]"),
    "diagflat": _with("diagflat", "", "-1", ndim=(0, 1, 2)),
    "dsplit": _picked("dsplit", "[1]", "1", ndim=(3,)),
    "dstack": lambda w: called(w, "dstack", _several(w, w.operand((1, 2)), None)),
    "ediff1d": _with("ediff1d", "", "0.5", "to_begin=[0.5, 1.5]", ndim=(1, 2)),
    "extract": _taken_apart("extract"),
    "fliplr": _with("fliplr", "", ndim=(2, 3)),
    "flipud": _with("flipud", "", ndim=(1, 2, 3)),
    "gradient": _gradient,
    "hsplit": _picked("hsplit", "[1]", "1", ndim=(1, 2)),
    "kron": _kron,
    "linspace": _linspace,
    "matrix_transpose": _with("matrix_transpose", "", ndim=(2, 3)),
    "matvec": _vectors("matvec"),
    "rollaxis": _with("rollaxis", "1", "0, 2", "-1", ndim=(2, 3)),
    "rot90": _with("rot90", "", "2", "-1", "axes=(1, 0)", ndim=(2, 3)),
    "select": _select,
    # NumPy 2.0 has nan for the sinc of a 0 of half precision.
    "sinc": lambda w: called(w, "sinc", w.operand(), numpy=w.dtype != "float16"),
    "take_along_axis": _take_along_axis,
    "trapezoid": _trapezoid,
    "unstack": _picked("unstack", "", "-1", ndim=(1, 2, 2)),
    "vecdot": _vectors("vecdot"),
    "vecmat": _vectors("vecmat"),
    "vsplit": _picked("vsplit", "[1]", "1", ndim=(2, 3)),
    **{name: _at_places(name) for name in ("added_at", "elements_at")},
    "affine": _affine,
    "array": _array,
    "array_split": _parts("array_split"),
    "assemble": _assemble,
    "astype": lambda w: called(
        w, "astype", w.operand(), w.one("np.float64", "np.float32", "np.longdouble"), numpy=False
    ),
    "atleast_1d": _with("atleast_1d", "", ndim=(0, 1, 2)),
    "atleast_2d": _with("atleast_2d", "", ndim=(0, 1, 2)),
    "binary_cross_entropy": _loss("binary_cross_entropy"),
    **{name: _activation(name) for name in ACTIVATIONS},
    "block": lambda w: called(w, "block", f"[{_several(w, w.operand((1, 2)), -1)}]"),
    "broadcast_to": _broadcast_to,
    "clip": _clip,
    "column_stack": _joined("column_stack"),
    "concatenate": _concatenate,
    "convolve": _convolved("convolve"),
    "correlate": _convolved("correlate"),
    "corrcoef": _covariances("corrcoef"),
    "cov": _covariances("cov"),
    "cumprod": _with_axis("cumprod"),
    "cumsum": _with_axis("cumsum"),
    "cumulative_prod": _with_axis("cumulative_prod", none=False),
    "cumulative_sum": _with_axis("cumulative_sum", none=False),
    "diag": _with("diag", "", "k=1", "k=-1", ndim=(1, 2)),
    "diagonal": _with("diagonal", "", "offset=1", "axis1=1, axis2=0", ndim=(2, 3)),
    "diff": _diff,
    "divmod": _divmod,
    "dot": _products("dot"),
    "einsum": _einsum,
    "expand_dims": _expand_dims,
    "flip": _with_axis("flip"),
    "getitem": _getitem,
    "average": _average,
    **{name: _elementwise_of(name) for name in ("conjugate", "imag", "positive", "real")},
    **{name: _elementwise_of(name) for name in ("deg2rad", "nan_to_num", "rad2deg")},
    **{name: _pairwise(name) for name in ("fmax", "fmin", "logaddexp2")},
    **{f"nan{name}": _reduction(f"nan{name}") for name in ("max", "mean", "min", "prod", "sum")},
    **{f"nan{name}": _reduction(f"nan{name}", ddof=(0, 1)) for name in ("std", "var")},
    "median": _reduction("median"),
    **{name: _quantile(name) for name in ("percentile", "quantile")},
    "half_squared_error": _loss("half_squared_error"),
    "hstack": _joined("hstack"),
    "inner": _products("inner"),
    "interp": _interp,
    "meshgrid": _meshgrid,
    "polyval": _polyval,
    "cholesky": _linalg("cholesky"),
    "det": _linalg("det"),
    "eigenvectors": _linalg("eigenvectors"),
    "eigh": _linalg("eigh", "[0]"),
    "eigvalsh": _linalg("eigvalsh"),
    "expm": _linalg("expm"),
    "inv": _linalg("inv"),
    "left_singular_vectors": _linalg("left_singular_vectors", square=False),
    "logabsdet": _linalg("logabsdet"),
    "lstsq": _linalg("lstsq", "[0]", square=False),
    "matrix_power": _linalg("matrix_power"),
    "multi_dot": _linalg("multi_dot"),
    "orthonormal_columns": _linalg("orthonormal_columns", square=False),
    "pinv": _linalg("pinv", square=False),
    "qr": _linalg("qr", "[1]", square=False),
    "right_singular_vectors": _linalg("right_singular_vectors", square=False),
    "sign_of_det": _linalg("sign_of_det"),
    "slogdet": _linalg("slogdet", "[1]"),
    "solve": _linalg("solve"),
    "svd": _linalg("svd", "[0]", square=False),
    "svdvals": _linalg("svdvals", square=False),
    "log_softmax": _with_axis("log_softmax", ndim=(1, 2, 3)),
    "logsumexp": _reduction("logsumexp"),
    "matmul": _matmul,
    "max": _reduction("max"),
    "max_share": _with_axis("max_share"),
    "mean": _reduction("mean"),
    "min": _reduction("min"),
    "moveaxis": _with("moveaxis", "0, -1", "-1, 0", "(0, 1), (1, 0)", ndim=(2, 3)),
    "mse": _loss("mse"),
    "mse_gradient": _loss("mse_gradient"),
    "mse_prime": _loss("mse_prime"),
    "norm": _reduction("norm"),
    "outer": _products("outer"),
    "overlap_add": _overlap_add,
    "pad": _with(
        "pad",
        "1",
        "((0, 1), (2, 0))",
        "(1, 0), constant_values=0.5",
        "1, constant_values=(1, 2)",
        '1, "edge"',
        '(2, 1), "reflect"',
        '(1, 2), "symmetric"',
        '2, mode="wrap"',
        ndim=(2,),
    ),
    "place": _place,
    "power": _power,
    "prod": _reduction("prod"),
    "product_of_others": _with_axis("product_of_others"),
    "ptp": _reduction("ptp"),
    "ravel": _with("ravel", "", 'order="F"', ndim=(0, 1, 2, 3)),
    "repeat": _with_axis("repeat", "2", "1", "3"),
    "reshape": _reshape,
    "roll": _with_axis("roll", "1", "-2"),
    "round": _round,
    "sliding_window_view": _windows,
    "softmax": _with_axis("softmax", ndim=(1, 2, 3)),
    "softmax_cross_entropy": _loss("softmax_cross_entropy"),
    "sort": _with_axis("sort"),
    "sorted_by": _ordered("sorted_by"),
    "split": _parts("split"),
    "squeeze": _squeeze,
    "stack": _stack,
    "std": _reduction("std", ddof=(0, 1)),
    "sum": _reduction("sum"),
    "sum_of_others": _with_axis("sum_of_others"),
    "sum_to": _sum_to,
    "swapaxes": _with("swapaxes", "0, 1", "-1, 0", ndim=(2, 3)),
    "take": _with_axis("take", "[0, 0]", "0", "[[0], [-1]]", '[-7, 9], mode="clip"'),
    "tensordot": _products("tensordot"),
    "tile": _with("tile", "2", "(2, 1)", "(1, 2)", ndim=(0, 1, 2)),
    "trace": _with("trace", "", "1", "offset=-1", ndim=(2, 3)),
    "transpose": _transpose,
    "tril": _with("tril", "", "k=1", "k=-1", ndim=(2, 3)),
    "triu": _with("triu", "", "k=1", "k=-1", ndim=(2, 3)),
    "unit": _with_axis("unit"),
    "unsorted_by": _ordered("unsorted_by"),
    "var": _reduction("var", ddof=(0, 1)),
    "vdot": _products("vdot"),
    "vstack": _joined("vstack"),
    "where": _where,
}


def random_program(seed: int) -> Program:
    """Write a program of about eight statements; one calls the function whose turn it is."""
    w = Writer(seed)
    w.fresh(w.shape())
    names = sorted(RECIPES)
    functions = [names[seed % len(names)], *(w.one(*names) for _ in range(7))]
    w.rng.shuffle(functions)
    for function in functions:
        w.write(function)
    return w.program() if w.lines else random_program(seed + len(names))
