r"""The lines of a derivation as equations: in LaTeX, and in letters for a comment.

A formula is the ``latex`` of a row with the formulas of its arguments written in, in parentheses
where they would be misread: each formula knows how strongly it holds together, and each place in a
row how strongly what stands there must.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import count
from typing import Any, NamedTuple

import numpy as np

from tinygrad_mlp.recording.program import Program, Step
from tinygrad_mlp.writing.derivation import Derivation, Line
from tinygrad_mlp.writing.letters import in_letters

#: How strongly a formula holds together; x y is the matrix product.
_SUM, _ELEMENTWISE, _PRODUCT, _PREFIXED, _CLOSED, _SYMBOL = range(1, 7)


class Formula(NamedTuple):
    r"""A text in LaTeX, how strongly it holds together, and whether what follows would join in.

    ``open`` is a text such as ``b \log a``, which a factor behind it would change.
    """

    text: str
    strength: int
    open: bool = False


_GREEK = re.compile(
    "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|"
    "upsilon|phi|chi|psi|omega"
)
_COMPARISONS = {
    "greater": ">",
    "greater_equal": r"\geq",
    "less": "<",
    "less_equal": r"\leq",
    "equal": "=",
    "not_equal": r"\ne",
}
_PLACE = re.compile("\x00(\\d+)\x00")
_AXES = "ijklmn"


class Equations:
    """The formulas of the lines of a derivation.

    Parameters
    ----------
    program : Program
        What is derived.
    derivation : Derivation
        Its lines.
    result : str or None
        Id of what is differentiated.  It is called L, if it has no symbol of its own.
    plain : bool
        Call things by their names in the source, and write fractions in one line.
    """

    def __init__(
        self, program: Program, derivation: Derivation, result: str | None, plain: bool = False
    ) -> None:
        self._program = program
        self._derivation = derivation
        self._result = result
        self._plain = plain
        self._samples = program.samples()
        self._gradients = {
            line.step.id: line.step.primal
            for line in derivation.lines
            if line.step.primal is not None and line.step.id not in program.forward
        }
        self._result_symbol = self._symbol_of_result()
        self._symbols = self._all_symbols()
        if not plain:
            self._result_symbol = self._symbols.get(result or "", self._result_symbol)

    def latex(self) -> str:
        """Return all lines as aligned equations."""
        rows = [
            f"{self._symbol(line.step.id).text} &= {self._of_step(line.step).text}"
            for line in self._derivation.lines
        ]
        rows += self._repeated_gradients()
        rows = rows or [f"y &= {self._of(x).text}" for x in self._program.outputs]
        return "\n".join([r"\begin{aligned}", " \\\\\n".join(rows), r"\end{aligned}"]) + "\n"

    def comment(self, line: Line) -> str:
        """Return one line in letters, such as ``dL/dW1 = xᵀ dz1``."""
        primal = self._primal_name(line.step.id)
        left = f"d{self._result_symbol}/d{primal}" if primal else self._symbol(line.step.id).text
        return in_letters(f"{left} = {self._of_step(line.step).text}")

    def _repeated_gradients(self) -> list[str]:
        """Return the gradients that have no line, because they equal another or a constant."""
        if self._result is None:
            return []
        told = {self._gradients[id_] for id_ in self._gradients if self._primal_name(id_)}
        return [
            f"{self._derivative(self._symbols[primal])} &= {self._of(gradient).text}"
            for primal, gradient in self._program.gradients.items()
            if primal not in told
        ]

    # ----- Symbols -----

    def _all_symbols(self) -> dict[str, str]:
        """Return a symbol for each name, no two of them alike."""
        names = self._derivation.names
        if self._plain:
            return dict(names)
        symbols: dict[str, str] = {}
        taken: set[str] = set()
        unnamed = {line.step.id for line in self._derivation.lines if self._is_unnamed(line.step)}
        for id_, name in names.items():
            if id_ in unnamed or self._primal_name(id_) is not None:
                continue
            short = self._result_symbol if id_ == self._result else symbol(name)
            symbols[id_] = rf"\mathrm{{{_escaped(name)}}}" if short in taken else short
            taken.add(symbols[id_])
        free = (x for number in count(1) if (x := symbol(f"v{number}")) not in taken)
        for id_ in names:
            if id_ in unnamed:
                alone = [id_] == self._program.outputs and "y" not in taken
                symbols[id_] = "y" if alone else next(free)
        return symbols

    def _is_unnamed(self, step: Step) -> bool:
        """Return whether a step has no name but that of its operation, such as product."""
        if step.label is not None or step.id == self._result or self._primal_name(step.id):
            return False
        return symbol(self._derivation.names[step.id]).startswith(r"\mathrm")

    def _symbol_of_result(self) -> str:
        """Return the symbol of what is differentiated: its own, or L for a word such as loss."""
        names = self._derivation.names
        name = names.get(self._result or "", "loss")
        is_word = symbol(name).startswith(r"\mathrm")
        if is_word and "L" not in (x for id_, x in names.items() if id_ != self._result):
            return "L"
        return name if self._plain else symbol(name)

    def _primal_name(self, id_: str) -> str | None:
        """Return by what something is the gradient, where its name says so."""
        primal = self._gradients.get(id_)
        if primal is None:
            return None
        name = self._derivation.names[id_]
        of = self._derivation.names.get(primal) or self._program.labels.get(primal)
        return of if name == f"d{of}" else None

    def _symbol(self, id_: str) -> Formula:
        if id_ == self._result and self._gradients:
            return Formula(self._result_symbol, _SYMBOL)
        name = self._derivation.names[id_]
        primal = self._primal_name(id_)
        if self._plain or primal is None or self._gradients[id_] in self._gradients:
            return Formula(self._symbols.get(id_) or symbol(name), _SYMBOL)
        by = self._symbols.get(self._gradients[id_]) or symbol(primal)
        return Formula(self._derivative(by), _CLOSED)

    def _derivative(self, by: str) -> str:
        return rf"\frac{{\partial {self._result_symbol}}}{{\partial {by}}}"

    def _of(self, id_: str) -> Formula:
        """Return the formula of an argument."""
        if id_ in self._derivation.inlined:
            return self._of_step(self._derivation.inlined[id_])
        if id_ in self._derivation.names:
            return self._symbol(id_)
        x = self._program.constants[id_]
        if self._is_number(id_):
            of_count = bool(np.ndim(x)) and not self._plain
            return _formula(number(np.ravel(x)[0], of_count=of_count), self._plain)
        return Formula("C" if self._plain else rf"C_{{{id_.removeprefix('v')}}}", _SYMBOL)

    def _is_number(self, id_: str) -> bool:
        """Return whether something is written as one number, or is a scalar."""
        x = self._samples[id_]
        if np.ndim(x) == 0:
            return True
        return id_ in self._program.constants and bool(x.size and (x == x.flat[0]).all())

    # ----- Formulas -----

    def _of_step(self, step: Step) -> Formula:
        formulas = [self._of(x) for x in step.arguments]
        row = step.row
        if row.name == "question":
            return _question(step.options["function"], formulas)
        if row.parameters[0].startswith("*"):
            inside = ", ".join(formula.text for formula in formulas)
            return Formula(f"{row.latex.format()}({inside})", _CLOSED)
        places = {key: f"\x00{place}\x00" for place, key in enumerate(row.parameters)}
        options = {
            key: number(x, of_count=False)
            for key, x in step.options.items()
            if isinstance(x, int | float)
        }
        template = row.latex.format_map(_Missing({**options, **places}))
        if row.name == "multiply":
            template = template.replace(r" \odot ", self._times(step, formulas))
        axis = step.options.get("axis")
        if isinstance(axis, tuple) and axis and template.startswith(r"\sum "):
            letters = ", ".join(_AXES[a] for a in axis if a < len(_AXES))
            template = template.replace(r"\sum ", rf"\sum_{{{letters}}} ", 1)
        return written_in(template, formulas, self._plain)

    def _times(self, step: Step, formulas: list[Formula]) -> str:
        """Return what stands between two factors."""
        if formulas[1].text[:1].isdigit():
            return r" \cdot "
        return " " if any(map(self._is_number, step.arguments)) else r" \odot "


class _Missing(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return r"\cdot"


def _question(function: str, formulas: list[Formula]) -> Formula:
    if function in _COMPARISONS and len(formulas) == 2:
        left, right = (_enclosed(x, _ELEMENTWISE) for x in formulas)
        return Formula(f"[{left} {_COMPARISONS[function]} {right}]", _CLOSED)
    inside = ", ".join(formula.text for formula in formulas)
    return Formula(rf"\operatorname{{{_escaped(function)}}}({inside})", _CLOSED)


def symbol(name: str) -> str:
    r"""Return an identifier as a symbol.

    >>> symbol("W1"), symbol("logits"), symbol("y_true"), symbol("alpha2"), symbol("λ")
    ('W_1', '\\mathrm{logits}', 'y_{\\mathrm{true}}', '\\alpha_2', '\\lambda')
    """
    found = re.fullmatch(r"([^\W\d_]+)_?(.*)", name)
    if found is None:
        return rf"\mathrm{{{_escaped(name)}}}"
    base, index = found.groups()
    base = _greek_name(base)
    if _GREEK.fullmatch(base):
        base = f"\\{base}"
    elif len(base) > 1:
        base = rf"\mathrm{{{base}}}"
    if not index:
        return base
    if len(index) == 1:
        return f"{base}_{index}"
    plain = _escaped(index)
    return f"{base}_{{{plain}}}" if index.isdigit() else rf"{base}_{{\mathrm{{{plain}}}}}"


def _greek_name(letter: str) -> str:
    """Return how LaTeX calls a small Greek letter; anything else as it is."""
    if len(letter) > 1:
        return letter
    word = unicodedata.name(letter, "").removeprefix("GREEK SMALL LETTER ").lower()
    return "lambda" if word == "lamda" else word if _GREEK.fullmatch(word) else letter


def _escaped(name: str) -> str:
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
        return rf"\mathrm{{{_escaped(str(x))}}}"
    x = float(x)
    if np.isnan(x):
        return r"\mathrm{nan}"
    sign = "-" if np.signbit(x) else ""
    size = abs(x)
    if np.isinf(size):
        return rf"{sign}\infty"
    whole = round(1 / size) if 1e-6 < size < 1 else 0
    if whole and 1 / whole == size and (of_count or len(repr(size)) > 5):
        return rf"{sign}\frac{{1}}{{{whole}}}"
    digits, _, exponent = repr(size).partition("e")
    digits = digits.removesuffix(".0")
    if not exponent:
        return sign + digits
    power = f"10^{{{int(exponent)}}}"
    return sign + (power if digits == "1" else rf"{digits} \cdot {power}")


# ----- Parentheses -----

#: What applies to all that follows, such as ``\log_2`` and ``\sum_{i}``, at the end of a text.
_PREFIX = re.compile(
    r"\\(?!odot|cdot|begin|end|left|right|l[fcV])[A-Za-z]+(\{[a-z]*\})?([_^]([^\W_]|\{[^{}]*\}))*$"
)
#: What is closed on both sides without brackets.
_CLOSED_PAIRS = re.compile(r"\|[^|]*\||\\l(floor|ceil|Vert) .*? \\r\1")


def written_in(template: str, formulas: Sequence[Formula], plain: bool = False) -> Formula:
    r"""Return a template with formulas in its marked places.

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
        text = _enclosed(formula, _needed(before, after, formula), after)
        if text == formula.text and not _is_inside(before, after):
            strengths.append(formula.strength)
            is_open |= formula.open and not after
        return text

    text = _PLACE.sub(fill, template)  # from here on is known what stands without parentheses
    return Formula(text, min(strengths), is_open)


