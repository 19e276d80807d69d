r"""The lines of a derivation as equations: in LaTeX, and in letters for a comment.

A formula is the ``latex`` of a row with the formulas of its arguments written in, in parentheses
where they would be misread.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from tinygrad_mlp.recording.program import Program, Step
from tinygrad_mlp.writing.derivation import Derivation, Line
from tinygrad_mlp.writing.letters import in_letters

#: How strongly a formula holds together.
_SUM, _PRODUCT, _CALL, _SYMBOL = range(1, 5)

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
        Id of what is differentiated, which is called L.
    plain : bool
        Call things by their names in the source.
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

    def latex(self) -> str:
        """Return all lines as aligned equations."""
        rows = [
            f"{self._left(line)} &= {self._of_step(line.step)}" for line in self._derivation.lines
        ]
        rows = rows or [f"y &= {self._of(x)}" for x in self._program.outputs]
        return "\n".join([r"\begin{aligned}", " \\\\\n".join(rows), r"\end{aligned}"]) + "\n"

    def comment(self, line: Line) -> str:
        """Return one line in letters, such as ``dL/dW1 = xᵀ dz1``."""
        primal = self._primal_name(line.step.id)
        left = f"dL/d{primal}" if primal else self._symbol(line.step.id)
        return in_letters(f"{left} = {self._of_step(line.step)}")

    def _left(self, line: Line) -> str:
        return self._symbol(line.step.id)

    # ----- Symbols -----

    def _primal_name(self, id_: str) -> str | None:
        """Return by what something is the gradient, where its name says so."""
        primal = self._gradients.get(id_)
        if primal is None:
            return None
        name = self._derivation.names[id_]
        of = self._derivation.names.get(primal) or self._program.labels.get(primal)
        return of if name == f"d{of}" else None

    def _symbol(self, id_: str) -> str:
        if id_ == self._result and self._gradients:
            return "L"
        name = self._derivation.names[id_]
        if self._plain:
            return name
        primal = self._primal_name(id_)
        if primal is not None and self._gradients[id_] not in self._gradients:
            return rf"\frac{{\partial L}}{{\partial {symbol(primal)}}}"
        return symbol(name)

    def _of(self, id_: str) -> str:
        """Return the formula of an argument."""
        if id_ in self._derivation.inlined:
            return self._of_step(self._derivation.inlined[id_])
        if id_ in self._derivation.names:
            return self._symbol(id_)
        x = self._program.constants[id_]
        if np.ndim(x) == 0 or (x.size and (x == x.flat[0]).all()):
            return number(x if np.ndim(x) == 0 else x.flat[0])
        return "C" if self._plain else rf"C_{{{id_.removeprefix('v')}}}"

    # ----- Formulas -----

    def _of_step(self, step: Step) -> str:
        formulas = [self._of(x) for x in step.arguments]
        row = step.row
        if row.name == "question":
            return _question(step.options["function"], formulas)
        if row.parameters[0].startswith("*"):
            return f"{row.latex.format()}({', '.join(formulas)})"
        places = {key: f"\x00{place}\x00" for place, key in enumerate(row.parameters)}
        options = {key: number(x) for key, x in step.options.items() if isinstance(x, int | float)}
        template = row.latex.format_map(_Missing({**options, **places}))
        if row.name == "multiply":
            template = template.replace(r" \odot ", self._times(step, formulas))
        axis = step.options.get("axis")
        if isinstance(axis, tuple) and axis and template.startswith(r"\sum "):
            letters = ", ".join(_AXES[a] for a in axis if a < len(_AXES))
            template = template.replace(r"\sum ", rf"\sum_{{{letters}}} ", 1)
        return written_in(template, formulas)

    def _times(self, step: Step, formulas: list[str]) -> str:
        """Return what stands between two factors."""
        numeric = [not np.ndim(self._samples[x]) for x in step.arguments]
        if formulas[1][:1].isdigit():
            return r" \cdot "
        return " " if any(numeric) else r" \odot "


class _Missing(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return r"\cdot"


def _question(function: str, formulas: list[str]) -> str:
    if function in _COMPARISONS and len(formulas) == 2:
        left, right = (_enclosed(x, _PRODUCT) for x in formulas)
        return f"[{left} {_COMPARISONS[function]} {right}]"
    return rf"\operatorname{{{_escaped(function)}}}({', '.join(formulas)})"


def symbol(name: str) -> str:
    r"""Return an identifier as a symbol.

    >>> symbol("W1"), symbol("logits"), symbol("y_true"), symbol("alpha2")
    ('W_1', '\\mathrm{logits}', 'y_{\\mathrm{true}}', '\\alpha_2')
    """
    found = re.fullmatch(r"([^\W\d_]+)_?(.*)", name)
    if found is None:
        return rf"\mathrm{{{_escaped(name)}}}"
    base, index = found.groups()
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


def _escaped(name: str) -> str:
    return name.replace("_", r"\_")


def number(x: Any) -> str:
    r"""Return a number in LaTeX, with all its digits.

    >>> number(2.0), number(1 / 3), number(-0.5), number(1e-7), number(np.inf)
    ('2', '\\frac{1}{3}', '-0.5', '10^{-7}', '\\infty')
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
    if whole and 1 / whole == size and len(repr(size)) > 5:
        return rf"{sign}\frac{{1}}{{{whole}}}"
    digits, _, exponent = repr(size).partition("e")
    digits = digits.removesuffix(".0")
    if not exponent:
        return sign + digits
    power = f"10^{{{int(exponent)}}}"
    return sign + (power if digits == "1" else rf"{digits} \cdot {power}")


