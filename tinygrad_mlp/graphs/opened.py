"""What stays open when a graph is folded: scopes by their names, nodes by their ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinygrad_mlp.core.context import SLASH
from tinygrad_mlp.graphs.group import members_of
from tinygrad_mlp.graphs.scopes import scope_names, scope_paths

if TYPE_CHECKING:
    from collections.abc import Collection

    from tinygrad_mlp.graphs.graph import Graph
    from tinygrad_mlp.graphs.node import Node


class Opened:
    """The names of boxes that stay open, and with them the scopes around those."""

    def __init__(self, graph: Graph, names: Collection[str] = ()) -> None:
        self._names = dict.fromkeys(name.replace(SLASH, "/") for name in names)
        self._kept: frozenset[str] = frozenset()
        self._possible: set[str] = set()
        self._named: set[str] = set()  # scopes
        self._open: set[str] = set()
        for scope in {node.scope for node in graph} if names else ():
            paths = scope_paths(scope)
            for depth, path in enumerate(paths, start=1):
                called = scope_names(path)
                self._possible |= called
                if not called.isdisjoint(self._names):
                    self._named.add(path)
                    self._open.update(paths[:depth])

    def keep(self, graph: Graph, ids: Collection[str]) -> None:
        """Hide none of these nodes from now on; what else is in the scopes around may be folded."""
        self._kept = frozenset(ids)
        for node in graph if ids else ():
            if self._keeps(node):
                self._open.update(scope_paths(node.scope))

    def is_open(self, path: str) -> bool:
        """Return whether what is in a scope is not made one box."""
        return path in self._open

    def shows(self, node: Node) -> bool:
        """Return whether no box may hide a node: it is kept, or in a scope that was named."""
        named = bool(self._named) and not self._named.isdisjoint(scope_paths(node.scope))
        return named or self._keeps(node)

    def _keeps(self, node: Node) -> bool:
        return bool(self._kept) and not self._kept.isdisjoint(members_of(node))

    def has(self, name: str) -> bool:
        """Return whether the box of this name stays open."""
        self._possible.add(name)
        return name in self._names

    def check(self) -> None:
        """Raise ``ValueError`` for a name that no box would have."""
        for name in self._names:
            if name not in self._possible:
                known = ", ".join(sorted(self._possible)) or "none in this graph"
                raise ValueError(f"expand: no box is called {name!r:.80}; there are {known:.400}")
