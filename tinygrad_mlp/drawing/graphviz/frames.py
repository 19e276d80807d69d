"""Statements in DOT, each inside the clusters that it belongs to: a frame for each scope."""

from __future__ import annotations

from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.graphviz.labels import literal, tooltip
from tinygrad_mlp.graphs.scopes import scope_around, scope_name, scope_paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tinygrad_mlp.drawing.theme import Theme


class Frames:
    """The clusters around boxes, and their titles.

    Graphviz puts the title of a cluster above all that is in it, where edges strike it.  So the
    title is a node, among the first boxes of the cluster: edges go around it.
    """

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._chains: dict[str, tuple[int, ...]] = {"": ()}
        self._statements: dict[str, list[str]] = {}

    def add(self, scope: str, statement: str) -> None:
        """Add a box to a scope."""
        _number(scope, self._chains)
        self._statements.setdefault(scope, []).append(statement)

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
        yield (
            f'{indent}\tgraph [label="" {hover} style="rounded,filled" '
            f'fillcolor="{theme.scope_fill}" color="{theme.scope_border}"]\n'
        )
        ink = f'fontcolor="{theme.quiet_ink}"'
        yield f"{indent}\ttitle_{number} [label=<{name}> {hover} {ink}]\n"

    def ties(self, boxes: Mapping[str, str], edges: Iterable[tuple[str, str]]) -> Iterator[str]:
        """Yield what keeps each title beside the first box of its frame.

        Parameters
        ----------
        boxes : mapping of str to str
            The scope of each box.
        edges : iterable of pairs of str
            From which box to which the edges lead.
        """
        if len(self._chains) == 1:
            return
        edges = list(edges)
        lengths = _lengths_onward(boxes, edges)
        inside = {target for source, target in edges if _is_in(boxes[source], boxes[target])}
        first: dict[str, str] = {}
        for box in sorted(boxes, key=lambda box: -lengths[box]):
            for path in scope_paths(boxes[box]):
                start = first.setdefault(path, box)
                title = f"title_{self._chains[path][-1]}"
                if start == box:
                    yield f"\t{{rank=same {title} {box}}}\n"
                elif path == boxes[box] and box not in inside and lengths[box] < lengths[start]:
                    yield f"\t{title} -> {box} [style=invis weight=2 tailport=_ headport=_]\n"


def _lengths_onward(boxes: Iterable[str], edges: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Return for each box how many edges the longest way has that leads on from it."""
    onward: dict[str, list[str]] = {box: [] for box in boxes}
    for source, target in edges:
        onward[source].append(target)
    lengths: dict[str, int] = {}
    for box in TopologicalSorter(onward).static_order():
        lengths[box] = max((lengths[target] + 1 for target in onward[box]), default=0)
    return lengths


def _is_in(one: str, other: str) -> bool:
    """Return whether a scope is another one or inside of it."""
    return one == other or one.startswith(f"{other}/")


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