# ----- Parentheses -----


def written_in(template: str, formulas: list[str]) -> str:
    r"""Return a template with formulas in its marked places.

    >>> written_in("\x000\x00^2 - \x001\x00", ["a + b", "c + d"])
    '(a + b)^2 - (c + d)'
    """

    def fill(found: re.Match[str]) -> str:
        formula = formulas[int(found[1])]
        before, after = template[: found.start()].rstrip(), template[found.end() :].lstrip()
        return _enclosed(formula, _needed(before, after, formula), after)

    return _PLACE.sub(fill, template)


def _needed(before: str, after: str, formula: str) -> int:
    """Return how strongly a formula must hold together between two texts."""
    opened = not before or before[-1] in "([,&" or before.endswith((r"\\", "|", "{"))
    closed = not after or after[0] in ")],&|}" or after.startswith((r"\\", r"\end"))
    if after.startswith(("^", "_", "}^", "}_")):
        return _SYMBOL
    if opened and closed:
        return 0
    summed_before = opened or before[-1] in "+-=<>"
    summed_after = closed or after[0] in "+-=<>"
    if summed_before and summed_after:
        negative = formula.startswith("-") and not opened
        return _PRODUCT if before.endswith("-") or negative else _SUM
    if re.search(r"\\(?!odot|cdot)[a-z]+$", before) or before.endswith("}"):
        return _CALL  # the argument of a function without parentheses
    return _PRODUCT


def _strength(formula: str) -> int:
    """Return how strongly a formula holds together."""
    if re.fullmatch(r"\\?[^\W\d_]\w*|\\?\w+_\w|\\?\w+(\{[\w ]*\})?(_\w+|_\{[^^]*\})?", formula):
        return _SYMBOL
    depth = 0
    strength = _CALL
    for place, letter in enumerate(formula):
        if letter in "({[":
            depth += 1
        elif letter in ")}]":
            depth -= 1
        elif depth == 0 and (letter in "+-<>" or letter == "&"):
            return _SUM
        elif depth == 0 and letter == " " and place:
            strength = _PRODUCT
    return strength


def _enclosed(formula: str, needed: int, after: str = "") -> str:
    if _strength(formula) >= needed and not (after[:1] == "_" and "_" in formula):
        return formula
    tall = any(word in formula for word in (r"\frac", r"\sum", r"\begin"))
    return rf"\left({formula}\right)" if tall else f"({formula})"
