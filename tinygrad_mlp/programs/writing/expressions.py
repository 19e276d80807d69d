"""The expression of a step: the forward text of its row, with its arguments written in."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from functools import cache
from typing import Any

from tinygrad_mlp.core.record import Op
from tinygrad_mlp.programs.writing.formatting import COMPARISONS
from tinygrad_mlp.programs.writing.literals import index, name, option

OfArray = Callable[[Any], ast.expr | None]

#: Functions that arrays have as methods too.
_METHODS = ("sum", "mean", "max", "min", "prod")
#: What stands before the names of parameters and options in a template.
_MARK = "_argument_"


def expression_of(
    row: Op, arguments: Sequence[ast.expr], options: Mapping[str, Any], of_array: OfArray
) -> ast.expr:
    """Return what a step computes, as a person would spell it.

    Parameters
    ----------
    row : Op
        The operation.
    arguments : sequence of expressions
        What it is applied to.
    options : mapping
        What it is called with besides.
    of_array : callable
        How to write an array among the options.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> from tinygrad_mlp.programs.writing.literals import array
    >>> x = ast.Name("x")
    >>> options = {"axis": (0,), "keepdims": False}
    >>> ast.unparse(expression_of(tg.OPS["sum"], [x], options, array))
    'x.sum(axis=0)'
    """
    filling = by_parameter(row, arguments)
    for key, item in options.items():
        write = index if f"[{{{key}}}]" in row.forward else option
        filling[key] = write(item, of_array)
    return _Spelling(filling).filled(row.forward)


def by_parameter(row: Op, arguments: Sequence[ast.expr]) -> dict[str, ast.expr]:
    """Return arguments by the names of a row's parameters; a list where it takes any number."""
    first = row.parameters[0]
    if first.startswith("*"):
        return {first[1:]: ast.List(list(arguments))}
    return dict(zip(row.parameters, arguments, strict=True))


@cache
def _template(text: str) -> ast.expr:
    """Return a text as a tree, with marked names in the place of those in braces."""
    return ast.parse(text.replace("{", _MARK).replace("}", ""), mode="eval").body


class Filling(ast.NodeTransformer):
    """Puts expressions in the places of names in braces, in a text of a table."""

    def __init__(self, filling: Mapping[str, ast.expr]) -> None:
        self._filling = filling

    def filled(self, text: str) -> ast.expr:
        """Return the expression that a text becomes."""
        node: ast.expr = self.visit(deepcopy(_template(text)))
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Return what stands in the place of a name."""
        if node.id.startswith(_MARK):
            return self._filling[node.id.removeprefix(_MARK)]
        return node


class _Spelling(Filling):
    """Spells calls, powers and signs as people do."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        arguments: list[ast.expr] = []
        for argument in map(self.visit, node.args):
            if isinstance(argument, ast.Starred) and isinstance(argument.value, ast.List):
                arguments += argument.value.elts
            else:
                arguments.append(argument)
        named = {k.arg: self.visit(k.value) for k in node.keywords if k.arg is not None}
        function = self.visit(node.func)
        keywords = [
            ast.keyword(key, _single(item) if key == "axis" else item)
            for key, item in named.items()
        ]
        return _spelled(ast.Call(function, arguments, keywords))

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        left, right = self.visit(node.left), self.visit(node.right)
        if isinstance(node.op, ast.Pow):
            right = _whole(right)
        return ast.BinOp(left, node.op, right)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        match node.op, self.visit(node.operand):
            case ast.USub(), ast.UnaryOp(ast.USub(), inner):
                return inner
            case sign, operand:
                return ast.UnaryOp(sign, operand)


def _whole(exponent: ast.expr) -> ast.expr:
    """Return 2 for 2.0: a power of floats is the same."""
    match exponent:
        case ast.Constant(float() as value) if value.is_integer() and value < 1e6:
            return ast.Constant(int(value))
        case ast.UnaryOp(ast.USub(), operand):
            return ast.UnaryOp(ast.USub(), _whole(operand))
    return exponent


# ----- Nicer spellings of the same -----


def _spelled(node: ast.Call) -> ast.expr:
    """Return a call in the spelling that people use, which gives the same bits."""
    match node:
        case ast.Call(ast.Attribute(ast.Name("np"), function), [x], keywords) if (
            function in _METHODS
        ):
            return _reduction(function, x, keywords)
        case ast.Call(ast.Attribute(ast.Name("np"), "transpose"), [x, ast.Tuple(axes)]):
            if [getattr(axis, "value", None) for axis in axes] == [*range(len(axes))][::-1]:
                return ast.Attribute(x, "T")
        case ast.Call(ast.Attribute(ast.Name("np"), "reshape"), [ast.Name() as x, shape]):
            lengths = shape.elts if isinstance(shape, ast.Tuple) and shape.elts else [shape]
            return ast.Call(ast.Attribute(x, "reshape"), lengths, [])
        case ast.Call(ast.Name("ask"), [ast.Constant(str() as function), arrays, others, named]):
            return _question(function, arrays, others, named)
    return node


def _reduction(function: str, x: ast.expr, keywords: Sequence[ast.keyword]) -> ast.expr:
    """Return ``x.sum(axis=0)`` for ``np.sum(x, axis=(0,), keepdims=False)``."""
    told = [k for k in keywords if not _is_default(k.value)]
    if isinstance(x, ast.Name):
        return ast.Call(ast.Attribute(x, function), [], told)
    return ast.Call(name(f"np.{function}"), [x], told)


def _question(function: str, arrays: ast.expr, others: ast.expr, named: ast.expr) -> ast.expr:
    """Return ``x > y`` for ``ask("greater", [x, y], (), ())``."""
    arguments = [x for part in (arrays, others) for x in getattr(part, "elts", [])]
    if function in COMPARISONS and len(arguments) == 2 and not getattr(named, "elts", []):
        return ast.Compare(arguments[0], [COMPARISONS[function][0]()], arguments[1:])
    pairs = [pair.elts for pair in getattr(named, "elts", []) if isinstance(pair, ast.Tuple)]
    told = [ast.keyword(str(getattr(k, "value", k)), value) for k, value in pairs]
    return ast.Call(name(f"np.{function}"), arguments, told)


def _is_default(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and (value.value is None or value.value is False)


def _single(axis: ast.expr) -> ast.expr:
    """Return 0 for (0,)."""
    return axis.elts[0] if isinstance(axis, ast.Tuple) and len(axis.elts) == 1 else axis


def functions_of(row: Op) -> list[str]:
    """Return the functions that a step of this kind calls, besides those of NumPy.

    >>> import tinygrad_mlp as tg
    >>> functions_of(tg.OPS["log_sigmoid"]), functions_of(tg.OPS["exp"])
    (['softplus'], [])
    """
    names = {part.id for part in ast.walk(_template(row.forward)) if isinstance(part, ast.Name)}
    return sorted(x for x in names if not x.startswith(_MARK) and x not in ("np", "ask"))
