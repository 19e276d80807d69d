"""The derivative by SymPy: the formulas of the rows, with its functions for those of NumPy."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tinygrad_mlp.kernels import Array
    from tinygrad_mlp.programs.recording.program import Program, Step

#: Terms that an expression may have when it is written out; SymPy would take long.
LIMIT = 5_000
#: Digits of the number.
DIGITS = 40
#: Longest formula that is told.
LONGEST = 100


class NoForm(Exception):  # noqa: N818  it is an answer
    """A program has no SymPy form; the text says why."""


def symbolic_slope(program: Program, x: Array, direction: Array) -> tuple[float, str]:
    """Return the slope of a program of one argument in a direction, and its formula if it is short.

    Raises
    ------
    NoForm
        If a row has no SymPy form, or the expression would be too long.
    ImportError
        If SymPy is missing.

    Examples
    --------
    >>> import pytest
    >>> _ = pytest.importorskip("sympy")
    >>> from tinygrad_mlp.programs.recording.tracing import trace
    >>> x = np.array(2.0)
    >>> symbolic_slope(trace(lambda x: x**3, [x], {}).program, x, np.array(1.0))
    (12.0, '3*x**2')
    """
    import sympy

    if not np.isfinite(x).all():
        raise NoForm("SymPy has exact numbers only, and this is none")
    _check_size(program)
    t = sympy.Symbol("t", real=True)
    exact = np.frompyfunc(_exactly, 1, 1)
    slope = sympy.diff(_evaluated(program, exact(x) + t * exact(direction)), t).subs(t, 0)
    number = slope.evalf(DIGITS)
    if not number.is_Number:
        raise NoForm(f"SymPy gives no number: {sympy.sstr(number)[:LONGEST]}")
    formula = ""
    if x.size == 1:
        symbol = sympy.Symbol("x", real=True)
        column = np.full(x.shape, None, dtype=object)
        column[...] = symbol
        text = _told(sympy.diff(_evaluated(program, column), symbol))
        formula = text if len(text) <= LONGEST else ""
    return float(number), formula


def _told(expression: Any) -> str:
    """Return an expression as text, with 0.01 for the fraction that the float 0.01 is."""
    import sympy

    binary = [
        x for x in expression.atoms(sympy.Rational) if x.q > 2**20 and sympy.Rational(float(x)) == x
    ]
    return str(sympy.sstr(expression.xreplace({x: sympy.Symbol(repr(float(x))) for x in binary})))


def _check_size(program: Program) -> None:
    """Raise if the expression would have too many terms: what is used twice stands there twice."""
    terms = dict.fromkeys(program.samples(), 1.0)
    sizes = {id_: np.size(value) for id_, value in program.samples().items()}
    for step in program.steps:
        first = program.samples()[step.arguments[0]]
        ratio = max(sizes[x] for x in step.arguments) / max(step.value.size, 1)
        length = np.shape(first)[-1] if "k" in step.row.shapes else max(1.0, ratio)
        terms[step.id] = 1 + length * sum(terms[x] for x in step.arguments)
        if terms[step.id] * step.value.size > LIMIT:
            raise NoForm(f"written out, it would have more than {LIMIT:,} terms")


def _exactly(x: float) -> Any:
    """Return a number as a fraction; one that is none stays itself."""
    import sympy

    return sympy.Rational(x) if np.isfinite(x) else sympy.Float(x)


def _evaluated(program: Program, x: Any) -> Any:
    """Return the output of a program for expressions."""
    import sympy

    exact = np.frompyfunc(_exactly, 1, 1)
    (input_,) = program.inputs
    found: dict[str, Any] = {input_: np.asarray(x, dtype=object)}
    samples = program.samples()
    for step in program.steps:
        for argument in step.arguments:
            if argument not in found:
                sample = np.asarray(samples[argument])
                found[argument] = sample if sample.dtype.kind == "b" else np.asarray(exact(sample))
        found[step.id] = np.asarray(_applied(step, [found[x] for x in step.arguments]))
    out = found.get(program.outputs[0], samples.get(program.outputs[0]))
    return sympy.sympify(np.asarray(out, dtype=object).item())


def _applied(step: Step, arguments: list[Any]) -> Any:
    row = step.row
    names = [name.lstrip("*") for name in row.parameters]
    known: dict[str, Any] = dict(step.options)
    if row.parameters[0].startswith("*"):
        known[names[0]] = tuple(arguments)
    else:
        known.update(zip(names, arguments, strict=True))
    text = row.forward.format(**{name: name for name in (*names, *row.options)})
    try:
        code = compile(_Exact().visit(ast.parse(text, mode="eval")), f"<op {row.name}>", "eval")
        return eval(code, {**_functions(), **known})  # noqa: S307  the table's own text
    except Exception as error:
        name = "a comparison" if row.name == "question" else row.name
        raise NoForm(f"{name} has no SymPy form") from error


class _Exact(ast.NodeTransformer):
    """Turns the numbers of a formula into fractions."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if type(node.value) is not float:
            return node
        exact = ast.Call(ast.Name("_exact", ast.Load()), [node], [])
        return ast.fix_missing_locations(ast.copy_location(exact, node))


