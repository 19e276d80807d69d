"""Syntax trees of expressions as JavaScript."""

from __future__ import annotations

import ast
import json
import math
from typing import Any

import numpy as np

from tinygrad_mlp.programs.writing.formatting import SIGNS, WIDTH
from tinygrad_mlp.programs.writing.literals import one_over

INDENT = "  "

_OPERATORS: dict[type[ast.operator], tuple[str, int]] = {
    ast.Add: ("+", 5),
    ast.Sub: ("-", 5),
    ast.Mult: ("*", 6),
    ast.Div: ("/", 6),
    ast.Pow: ("**", 8),
}
_ARROW, _CHOICE, _OR, _AND, _RELATION, _UNARY, _ATOM = 0, 1, 2, 3, 4, 7, 9


def text_of(node: ast.expr, least: int = _ARROW) -> str:
    """Return an expression in one line, in parentheses if it binds weaker than ``least``.

    >>> text_of(ast.parse("-(a - -b) ** 2 * f(-x ** 3.0, [1e300, True])", mode="eval").body)
    '-((a - -b) ** 2) * f(-(x ** 3), [1e+300, true])'
    """
    text, strength = _bound(node)
    return text if strength >= least else f"({text})"


def _bound(node: ast.expr) -> tuple[str, int]:
    """Return the text of a node and how strongly it binds."""
    match node:
        case ast.BinOp(left, ast.Pow(), right):
            return f"{text_of(left, _ATOM)} ** {text_of(right, _UNARY)}", _OPERATORS[ast.Pow][1]
        case ast.BinOp(left, operator, right):
            sign, strength = _OPERATORS[type(operator)]
            return f"{text_of(left, strength)} {sign} {text_of(right, strength + 1)}", strength
        case ast.UnaryOp(ast.USub(), operand):
            return f"-{text_of(operand, _ATOM)}", _UNARY  # no -- and no -x ** y
        case ast.UnaryOp(ast.Not(), operand):
            return f"!{text_of(operand, _UNARY)}", _UNARY
        case ast.Compare(left, [relation], [right]):
            pair = text_of(left, _RELATION + 1), text_of(right, _RELATION + 1)
            return f" {SIGNS[type(relation)]} ".join(pair), _RELATION  # true == 1, as in NumPy
        case ast.BoolOp(ast.And(), parts):
            return " && ".join(text_of(part, _AND + 1) for part in parts), _AND
        case ast.BoolOp(ast.Or(), parts):
            return " || ".join(text_of(part, _OR + 1) for part in parts), _OR
        case ast.IfExp(test, then, other):
            condition = text_of(test, _CHOICE + 1)
            return f"{condition} ? {text_of(then, _CHOICE)} : {text_of(other, _CHOICE)}", _CHOICE
        case ast.Lambda(ast.arguments(args=parameters), body):
            return f"({', '.join(p.arg for p in parameters)}) => {text_of(body)}", _ARROW
    return _atom(node)


def _atom(node: ast.expr) -> tuple[str, int]:
    match node:
        case ast.Name(name):
            return name, _ATOM
        case ast.Constant(value):
            return constant(value), _ATOM
        case ast.Attribute(owner, name):
            return f"{text_of(owner, _ATOM)}.{name}", _ATOM
        case ast.Subscript(owner, index):
            return f"{text_of(owner, _ATOM)}[{text_of(index)}]", _ATOM
        case ast.Dict(keys, values):
            pairs = zip(keys, values, strict=True)
            named = [f"{_key(k)}: {text_of(v)}" for k, v in pairs]
            return (f"{{ {', '.join(named)} }}" if named else "{}"), _ATOM
    opening, items, closing = _brackets(node)
    return f"{opening}{', '.join(map(text_of, items))}{closing}", _ATOM


def _key(key: ast.expr | None) -> str:
    match key:
        case ast.Constant(str() as name) if name.isidentifier() and name.isascii():
            return name
        case ast.Constant(value):
            return f"[{constant(value)}]"
    raise TypeError(f"no JavaScript for the key {key}")


