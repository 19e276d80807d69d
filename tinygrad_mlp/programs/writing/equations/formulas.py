r"""Formulas in LaTeX: each knows how strongly it holds together, so that none is misread."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from tinygrad_mlp.core.op import Row
from tinygrad_mlp.programs.writing.literals import one_over

#: How strongly a formula holds together; x y is the matrix product.
SUM, ELEMENTWISE, PRODUCT, PREFIXED, CLOSED, SYMBOL = range(1, 7)
_GREEK = re.compile(
    "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|"
    "upsilon|phi|chi|psi|omega"
)
#: Of the capital letters those that do not look like Latin ones.
_GREEK_CAPITAL = re.compile("Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega")
_PLACE = re.compile("\x00(\\d+)\x00")


class Formula(NamedTuple):
    r"""A text in LaTeX, how strongly it holds together, and whether what follows would join in.

    ``open`` is a text such as ``b \log a``, which a factor behind it would change.
    """

    text: str
    strength: int
    open: bool = False


def symbol(name: str) -> str:
    r"""Return an identifier as a symbol.

    >>> symbol("W1"), symbol("logits"), symbol("y_true"), symbol("alpha2"), symbol("λ")
    ('W_1', '\\mathrm{logits}', 'y_{\\mathrm{true}}', '\\alpha_2', '\\lambda')
    >>> symbol("Δ"), symbol("x_σ"), symbol("größe")
    ('\\Delta', 'x_\\sigma', '\\mathrm{größe}')
    """
    found = re.fullmatch(r"([^\W\d_]+)_?(.*)", name)
    if found is None:
        return rf"\mathrm{{{escaped(name)}}}"
    base, index = found.groups()
    letter = _named_letter(base)
    if _GREEK.fullmatch(letter) or letter != base:
        base = f"\\{letter}"
    elif len(base) > 1 or not base.isascii():
        base = rf"\mathrm{{{base}}}"
    if not index:
        return base
    letter = _named_letter(index)
    if letter != index:
        return rf"{base}_\{letter}"
    if len(index) == 1 and index.isascii():
        return f"{base}_{index}"
    plain = escaped(index)
    return f"{base}_{{{plain}}}" if index.isdigit() else rf"{base}_{{\mathrm{{{plain}}}}}"


def _named_letter(text: str) -> str:
    """Return what LaTeX calls a Greek letter; any other text as it is.

    >>> _named_letter("λ"), _named_letter("Σ"), _named_letter("x")
    ('lambda', 'Sigma', 'x')
    """
    if len(text) != 1:
        return text
    _, _, word = unicodedata.name(text, "").partition("GREEK ")
    small, capital = word.removeprefix("SMALL LETTER "), word.removeprefix("CAPITAL LETTER ")
    small, capital = small.replace("LAMDA", "LAMBDA"), capital.replace("LAMDA", "LAMBDA")
    if _GREEK.fullmatch(small.lower()):
        return small.lower()
    return capital.capitalize() if _GREEK_CAPITAL.fullmatch(capital.capitalize()) else text


def run_together(left: str, right: str) -> bool:
    r"""Return whether two symbols side by side would be read as one, because one is a word.

    >>> run_together(r"\mathrm{size}", r"\mathrm{weight}"), run_together("x", r"\mathrm{weight}")
    (True, True)
    >>> run_together("x_1", r"\mathrm{weight}"), run_together(r"\mathrm{size}", r"\frac{1}{2}")
    (False, False)
    """
    left_word = re.search(r"\\(mathrm|text)\{[^{}]*\}$", left)
    right_word = re.match(r"\\(mathrm|text)\{", right)
    left_letter = re.search(r"(^|[^A-Za-z_])(\\[A-Za-z]+|[A-Za-z])$", left)
    right_letter = re.match(r"(\\(?!t?frac|left|sum|prod)[A-Za-z]+|[A-Za-z])", right)
    return bool((left_word or left_letter) and right_word) or bool(left_word and right_letter)


def for_any_tex(text: str) -> str:
    r"""Return a formula with words beyond ASCII as text, where every TeX knows accents.

    >>> for_any_tex(r"\mathrm{größe} + \mathrm{size}"), for_any_tex(r"\mathrm{Maß σ}")
    ('\\text{größe} + \\mathrm{size}', '\\text{Maß $\\sigma$}')
    """

    def spelled(found: re.Match[str]) -> str:
        if found[0].isascii():
            return found[0]
        letters = (_named_letter(x) for x in found[1])
        signs = (x if len(x) == 1 else rf"$\{x}$" for x in letters)
        return rf"\text{{{''.join(signs)}}}"

    return re.sub(r"\\(?:mathrm|text)\{([^{}]*)\}", spelled, text)


def escaped(name: str) -> str:
    """Return a name as LaTeX takes it."""
    return name.replace("_", r"\_")


def number(x: Any, *, of_count: bool = True) -> str:
    r"""Return a number in LaTeX, with all its digits; one over a count as a fraction.

    >>> number(2.0), number(1 / 3), number(-0.25), number(1e-7), number(np.inf)
    ('2', '\\frac{1}{3}', '-\\frac{1}{4}', '10^{-7}', '\\infty')

    A number that somebody wrote, and not a mean, is told as decimals where these are few.

    >>> number(0.25, of_count=False), number(1 / 3, of_count=False)
    ('0.25', '\\frac{1}{3}')
    """
    if not isinstance(x, int | float | np.number | np.bool_):
        return rf"\mathrm{{{escaped(str(x))}}}"
    x = float(x)
    if np.isnan(x):
        return r"\mathrm{nan}"
    sign = "-" if np.signbit(x) else ""
    size = abs(x)
    if np.isinf(size):
        return rf"{sign}\infty"
    count = one_over(size)
    if count and (of_count or len(repr(size)) > 5):
        return rf"{sign}\frac{{1}}{{{count}}}"
    digits, _, exponent = repr(size).partition("e")
    digits = digits.removesuffix(".0")
    if not exponent:
        return sign + digits
    power = f"10^{{{int(exponent)}}}"
    return sign + (power if digits == "1" else rf"{digits} \cdot {power}")


def template_of(row: Row, options: Mapping[str, Any]) -> str:
    """Return the formula of a row, with a mark in the place of each argument."""
    places = {key: f"\x00{place}\x00" for place, key in enumerate(row.parameters)}
    numbers = {
        key: number(x, of_count=False) for key, x in options.items() if isinstance(x, int | float)
    }
    return row.latex.format_map(defaultdict(lambda: r"\cdot", numbers | places))


# ----- Parentheses -----

#: What applies to all that follows, such as ``\log_2`` and ``\sum_{i}``, at the end of a text.
_PREFIX = re.compile(
    r"\\(?!odot|cdot|begin|end|left|right|l[fcV])[A-Za-z]+(\{[a-z]*\})?([_^]([^\W_]|\{[^{}]*\}))*$"
)
_INDEXED_SUM = re.compile(r"\\(sum|prod)_\{[^{}]*\}$")
#: What is closed on both sides without brackets.
_CLOSED_PAIRS = re.compile(r"\|[^|]*\||\\l(floor|ceil|Vert) .*? \\r\1")


def written_in(
    template: str, formulas: Sequence[Formula], plain: bool = False, *, indexed: bool = False
) -> Formula:
    r"""Return a template with formulas in its marked places.

    With indices it is clear where a sum ends: before what does not have its index.

    >>> a_plus_b, log_c = Formula("a + b", 1), Formula(r"\log c", 4, open=True)
    >>> written_in("\x000\x00^2 - \x001\x00", [a_plus_b, a_plus_b]).text
    '(a + b)^2 - (a + b)'
    >>> written_in("\x000\x00 \\odot \x001\x00", [log_c, log_c]).text
    '(\\log c) \\odot \\log c'
    """
    strength, is_open = _shape(_PLACE.sub("x", template), plain)
    strengths = [strength]

    def fill(found: re.Match[str]) -> str:
        nonlocal is_open
        formula = formulas[int(found[1])]
        before, after = template[: found.start()].rstrip(), template[found.end() :].lstrip()
        text = enclosed(formula, _needed(before, after, formula, indexed), after)
        if text == formula.text and not _is_inside(before, after):
            strengths.append(formula.strength)
            is_open |= formula.open and not after
        beside = re.search("\x00(\\d+)\x00 $", template[: found.start()])
        if beside and run_together(formulas[int(beside[1])].text, text):
            return rf"\, {text}"
        return text

    text = _PLACE.sub(fill, template)  # from here on is known what stands without parentheses
    return Formula(text, min(strengths), is_open)


def formula_of(text: str, plain: bool) -> Formula:
    """Return a text without places as a formula."""
    return Formula(text, *_shape(text, plain))


@cache
def _shape(text: str, plain: bool) -> tuple[int, bool]:
    """Return how strongly a text holds together, and whether what follows would join in."""
    if re.fullmatch(r"\\?[^\W_]+(\.\d+)?|x", text):
        return SYMBOL, False
    text = _CLOSED_PAIRS.sub("x", text)
    if plain and r"\frac" in text:
        text = re.sub(r"\\frac\{[^{}]*\}\{[^{}]*\}", r"x \\cdot x", text)
    outside = _outside(text)
    if re.search(r"[-+<>=&]", outside):
        return SUM, False
    if r"\odot" in outside or r"\cdot" in outside:
        return ELEMENTWISE, False
    words = [place for place, letter in enumerate(text) if letter == " " and outside[place] == " "]
    prefixed = [bool(_PREFIX.search(text[:place])) for place in words]
    if any(prefixed):
        return PREFIXED if prefixed[0] else PRODUCT, True
    return (PRODUCT if words else CLOSED), False


def _outside(text: str) -> str:
    """Return a text with a dot for each letter between brackets of any kind."""
    depth = 0
    letters = []
    for letter in text:
        depth -= letter in ")}]"
        letters.append("." if depth else letter)
        depth += letter in "({["
    return "".join(letters)


def _is_inside(before: str, after: str) -> bool:
    """Return whether what stands between two texts is closed off by both."""
    opened = not before or before[-1] in "([,&{|" or before.endswith((r"\\", "cases}"))
    opened = opened or before.endswith((r"\lfloor", r"\lceil", r"\lVert"))
    closed = not after or after[0] in ")],&|}" or after.startswith((r"\\", r"\end", r"\r"))
    return opened and closed and bool(before or after)


def _needed(before: str, after: str, formula: Formula, indexed: bool) -> int:
    """Return how strongly a formula must hold together between two texts."""
    if after.startswith(("^", "_", "}^", "}_")):
        return SYMBOL
    if _is_inside(before, after) or not (before or after):
        return 0
    is_left = bool(after) and after[0] not in "+-=<>)],&|}" and not after.startswith(r"\\")
    if indexed and _INDEXED_SUM.search(before):
        return CLOSED if is_left and formula.open else PRODUCT
    if _PREFIX.search(before):
        return PREFIXED if not after or after[0] in "+-=<>)]},|" else CLOSED
    if is_left and formula.open:
        return CLOSED
    is_sum = formula.open and not indexed and re.search(r"\\(sum|prod)", formula.text)
    if is_sum and after[:1] in ("+", "-"):
        return CLOSED  # some read a sum over all that follows
    summed_before = not before or before[-1] in "+-=<>([,&|{"
    if summed_before and not is_left:
        negative = formula.text.startswith("-") and bool(before) and before[-1] in "+-=<>"
        return ELEMENTWISE if before.endswith("-") or negative else SUM
    is_elementwise = before.endswith((r"\odot", r"\cdot")) or after.startswith((r"\odot", r"\cdot"))
    return ELEMENTWISE if is_elementwise else PRODUCT


def enclosed(formula: Formula, needed: int, after: str = "") -> str:
    """Return a formula, in parentheses if it holds together less strongly than is needed."""
    text = formula.text
    if formula.strength >= needed and not (after[:1] == "_" and "_" in text):
        return text
    tall = any(word in text for word in (r"\frac", r"\sum", r"\begin"))
    return rf"\left({text}\right)" if tall else f"({text})"
