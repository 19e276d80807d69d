"""Syntax trees of expressions and statements as text, laid out as black would."""

from __future__ import annotations

import ast
from collections.abc import Iterable

#: Columns of a line.
WIDTH = 88
INDENT = "    "

_OPERATORS: dict[type[ast.operator], tuple[str, int]] = {
    ast.Add: ("+", 1),
    ast.Sub: ("-", 1),
    ast.Mult: ("*", 2),
    ast.Div: ("/", 2),
    ast.MatMult: ("@", 2),
    ast.FloorDiv: ("//", 2),
    ast.Mod: ("%", 2),
    ast.Pow: ("**", 4),
}
#: Comparisons by the name of the function, with their signs in Python and in LaTeX.
COMPARISONS: dict[str, tuple[type[ast.cmpop], str, str]] = {
    "greater": (ast.Gt, ">", ">"),
    "greater_equal": (ast.GtE, ">=", r"\geq"),
    "less": (ast.Lt, "<", "<"),
    "less_equal": (ast.LtE, "<=", r"\leq"),
    "equal": (ast.Eq, "==", "="),
    "not_equal": (ast.NotEq, "!=", r"\ne"),
}
SIGNS = {kind: sign for kind, sign, _ in COMPARISONS.values()}
_UNARY = 3
_ATOM = 5
_IN_BRACKETS = (ast.Call, ast.Tuple, ast.List, ast.Dict)


def text_of(node: ast.expr, least: int = 0) -> str:
    """Return an expression in one line, in parentheses if it binds weaker than ``least``.

    >>> text_of(ast.parse("(a+b)*c**2 - f(x , y)[:,0]", mode="eval").body)
    '(a + b) * c**2 - f(x, y)[:, 0]'
    """
    text, strength = _bound(node)
    return text if strength >= least else f"({text})"


def _bound(node: ast.expr) -> tuple[str, int]:
    """Return the text of a node and how strongly it binds."""
    match node:
        case ast.BinOp(left, operator, right):
            symbol, strength = _OPERATORS[type(operator)]
            if isinstance(operator, ast.Pow):
                space = "" if _is_simple(left) and _is_simple(right) else " "
                pair = text_of(left, _ATOM), text_of(right, _UNARY)
                return f"{space}{symbol}{space}".join(pair), strength
            return f"{text_of(left, strength)} {symbol} {text_of(right, strength + 1)}", strength
        case ast.Compare(left, [relation], [right]):
            return f"{text_of(left, 1)} {SIGNS[type(relation)]} {text_of(right, 1)}", 0
        case ast.UnaryOp(ast.USub(), operand):
            return f"-{text_of(operand, _UNARY)}", _UNARY
    return _atom(node), _ATOM


def _atom(node: ast.expr) -> str:
    match node:
        case ast.Name(name):
            return name
        case ast.Constant(str() as value):
            return quoted(value)
        case ast.Constant(value):
            return "..." if value is ... else repr(value)
        case ast.Attribute(owner, name):
            return f"{text_of(owner, _ATOM)}.{name}"
        case ast.Subscript(owner, index):
            inside = items_of(index) if isinstance(index, ast.Tuple) and index.elts else None
            return f"{text_of(owner, _ATOM)}[{text_of(index) if inside is None else inside}]"
        case ast.Starred(inner):
            return f"*{text_of(inner, _ATOM)}"
        case ast.Slice(lower, upper, step):
            return _slice(lower, upper, step)
    opening, items, closing = _parts(node)
    comma = "," if isinstance(node, ast.Tuple) and len(items) == 1 else ""
    return f"{opening}{_joined(items)}{comma}{closing}"


def _parts(node: ast.expr) -> tuple[str, list[tuple[str, ast.expr]], str]:
    """Return what opens a call or a container, the items behind their names, and what closes it."""
    match node:
        case ast.Call(function, arguments, keywords):
            named = [(f"{k.arg}=", k.value) for k in keywords]
            return f"{text_of(function, _ATOM)}(", [*_unnamed(arguments), *named], ")"
        case ast.Tuple(items):
            return "(", _unnamed(items), ")"
        case ast.List(items):
            return "[", _unnamed(items), "]"
        case ast.Dict(keys, values):
            pairs = zip(keys, values, strict=True)
            return "{", [(f"{text_of(k)}: ", v) for k, v in pairs if k is not None], "}"
    raise TypeError(f"no text for {ast.dump(node)}")


def _unnamed(items: Iterable[ast.expr]) -> list[tuple[str, ast.expr]]:
    return [("", item) for item in items]


def _joined(items: Iterable[tuple[str, ast.expr]]) -> str:
    return ", ".join(f"{name}{text_of(item)}" for name, item in items)


def items_of(node: ast.Tuple) -> str:
    """Return a tuple as it stands in an index or behind ``return``, without parentheses."""
    return ", ".join(map(text_of, node.elts)) + ("," if len(node.elts) == 1 else "")


