"""Statements in DOT, each inside the clusters that it belongs to: a frame for each scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.graphviz.labels import literal, tooltip
from tinygrad_mlp.graphs.scopes import BACKWARD, scope_around, scope_name, scope_paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tinygrad_mlp.drawing.theme import Theme


class Frames:
    """The clusters around boxes, and their titles.

    Graphviz puts the title of a cluster above all that is in it, where upright edges strike it.
    Where titles are ``beside``, each is a node in the cluster's first row: edges go around it.
    """

    def __init__(self, theme: Theme, *, beside: bool) -> None:
        self._theme = theme
        self._beside = beside
        self._chains: dict[str, tuple[int, ...]] = {"": ()}
        self._statements: dict[str, list[str]] = {}

    def add(self, scope: str, statement: str) -> None:
        """Add a box to a scope."""
        _number(scope, self._chains)
        self._statements.setdefault(scope, []).append(statement)

    def __len__(self) -> int:
        """Return how many boxes there are."""
        return sum(map(len, self._statements.values()))

    def nested(self) -> Iterator[str]:
        """Yield the statements of all scopes, each inside the clusters that it belongs to.

        Members of one cluster come together, clusters in the order of their first members.
        """
        opened: list[str] = []
        for scope in sorted(self._statements, key=self._chains.__getitem__):
            paths = scope_paths(scope)
            shared = 0
            while shared < min(len(opened), len(paths)) and opened[shared] == paths[shared]:
                shared += 1
            yield from _closed(opened, shared)
            for path in paths[shared:]:
                opened.append(path)
                yield from self._opened(path, "\t" * len(opened))
            indent = "\t" * (len(opened) + 1)
            yield from (indent + statement for statement in self._statements[scope])
        yield from _closed(opened, 0)

    def _opened(self, path: str, indent: str) -> Iterator[str]:
        """Yield how the cluster of a scope begins."""
        theme, number = self._theme, self._chains[path][-1]
        name = literal(style.readable(scope_name(path))) or " "
        hover = tooltip(scope_name(path))
        yield f"{indent}subgraph cluster_{number} {{\n"
        # The lines to the values come from above.
        where = "b" if path == BACKWARD else "t"
        label = '""' if self._beside else f"<{name}>"
        yield (
            f"{indent}\tgraph [label={label} {hover} labelloc={where} labeljust=r "
            f'style="rounded,filled" fillcolor="{theme.scope_fill}" color="{theme.scope_border}" '
            f'fontname="{style.FONT}" fontsize={style.TEXT_SIZE} fontcolor="{theme.quiet_ink}"]\n'
        )
        if self._beside:
            ink = f'fontcolor="{theme.quiet_ink}"'
            yield f"{indent}\ttitle_{number} [label=<{name}> {hover} {ink}]\n"

    def ties(self, boxes: Mapping[str, str], edges: Iterable[tuple[str, str]]) -> Iterator[str]:
        """Yield invisible edges that keep each title beside the first boxes of its frame.

        Parameters
        ----------
        boxes : mapping of str to str
            The scope of each box.
        edges : iterable of pairs of str
            From which box to which the edges lead.
        """
        if not self._beside:
            return
        inside = {target for source, target in edges if _is_in(boxes[source], boxes[target])}
        for chain in self._chains.values():
            if len(chain) > 1:
                yield _tie(chain[-2], f"title_{chain[-1]}", weight=1)
        for box, scope in boxes.items():
            if scope and box not in inside:
                yield _tie(self._chains[scope][-1], box, weight=2)


def _is_in(one: str, other: str) -> bool:
    """Return whether a scope is another one or inside of it."""
    return one == other or one.startswith(f"{other}/")


def _tie(frame: int, box: str, *, weight: int) -> str:
    ends = f"title_{frame} -> {box}"
    return f"\t{ends} [style=invis minlen=0 weight={weight} tailport=_ headport=_]\n"


def _number(scope: str, chains: dict[str, tuple[int, ...]]) -> None:
    """Note the numbers of the scopes around a scope, outermost first, and its own."""
    unknown = []
    while scope not in chains:
        unknown.append(scope)
        scope = scope_around(scope)
    for path in reversed(unknown):
        chains[path] = (*chains[scope_around(path)], len(chains) - 1)


def _closed(opened: list[str], kept: int) -> Iterator[str]:
    while len(opened) > kept:
        yield "\t" * len(opened) + "}\n"
        opened.pop()