def _brackets(node: ast.expr) -> tuple[str, list[ast.expr], str]:
    """Return what opens a call or an array, the items in it, and what closes it."""
    match node:
        case ast.Call(function, items):
            return f"{text_of(function, _ATOM)}(", items, ")"
        case ast.List(items) | ast.Tuple(items):
            return "[", items, "]"
    raise TypeError(f"no JavaScript for {ast.dump(node)}")


def constant(x: Any) -> str:
    r"""Return a number, a text, a truth value or nothing.

    >>> [constant(x) for x in (2.0, 1e-300, math.inf, math.nan, True, None, 'a "b"')]
    ['2', '1e-300', 'Infinity', 'NaN', 'true', 'null', '"a \\"b\\""']
    """
    if isinstance(x, str | bool) or x is None:
        return json.dumps(x)
    if math.isnan(x):
        return "NaN"
    if math.isinf(x):
        return "Infinity"
    return str(int(x)) if abs(x) < 1e15 and x == int(x) else repr(x)


def number(x: Any) -> ast.expr:
    """Return the expression of a number or a truth value.

    >>> [text_of(number(x)) for x in (0.5, -2.0, 1 / 3, -0.0, np.True_)]
    ['0.5', '-2', '1 / 3', '-0', 'true']
    """
    if isinstance(x, bool | np.bool_):
        return ast.Constant(bool(x))
    size = abs(float(x))
    node: ast.expr = ast.Constant(size)
    if one_over(size) and len(repr(size)) > 8:  # a mean divides by a count
        node = ast.BinOp(ast.Constant(1), ast.Div(), ast.Constant(one_over(size)))
    return ast.UnaryOp(ast.USub(), node) if np.signbit(x) and not np.isnan(x) else node


def array(x: Any) -> ast.expr:
    """Return the expression of nested arrays.

    >>> text_of(array(np.eye(2)))
    '[[1, 0], [0, 1]]'
    """
    return ast.List([array(part) for part in x]) if np.ndim(x) else number(x)


def statement(prefix: str, node: ast.expr, indent: str = INDENT) -> list[str]:
    """Return ``prefix``, an expression and a semicolon, over several lines if it is too long.

    >>> statement("return ", ast.parse("[a, b]", mode="eval").body)
    ['  return [a, b];']
    """
    lines = _broken(prefix, node, indent)
    return [*lines[:-1], f"{lines[-1]};"]


def _broken(prefix: str, node: ast.expr, indent: str) -> list[str]:
    line = f"{indent}{prefix}{text_of(node)}"
    if len(line) < WIDTH:
        return [line]
    inner = indent + INDENT
    match node:
        case ast.Call() | ast.List() | ast.Tuple():
            opening, items, closing = _brackets(node)
            lines = [x for item in items for x in _with_comma(_broken("", item, inner))]
            return [f"{indent}{prefix}{opening}", *lines, f"{indent}{closing}"]
        case ast.Dict(keys, values):
            pairs = zip(keys, values, strict=True)
            lines = [x for k, v in pairs for x in _with_comma(_broken(f"{_key(k)}: ", v, inner))]
            return [f"{indent}{prefix}{{", *lines, f"{indent}}}"]
        case ast.BinOp(left, operator, right) if not isinstance(operator, ast.Pow):
            sign, strength = _OPERATORS[type(operator)]
            first, second = text_of(left, strength), text_of(right, strength + 1)
            return [f"{indent}{prefix}{first} {sign}", f"{inner}{second}"] if prefix else [line]
        case ast.Lambda(ast.arguments(args=parameters), body):
            head = f"{prefix}({', '.join(p.arg for p in parameters)}) =>"
            return [f"{indent}{head}", f"{inner}{text_of(body)}"]
    return [line]


def _with_comma(lines: list[str]) -> list[str]:
    return [*lines[:-1], f"{lines[-1]},"]