def _formula(text: str, plain: bool) -> Formula:
    """Return a text without places as a formula."""
    return Formula(text, *_shape(text, plain))


@cache
def _shape(text: str, plain: bool) -> tuple[int, bool]:
    """Return how strongly a text holds together, and whether what follows would join in."""
    if re.fullmatch(r"\\?[^\W_]+(\.\d+)?|x", text):
        return _SYMBOL, False
    text = _CLOSED_PAIRS.sub("x", text)
    if plain and r"\frac" in text:
        text = re.sub(r"\\frac\{[^{}]*\}\{[^{}]*\}", r"x \\cdot x", text)
    outside = _outside(text)
    if re.search(r"[-+<>=&]", outside):
        return _SUM, False
    if r"\odot" in outside or r"\cdot" in outside:
        return _ELEMENTWISE, False
    words = [place for place, letter in enumerate(text) if letter == " " and outside[place] == " "]
    prefixed = [bool(_PREFIX.search(text[:place])) for place in words]
    if any(prefixed):
        return _PREFIXED if prefixed[0] else _PRODUCT, True
    return (_PRODUCT if words else _CLOSED), False


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


def _needed(before: str, after: str, formula: Formula) -> int:
    """Return how strongly a formula must hold together between two texts."""
    if after.startswith(("^", "_", "}^", "}_")):
        return _SYMBOL
    if _is_inside(before, after) or not (before or after):
        return 0
    if _PREFIX.search(before):
        return _PREFIXED if not after or after[0] in "+-=<>)]},|" else _CLOSED
    is_left = bool(after) and after[0] not in "+-=<>)],&|}" and not after.startswith(r"\\")
    if is_left and formula.open:
        return _CLOSED
    if formula.open and after[:1] in ("+", "-") and re.search(r"\\(sum|prod)", formula.text):
        return _CLOSED  # some read a sum over all that follows
    summed_before = not before or before[-1] in "+-=<>([,&|{"
    if summed_before and not is_left:
        negative = formula.text.startswith("-") and bool(before) and before[-1] in "+-=<>"
        return _ELEMENTWISE if before.endswith("-") or negative else _SUM
    is_elementwise = before.endswith((r"\odot", r"\cdot")) or after.startswith((r"\odot", r"\cdot"))
    return _ELEMENTWISE if is_elementwise else _PRODUCT


def _enclosed(formula: Formula, needed: int, after: str = "") -> str:
    text = formula.text
    if formula.strength >= needed and not (after[:1] == "_" and "_" in text):
        return text
    tall = any(word in text for word in (r"\frac", r"\sum", r"\begin"))
    return rf"\left({text}\right)" if tall else f"({text})"
