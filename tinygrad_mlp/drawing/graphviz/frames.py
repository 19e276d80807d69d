"""Statements in DOT, each inside the clusters that it belongs to: a frame for each scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.graphviz.labels import literal, tooltip
from tinygrad_mlp.graphs.scopes import scope_around, scope_name, scope_paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tinygrad_mlp.drawing.theme import Theme


def nested(statements: dict[str, list[str]], theme: Theme) -> Iterator[str]:
    """Yield the statements of all scopes, each inside the clusters that it belongs to.

    Members of one cluster come together, clusters in the order of their first members.
    """
    chains = _chains(statements)
    opened: list[str] = []
    for scope in sorted(statements, key=chains.__getitem__):
        paths = scope_paths(scope)
        shared = 0
        while shared < min(len(opened), len(paths)) and opened[shared] == paths[shared]:
            shared += 1
        yield from _closed(opened, shared)
        for path in paths[shared:]:
            opened.append(path)
            indent = "\t" * len(opened)
            yield f"{indent}subgraph cluster_{chains[path][-1]} {{\n"
            yield f"{indent}\tgraph [{_look(path, theme)}]\n"
        indent = "\t" * (len(opened) + 1)
        yield from (indent + statement for statement in statements[scope])
    yield from _closed(opened, 0)


def _closed(opened: list[str], kept: int) -> Iterator[str]:
    while len(opened) > kept:
        yield "\t" * len(opened) + "}\n"
        opened.pop()


def _chains(scopes: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """Return for each scope the numbers of the scopes around it, outermost first, and its own."""
    chains: dict[str, tuple[int, ...]] = {"": ()}
    for scope in scopes:
        unknown = []
        while scope not in chains:
            unknown.append(scope)
            scope = scope_around(scope)
        for path in reversed(unknown):
            chains[path] = (*chains[scope_around(path)], len(chains) - 1)
    return chains


def _look(path: str, theme: Theme) -> str:
    name = literal(style.readable(scope_name(path))) or " "
    return (
        f'label=<{name}> {tooltip(scope_name(path))} labeljust=r style="rounded,filled" '
        f'fillcolor="{theme.scope_fill}" color="{theme.scope_border}" fontname="{style.FONT}" '
        f'fontsize={style.TEXT_SIZE} fontcolor="{theme.quiet_ink}"'
    )
