r"""How a lesson speaks of the values of a graph: as on a board, in letters or in LaTeX."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from tinygrad_mlp._support.display import summarize
from tinygrad_mlp.drawing.style import readable
from tinygrad_mlp.graphs.formula import name_in_formula, step_formula
from tinygrad_mlp.graphs.graph import Graph
from tinygrad_mlp.graphs.local import is_number, node_name, recorded_share
from tinygrad_mlp.programs.writing.equations import formulas as latex
from tinygrad_mlp.programs.writing.equations.arrays import of_row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinygrad_mlp.core.value import Value
    from tinygrad_mlp.graphs.local import Recorded
    from tinygrad_mlp.kernels import Array
    from tinygrad_mlp.programs.writing.equations.formulas import Formula

_SPECIAL = str.maketrans(
    {letter: rf"\{letter}" for letter in "{}$&#%_"}
    | {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
    | {"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}"}
)
_ELEMENT = re.compile(r"([^\W\d]\w*)\[(\d+(?:,\d+)*)\]")


class Words:
    r"""Names for the values of a graph, of which one is differentiated.

    A value is called by its label, or else by its id; an output without a label is called L.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> w, x = tg.Value(3.0, label="w1"), tg.Value(2.0, label="x")
    >>> words = Words(tg.Graph.of(tg.tanh(w * x)))
    >>> words.step("v2"), words.partial("v3", "v0"), words.partial_latex("v3", "v0")
    ('v₂ = w₁ · x', '∂L/∂w₁', '\\frac{\\partial L}{\\partial w_1}')
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        output = graph[graph.outputs[0]]
        is_free = output.label is None and all(node.label != "L" for node in graph)
        self._output = output.id if is_free else None

    def name(self, id: str) -> str:  # noqa: A002  the name of Node's field
        """Return what a formula calls a node; in brackets if it is more than a name."""
        if id == self._output:
            return "L"
        node = self.graph[id]
        if is_number(node):
            return node_name(node)
        label = readable(name_in_formula(node.label or node.id))
        return label if re.fullmatch(r"[\w\[\],.′'⁽⁾]+", label) else f"({label})"

    def step(self, id: str) -> str:  # noqa: A002  as above
        """Return how a node was made of its arguments."""
        node = self.graph[id]
        if not node.arguments:
            return self.name(id)
        return f"{self.name(id)} = {step_formula(node, [*map(self.name, node.arguments)])}"

    def partial(self, of: str, by: str) -> str:
        """Return the sign for a derivative."""
        return f"∂{self.name(of)}/∂{self.name(by)}"

    def upstream(self, user: str) -> str:
        """Return what a formula calls the gradient of a result: g, unless something else is."""
        near = (user, *self.graph[user].arguments)
        return "upstream" if "g" in map(self.name, near) else "g"

    def share(self, user: str, place: int, upstream: str) -> str:
        """Return what a rule makes of the upstream gradient, as a formula; empty if it fails."""
        found = self._recorded(user, place)
        return "" if found is None else found.formula(upstream, lambda node: self.name(node.id))

    # ----- LaTeX -----

    def latex(self, id: str) -> Formula:  # noqa: A002  as above
        r"""Return the name of a node in LaTeX, whatever letters its label has."""
        node = self.graph[id]
        if id == self._output:
            return latex.Formula("L", latex.SYMBOL)
        if is_number(node):
            return latex.formula_of(latex.number(node.value, of_count=False), plain=False)
        label = readable(node.label or node.id)
        element = _ELEMENT.fullmatch(label)
        if element:
            base = latex.symbol(element[1])
            text = rf"{f'({base})' if '_' in base else base}_{{{element[2]}}}"
        elif label.isidentifier():
            text = latex.symbol(label)
        else:
            text = rf"\text{{{escaped(label)}}}"
        return latex.Formula(latex.for_any_tex(text), latex.SYMBOL)

    def partial_latex(self, of: str, by: str) -> str:
        """Return the sign for a derivative in LaTeX."""
        return rf"\frac{{\partial {self.latex(of).text}}}{{\partial {self.latex(by).text}}}"

    def share_latex(self, user: str, place: int, upstream: str) -> str:
        """Return what a rule makes of the upstream gradient in LaTeX; empty if it fails."""
        found = self._recorded(user, place)
        if found is None:
            return ""
        names = {leaf: self.latex(node.id) for leaf, node in found.leaves.items()}
        names[found.upstream] = latex.Formula(upstream, latex.CLOSED)
        return _latex_of(found.share, names).text

    def _recorded(self, user: str, place: int) -> Recorded | None:
        node = self.graph[user]
        return recorded_share(node, [self.graph[x] for x in node.arguments], place)


