r"""Where a gradient came from: one row for each use of a value, and their sum.

The rows are what the loop of the backward pass handed over, so they cannot disagree with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp._support.arguments import whole_number
from tinygrad_mlp._support.display import summarize
from tinygrad_mlp.core.protocols import bare_numbers
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.teaching.aside import aside, check_order
from tinygrad_mlp.teaching.chains import LIMIT, Chain
from tinygrad_mlp.teaching.edges import backward_pass
from tinygrad_mlp.teaching.single import single_number
from tinygrad_mlp.teaching.tables import Table
from tinygrad_mlp.teaching.uses import Use, use_of
from tinygrad_mlp.teaching.words import (
    Words,
    factor,
    factor_latex,
    in_latex,
    is_number_text,
    ordinal,
    told,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tinygrad_mlp.kernels import Array
    from tinygrad_mlp.teaching.edges import Pass

#: Uses that are shown; all are in ``rows``.
SHOWN = 40


def why(output: Value, value: Value, index: Any = None, *, gradient: Any = None) -> Ledger:
    r"""Tell where a gradient came from: $\partial L/\partial w = \sum_u L_u u_w$, over all uses u.

    There is one row for each use of the value.  Nothing is changed, and no ``.grad`` is needed.

    Parameters
    ----------
    output : Value
        What is differentiated; a scalar unless ``gradient`` is given.
    value : Value
        By what; a leaf, or any result on the way.
    index : int or tuple of ints, optional
        Ask about one number of a tensor; its uses are those in the graph of single numbers.
        ``W[0]`` would be a new value, which the output was not made from.
    gradient : array_like, same shape as ``output``, optional
        The upstream gradient; 1 for a scalar.

    Returns
    -------
    Ledger
        ``print`` it, read its ``rows`` and ``total``, or ask for its ``chain()``.

    Raises
    ------
    TypeError
        If ``output`` or ``value`` is no Value, or ``index`` is not made of ints.
    IndexError
        If ``index`` is no place in ``value``.
    GraphError
        If ``output`` is no scalar and has no ``gradient``, or the graph of single numbers is too
        large.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> w, x = tg.Value(-3.0, label="w"), tg.Value(2.0, label="x")
    >>> p = w * x
    >>> p.label = "p"
    >>> print(tg.why(p * w, w))
    ∂L/∂w = -12, the sum over 2 uses of w
    <BLANKLINE>
    used by    operation               upstream    local derivative   contribution
    L = p · w  multiply, 2nd argument  1           p = -6            1 × (-6) = -6
    p = w · x  multiply, 1st argument  ∂L/∂p = -3  ∂p/∂w = x = 2       -3 × 2 = -6
    ──────────────────────────────────────────────────────────────────────────────
    sum                                                                        -12
    """
    for name, given in (("output", output), ("value", value)):
        if not isinstance(given, Value):
            raise TypeError(f"why: {name} must be a Value, got {type(given).__name__}")
    check_order(output, value, gradient)
    held = None if value.grad is None else bare_numbers(value.grad)
    adds_up = value.op is None
    if index is not None:
        output, value, place = single_number(output, value, index)
        held = None if held is None else held[place]
    return Ledger(backward_pass(output, value, gradient), held, adds_up)


class Ledger:
    """Where one gradient came from; ``why`` makes it.

    Attributes
    ----------
    rows : tuple of Use
        One for each use of the value, the last use first, as a backward pass meets them.
    total : array
        The gradient, in the shape of the value.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(3.0, label="x")
    >>> ledger = tg.why(x * x, x)
    >>> [row.contribution for row in ledger.rows], ledger.total
    ([np.float64(3.0), np.float64(3.0)], np.float64(6.0))
    """

    def __init__(self, found: Pass, held: Array | None, adds_up: bool) -> None:
        self._found = found
        self._held = held
        self._adds_up = adds_up
        self._words = Words(found.graph)
        self._output, self._value = map(found.graph.id_of, (found.output, found.value))
        uses = [edge for edge in found.edges if edge.argument is found.value]
        self._users = [found.graph.id_of(edge.user) for edge in uses]
        with np.errstate(all="ignore"):
            self.rows = tuple([use_of(edge, self._words) for edge in uses])
        self.total = np.array(found.total)[()]
        self._is_of_numbers = not np.ndim(self.total) and all(
            row.local is not None and not np.ndim(row.local) for row in self.rows
        )

    def chain(self, limit: int = LIMIT) -> Chain:
        """Return the chain rule from the output down to the value, along every path.

        Parameters
        ----------
        limit : int
            How many paths are listed; if there are more, they are only counted.

        Examples
        --------
        >>> import tinygrad_mlp as tg
        >>> x, y = tg.Value(3.0, label="x"), tg.Value(2.0, label="y")
        >>> p = x * y
        >>> p.label = "p"
        >>> print(tg.why(tg.square(p), x).chain())
        ∂L/∂x = ∂L/∂p · ∂p/∂x = 12 · 2 = 24
        <BLANKLINE>
        where p = x · y
              L = p²
        """
        return Chain(self._found, self._words, whole_number("chain: limit", limit))

    # ----- Looks -----

    def __str__(self) -> str:
        return self._table().text()

    def __repr__(self) -> str:
        return f"<Ledger: {self._title()}; print it>"

    def _repr_markdown_(self) -> str:
        return self._table().markdown()

    def _repr_html_(self) -> str:
        return self._table().html()

    def latex(self) -> str:
        r"""Return the sum over the uses as aligned equations, in symbols and then in numbers.

        Examples
        --------
        >>> import tinygrad_mlp as tg
        >>> w, x = tg.Value(3.0, label="w1"), tg.Value(2.0, label="x")
        >>> print(tg.why(x * w, w).latex())
        \begin{aligned}
        \frac{\partial L}{\partial w_1} &= x \\
        &= 1 \cdot 2 \\
        &= 2
        \end{aligned}
        <BLANKLINE>
        """
        words = self._words
        terms = []
        for user, row in zip(self._users, self.rows, strict=True):
            upstream = words.partial_latex(self._output, user)
            if user == self._output:
                upstream = "g" if np.ndim(row.upstream) else in_latex(row.upstream)
            terms.append(words.share_latex(user, row.position, upstream) or r"\cdots")
        lines = [_summed(terms)]
        if self._is_of_numbers:
            products = [
                rf"{in_latex(row.upstream)} \cdot {factor_latex(row.local)}" for row in self.rows
            ]
            lines += [_summed(products), in_latex(self.total)]
        left = words.partial_latex(self._output, self._value)
        rows = " \\\\\n".join(f"&= {line}" for line in dict.fromkeys(filter(None, lines)))
        return f"\\begin{{aligned}}\n{left} {rows}\n\\end{{aligned}}\n"

    def _table(self) -> Table:
        columns = ["used by", "operation", "upstream", "local derivative", "contribution"]
        if np.ndim(self.total):
            columns[3:] = ["contribution", "shape"]
        elif not self._is_of_numbers:
            columns[3] = "local derivative, or share of g"
        rows = [self._cells(user, row) for user, row in zip(self._users, self.rows, strict=True)]
        if len(rows) > SHOWN:
            rows = [*rows[:SHOWN], [f"… {len(rows) - SHOWN:,} more", "", "", "", ""]]
        has_sum = len(rows) > 1
        if has_sum:
            rows.append(["sum", "", "", "", told(self.total)])
        lines = [_place(row.line) for row in self.rows[:SHOWN]]
        if any(lines):
            columns.append("line")
            lines += [""] * (len(rows) - len(lines))
            rows = [[*row, line] for row, line in zip(rows, lines, strict=True)]
        return Table(self._title(), columns, rows, [*self._notes()], has_sum, frozenset({4}))

    def _cells(self, user: str, row: Use) -> list[str]:
        """Return one row in words."""
        words = self._words
        several = len(self._found.graph[user].arguments) > 1
        operation = row.operation + (f", {ordinal(row.position)} argument" if several else "")
        upstream = told(row.upstream)
        sign = "" if user == self._output else words.partial(self._output, user)
        if row.local is None or np.ndim(row.local):
            parts = [words.upstream(user), sign, "" if np.ndim(row.upstream) else upstream]
            arrived = " = ".join(filter(None, parts))
            share = row.formula or "by its rule"
            return [row.step, operation, arrived, share, told(row.contribution)]
        local = told(row.local)
        parts = [words.partial(user, self._value), row.formula, local]
        if user == self._output:
            del parts[0]  # it would look like the whole gradient
        plain = is_number_text(row.formula, local)
        derivative = local if plain else " = ".join(filter(None, parts))
        product = f"{upstream} × {factor(row.local)} = {told(row.contribution)}"
        arrived = " = ".join(filter(None, [sign, upstream]))
        return [row.step, operation, arrived, derivative, product]

    def _title(self) -> str:
        words = self._words
        name = words.name(self._value)
        size = f" has the shape {told(self.total)}" if np.ndim(self.total) else ""
        left = words.partial(self._output, self._value) + (size or f" = {told(self.total)}")
        if self.rows:
            count = len(self.rows)
            uses = "the one use" if count == 1 else f"the sum over {count:,} uses"
            return f"{left}, {'from ' if count == 1 else ''}{uses} of {name}"
        if self._output == self._value:
            return f"{left}: it is the output itself"
        if not self._is_below_output():
            made = f"{words.name(self._output)} was not made from {name}"
            return f"{left}: {made}{aside(self._found, words)}"
        return f"{left}: every path to {name} passes something whose derivative is 0"

    def _is_below_output(self) -> bool:
        used = {argument for node in self._found.graph for argument in node.arguments}
        return self._value in used

    def _notes(self) -> Iterator[str]:
        """Yield the gradient of a tensor, and what is to be said of ``.grad``."""
        sign = self._words.partial(self._output, self._value)
        if np.ndim(self.total):
            yield f"{sign} =\n{summarize(self.total, digits=6)}"
        held = self._held
        if held is None:
            return
        near = 100 * float(np.finfo(held.dtype).eps)
        if np.allclose(held, self.total, rtol=near, atol=0, equal_nan=True):
            return
        name = self._words.name(self._value)
        number = "" if np.ndim(held) else f" is {told(held)}, which"
        if not self._adds_up:
            yield f"{name}.grad{number} differs: it is of another backward() call."
            return
        times = next((n for n in range(2, 11) if np.allclose(held, n * self.total, near, 0)), None)
        amount = f"is {times} times this" if times else "is not this alone"
        yield (
            f"{name}.grad{number} {amount}: a leaf adds up what every backward() call gives it, "
            "until zero_grad() clears it."
        )


def _summed(terms: Sequence[str]) -> str:
    """Return a sum in LaTeX."""
    first, rest = terms[:1], [f"({x})" if x.startswith("-") else x for x in terms[1:]]
    return " + ".join([*first, *rest])


def _place(line: str) -> str:
    """Return a line without the folders of its file."""
    number, _, file = line.partition(" of ")
    return f"{number} of {file.replace(chr(92), '/').rpartition('/')[2]}" if line else ""