def _functions() -> Mapping[str, Any]:
    """Return what the formulas of the rows name, in SymPy."""
    import sympy as sp

    def softplus(x: Any) -> Any:
        return sp.log(1 + sp.exp(x))

    def sigmoid(x: Any) -> Any:
        return 1 / (1 + sp.exp(-x))

    alike = ["exp", "log", "sqrt", "cbrt", "sign", "floor"]
    alike += ["sin", "cos", "tan", "sinh", "cosh", "tanh"]
    numpys: dict[str, Callable[..., Any]] = {name: getattr(sp, name) for name in alike}
    numpys |= {f"arc{name}": getattr(sp, f"a{name}") for name in ("sin", "cos", "tan")}
    numpys |= {f"arc{name}": getattr(sp, f"a{name}") for name in ("sinh", "cosh", "tanh")}
    numpys |= {
        "abs": sp.Abs,
        "arctan2": sp.atan2,
        "ceil": sp.ceiling,
        "clip": lambda x, lowest, highest: sp.Min(sp.Max(x, lowest), highest),
        "exp2": lambda x: sp.Integer(2) ** x,
        "expm1": lambda x: sp.exp(x) - 1,
        "hypot": lambda x, y: sp.sqrt(x**2 + y**2),
        "log10": lambda x: sp.log(x) / sp.log(10),
        "log1p": lambda x: sp.log(1 + x),
        "log2": lambda x: sp.log(x) / sp.log(2),
        "maximum": sp.Max,
        "minimum": sp.Min,
        "reciprocal": lambda x: 1 / x,
        "square": lambda x: x**2,
    }
    kernels: dict[str, Callable[..., Any]] = {
        "quiet_logaddexp": lambda x, y: sp.log(sp.exp(x) + sp.exp(y)),
        "sigmoid": sigmoid,
        "sigmoid_prime": lambda x: sigmoid(x) * sigmoid(-x),
        "softplus": softplus,
        "tanh_prime": lambda x: 1 - sp.tanh(x) ** 2,
    }
    each = {name: _everywhere(function) for name, function in kernels.items()}
    return {"np": _Numpy(numpys), "_exact": sp.Rational, **each}


class _Numpy:
    """NumPy's functions of numbers by SymPy, and its functions of tables as they are."""

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        self._functions = functions

    def __getattr__(self, name: str) -> Any:
        if name in self._functions:
            return _everywhere(self._functions[name])
        return getattr(np, name)


def _everywhere(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of expressions as one of tables of them."""

    def on_tables(*tables: Any) -> Any:
        return np.frompyfunc(function, len(tables), 1)(*tables)

    return on_tables
