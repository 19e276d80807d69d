r"""The chain rule along every path, link by link, as one would write it on a board."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tinygrad_mlp.teaching.paths import paths, told_count
from tinygrad_mlp.teaching.words import factor, factor_latex, in_latex, is_number_text, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tinygrad_mlp.teaching.edges import Pass
    from tinygrad_mlp.teaching.paths import Link
    from tinygrad_mlp.teaching.words import Words

#: Paths that ``chain`` lists unless it is told otherwise.
LIMIT = 12
#: Links of one path that are written; of a longer one the first and the last.
LONGEST = 16

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Chain:
    """The chain rule along every path; ``print`` it, or ask for its ``latex()``.

    Attributes
    ----------
    count : int
        How many paths there are.
    paths : tuple of Path
        All of them; none if there are more than the limit.
    total : array
        The gradient, which is their sum.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(3.0, label="x")
    >>> print(tg.why(tg.square(x) + 2.0 * x, x).chain())
    ∂L/∂x = ∂L/∂v₁ · ∂v₁/∂x = 1 · 6 = 6
          + ∂L/∂product · ∂product/∂x = 1 · 2 = 2
          = 8
    <BLANKLINE>
    where v₁ = x²
          product = 2 · x
          L = v₁ + product
    """

    def __init__(self, found: Pass, words: Words, limit: int = LIMIT) -> None:
        self._words = words
        self._limit = limit
        self._seed = found.seed
        self._output, self._value = map(found.graph.id_of, (found.output, found.value))
        self.total = found.total
        self.count, self.paths = paths(found, limit)

    def __str__(self) -> str:
        if not self.paths:
            return self._without_paths()
        if self._is_of_numbers():
            lines = [*self._sum(self._words.partial, self._words.share, _Letters)]
        else:
            lines = [line for number in range(len(self.paths)) for line in self._lines(number)]
        return "\n".join([*lines, *self._legend()])

    def __repr__(self) -> str:
        return f"<Chain of {told_count(self.count)}; print it>"

    def latex(self) -> str:
        """Return the chain as aligned equations, for a LaTeX document or for KaTeX."""
        left = self._words.partial_latex(self._output, self._value)
        if not self.paths:
            rows = [rf"{left} &= {in_latex(self.total)}"]
        elif self._is_of_numbers():
            words = self._words
            rows = [*self._sum(words.partial_latex, words.share_latex, _Latex)]
        else:
            rows = [row for number in range(len(self.paths)) for row in self._latex_rows(number)]
        return "\n".join([r"\begin{aligned}", " \\\\\n".join(rows), r"\end{aligned}"]) + "\n"

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}$$"

    def _without_paths(self) -> str:
        left = self._words.partial(self._output, self._value)
        if self.count == 0:
            return f"{left} = {told(self.total)}: no path leads down to it"
        return (
            f"{left} is the sum over {told_count(self.count)}, which are more than limit="
            f"{self._limit}, so none is listed; a backward pass visits each edge only once"
        )

    # ----- Between numbers: a product for each path -----

    def _is_of_numbers(self) -> bool:
        return all(link.local is not None for path in self.paths for link in path.links)

    def _sum(
        self,
        partial: Callable[[str, str], str],
        share: Callable[[str, int, str], str],
        form: type[_Letters],
    ) -> Iterator[str]:
        """Yield a line for each path: its derivatives, their numbers, the product; then the sum."""
        left = partial(self._output, self._value)
        begin, again = form.begins(left)
        for number, path in enumerate(self.paths):
            signs = [
                partial(link.user, link.argument) + form.raised(self._which(link))
                for link in path.links
            ]
            numbers = [form.factor(link.local) for link in path.links]
            if self._seed != 1:
                numbers = [form.factor(self._seed), *numbers]
            products = [form.times.join(_shortened(parts, form.dots)) for parts in (signs, numbers)]
            if len(path.links) == 1:  # the sign would look like the whole gradient
                products[0] = share(path.links[0].user, path.links[0].place, "1")
            product = form.number(path.product)
            ends = [x for x in products[: len(numbers)] if x and not is_number_text(x, product)]
            ends.append(product)
            yield (f"{again}+ " if number else f"{begin}= ") + " = ".join(ends)
        if len(self.paths) > 1:
            yield f"{again}= {form.number(self.total)}"

    def _which(self, link: Link) -> int | None:
        """Return which argument it is, where two results have several edges between them."""
        node = self._words.graph[link.user]
        return link.place + 1 if node.arguments.count(link.argument) > 1 else None

    # ----- Between tensors: an equation for each link -----

    def _lines(self, number: int) -> Iterator[str]:
        words, path = self._words, self.paths[number]
        mark = self._mark(number)
        if mark:
            names = [words.name(link.argument) for link in path.links[:-1]]
            through = f"through {', '.join(_shortened(names))}" if names else "directly"
            yield f"path {number + 1} of {len(self.paths)}, {through}:"
        rows = []
        for link in path.links:
            upstream = words.partial(self._output, link.user) + mark
            if link.user == self._output:
                upstream = self._told_seed()
            share = words.share(link.user, link.place, upstream)
            left = words.partial(self._output, link.argument) + mark
            share = share or f"by the rule of {words.graph[link.user].op}"
            rows.append((left, share, told(link.gradient)))
        if len(rows) > 2 * LONGEST:
            rows = [*rows[:LONGEST], ("…", "…", ""), *rows[-LONGEST:]]
        widths = [max(len(row[place]) for row in rows) for place in (0, 1)]
        for left, share, shape in rows:
            yield f"{left.ljust(widths[0])} = {share.ljust(widths[1])}   {shape}"
        if mark and number == len(self.paths) - 1:
            left = words.partial(self._output, self._value)
            yield f"{left} = {' + '.join(left + self._mark(n) for n in range(len(self.paths)))}"

    def _latex_rows(self, number: int) -> Iterator[str]:
        words = self._words
        mark = self._latex_mark(number)
        for link in self.paths[number].links:
            upstream = words.partial_latex(self._output, link.user) + mark
            if link.user == self._output:
                upstream = self._told_seed()
            share = words.share_latex(link.user, link.place, upstream) or r"\cdots"
            yield rf"{words.partial_latex(self._output, link.argument)}{mark} &= {share}"
        if mark and number == len(self.paths) - 1:
            left = words.partial_latex(self._output, self._value)
            terms = (left + self._latex_mark(n) for n in range(len(self.paths)))
            yield f"{left} &= {' + '.join(terms)}"

    def _told_seed(self) -> str:
        return "g" if np.ndim(self._seed) else told(self._seed)

    def _mark(self, number: int) -> str:
        """Return what tells the derivative along one path from that along all."""
        return f"|{number + 1}" if len(self.paths) > 1 else ""

    def _latex_mark(self, number: int) -> str:
        return rf"\Big|_{{{number + 1}}}" if len(self.paths) > 1 else ""

    def _legend(self) -> list[str]:
        """Return how the results on the paths came about, if they are not too many."""
        graph = self._words.graph
        used = {link.user for path in self.paths for link in path.links}
        steps = [self._words.step(node.id) for node in graph if node.id in used]
        if not steps or len(steps) > LONGEST:
            return []
        return ["", f"where {steps[0]}", *(f"      {step}" for step in steps[1:])]


class _Letters:
    """How a sum of products is written in letters."""

    times, dots = " · ", "…"
    factor = staticmethod(factor)
    number = staticmethod(told)

    @staticmethod
    def begins(left: str) -> tuple[str, str]:
        return f"{left} ", " " * (len(left) + 1)

    @staticmethod
    def raised(which: int | None) -> str:
        return f"⁽{str(which).translate(_RAISED)}⁾" if which else ""


class _Latex(_Letters):
    """How it is written in LaTeX."""

    times, dots = r" \cdot ", r"\cdots"
    factor = staticmethod(factor_latex)
    number = staticmethod(in_latex)

    @staticmethod
    def begins(left: str) -> tuple[str, str]:
        return f"{left} &", "&"

    @staticmethod
    def raised(which: int | None) -> str:
        return f"^{{({which})}}" if which else ""


def _shortened(parts: Sequence[str], dots: str = "…") -> list[str]:
    """Return the parts, or the first and the last of very many."""
    if len(parts) <= LONGEST:
        return list(parts)
    return [*parts[: LONGEST // 2], dots, *parts[-LONGEST // 2 :]]