def _slice(lower: ast.expr | None, upper: ast.expr | None, step: ast.expr | None) -> str:
    ends = [x for x in (lower, upper, step) if x is not None]
    space = "" if all(isinstance(x, ast.Name | ast.Constant | ast.UnaryOp) for x in ends) else " "
    first, second, third = ("" if x is None else text_of(x) for x in (lower, upper, step))
    text = f"{first}{space}:{space}{second}".strip()
    return text if step is None else f"{text}{space}:{space}{third}"


def quoted(text: str) -> str:
    """Return a string in double quotes, if it has none inside.

    >>> quoted("a")
    '"a"'
    """
    plain = repr(text)
    if plain[0] == "'" and '"' not in text:
        return f'"{plain[1:-1]}"'
    return plain


def _is_simple(node: ast.expr) -> bool:
    """Return whether black writes ``**`` next to it without a space."""
    match node:
        case ast.Name() | ast.Constant():
            return True
        case ast.UnaryOp(_, ast.Constant()):
            return True
        case ast.Attribute(owner):
            return isinstance(owner, ast.Name | ast.Attribute) and _is_simple(owner)
    return False


# ----- Lines -----


def statement(prefix: str, node: ast.expr, indent: str = INDENT, end: str = "") -> list[str]:
    """Return ``prefix``, an expression and ``end`` as one line, or as several if it is too long.

    >>> statement("return ", ast.parse("a, b", mode="eval").body)
    ['    return a, b']
    """
    bare = isinstance(node, ast.Tuple) and len(node.elts) > 1
    text = items_of(node) if isinstance(node, ast.Tuple) and bare else text_of(node)
    line = f"{indent}{prefix}{text}{end}"
    if len(line) <= WIDTH:
        return [line]
    at_last = _at_last_bracket(prefix, node, indent)
    if at_last is not None:
        return at_last
    if isinstance(node, ast.BinOp | ast.UnaryOp | ast.Attribute | ast.Subscript):
        inner = indent + INDENT
        whole = f"{inner}{text}"
        lines = [whole] if len(whole) <= WIDTH else _at_operators(node, inner)
        return [f"{indent}{prefix}(", *lines, f"{indent})"]
    if isinstance(node, _IN_BRACKETS):
        return _bracketed(prefix, node, indent, end)
    return [line]


def _at_last_bracket(prefix: str, node: ast.expr, indent: str) -> list[str] | None:
    """Return a pair ending in a call, broken in its brackets; None for anything else."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.right, ast.Call):
        return None
    symbol, strength = _OPERATORS[type(node.op)]
    left = node.left
    if isinstance(left, ast.BinOp) and _OPERATORS[type(left.op)][1] == strength:
        return None
    opening, items, closing = _parts(node.right)
    first = f"{indent}{prefix}{text_of(left, strength)} {symbol} {opening}"
    inside = f"{indent}{INDENT}{_joined(items)}"
    if len(first) > WIDTH or len(inside) > WIDTH or not items:
        return None
    return [first, inside, f"{indent}{closing}"]


def _bracketed(prefix: str, node: ast.expr, indent: str, end: str) -> list[str]:
    """Return a call or a container over several lines."""
    opening, items, closing = _parts(node)
    inner = indent + INDENT
    joined = _joined(items)
    is_call = isinstance(node, ast.Call)
    first, last = f"{indent}{prefix}{opening}", f"{indent}{closing}{end}"
    alone = is_call and len(items) == 1 and prefix != "def "
    if is_call and len(inner + joined) <= WIDTH and (alone or len(items) > 1):
        return [first, f"{inner}{joined}", last]
    lines = []
    for name, item in items:
        line = f"{inner}{name}{text_of(item)},"
        fits = len(line) <= WIDTH or not (isinstance(item, _IN_BRACKETS) and _parts(item)[1])
        lines += [line] if fits else _bracketed(name, item, inner, ",")
    if alone and len(lines) == 1 and not isinstance(items[0][1], ast.Starred):
        lines = [lines[0].removesuffix(",")]
    return [first, *lines, last]


def _at_operators(node: ast.expr, indent: str) -> list[str]:
    """Return a long sum or product with one operand in each line, operators in front."""
    if not isinstance(node, ast.BinOp) or isinstance(node.op, ast.Pow):
        return [indent + text_of(node)]
    symbol, strength = _OPERATORS[type(node.op)]
    left = node.left
    same = isinstance(left, ast.BinOp) and _OPERATORS[type(left.op)][1] == strength
    before = _at_operators(left, indent) if same else [indent + text_of(left, strength)]
    return [*before, f"{indent}{symbol} {text_of(node.right, strength + 1)}"]


def one_line(text: str) -> str:
    r"""Return a text that somebody else chose as it can stand in a comment.

    >>> one_line("first\nsecond\0")
    'first second'
    """
    return " ".join(text.replace("\0", " ").split())


def docstring(text: str) -> str:
    r"""Return the literal of a text that ends a sentence, on one line.

    >>> docstring("Half\nof it.").strip('"')
    'Half of it.'
    """
    line = one_line(text).replace('"""', "'" * 3)
    prefix = "r" if "\\" in line else ""
    return f'{prefix}"""{line}"""'