def _latex_of(value: Value, names: Mapping[Value, Formula]) -> Formula:
    """Return how a value was made of named leaves, by the formulas of the rows."""
    graph = Graph.of(value)
    found = {id_: names[leaf] for id_, leaf in graph.values().items() if leaf in names}
    for node in graph:
        if node.id in found:
            continue
        arguments = [found[argument] for argument in node.arguments]
        texts = [argument.text for argument in arguments]
        if node.row is None:
            single = not node.shape
            text = latex.number(node.value, of_count=False) if single else "C"
            found[node.id] = latex.formula_of(text, plain=False)
        elif node.op == "multiply" and "1" in texts:
            found[node.id] = arguments[1 - texts.index("1")]
        else:
            times = r" \odot " if node.shape else r" \cdot "
            found[node.id] = of_row(node.row, node.options, arguments, times)
    return found[graph.outputs[0]]


def escaped(text: str) -> str:
    r"""Return any text as LaTeX takes it between the braces of ``\text``.

    >>> print(escaped("50% of x_1 {a} \\input"))
    50\% of x\_1 \{a\} \textbackslash{}input
    """
    return text.translate(_SPECIAL)


# ----- Numbers -----


def ordinal(place: int) -> str:
    """Return the position of an argument, which counts from 0, in words.

    >>> [ordinal(place) for place in (0, 1, 2, 3, 10, 20)]
    ['1st', '2nd', '3rd', '4th', '11th', '21st']
    """
    number = place + 1
    end = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}th" if number % 100 in (11, 12, 13) else f"{number}{end}"


def told(number: Array) -> str:
    """Return a number, or the shape of several.

    >>> told(np.float64(-1.5)), told(np.ones((2, 3)))
    ('-1.5', '(2, 3)')
    """
    return str(np.shape(number)) if np.ndim(number) else summarize(np.asarray(number)[()])


def factor(number: Array) -> str:
    """Return a number as it stands behind a sign: in brackets if it is negative.

    >>> factor(np.float64(-1.5)), factor(np.float64(2.0))
    ('(-1.5)', '2')
    """
    text = told(number)
    return f"({text})" if text.startswith("-") else text


def is_number_text(formula: str, number: str) -> bool:
    """Return whether a formula says nothing but a number.

    >>> is_number_text("−1", "-1"), is_number_text("−x", "-1")
    (True, False)
    """
    return formula.replace("−", "-") == number


def in_latex(number: Array) -> str:
    r"""Return a number as ``told`` tells it, in LaTeX.

    >>> print(in_latex(np.float64(-1.5e-10)))
    -1.5 \cdot 10^{-10}
    """
    text = told(number)
    if np.ndim(number):
        return rf"\text{{shape {text}}}"
    if not np.isfinite(number):
        return latex.number(number)
    digits, _, exponent = text.partition("e")
    return rf"{digits} \cdot 10^{{{int(exponent)}}}" if exponent else digits


def factor_latex(number: Array) -> str:
    """Return a number as it stands behind a sign, in LaTeX."""
    text = in_latex(number)
    return f"({text})" if text.startswith("-") else text
