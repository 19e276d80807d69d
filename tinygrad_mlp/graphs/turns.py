"""Which scopes are equal: the same operations on the same shapes, wired alike."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from tinygrad_mlp.graphs.group import back_of
from tinygrad_mlp.graphs.scopes import scope_around, scope_paths

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinygrad_mlp.graphs.graph import Graph
    from tinygrad_mlp.graphs.node import Node


class Copy:
    """One scope, and the ids of what is in its turn of the loop.

    ``cells`` has its results, which ``places`` finds, and then what it has of its own outside of
    the scope or as leaves, in the order in which a walk from its results meets them.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.places: dict[str, int] = {}
        self.cells: tuple[str, ...] = ()


class Run(NamedTuple):
    """Equal scopes in a row, what their cell is called, and where arguments come from."""

    copies: list[Copy]
    name: str
    relations: Relations


#: For each cell and each of its arguments: "inside" or "state" and the place of another cell, of
#: this turn or of the one before; or "shared" and an id.
Relations = list[list[tuple[str, int | str]]]


class Match(NamedTuple):
    """Two equal scopes: where their arguments come from, and their cells in the same order."""

    relations: Relations
    before: tuple[str, ...]
    after: tuple[str, ...]


def families_of(graph: Graph, depth: int) -> list[list[Copy]]:
    """Return the scopes of a depth, those beside each other together, in the order of birth."""
    paths = {scope: scope_paths(scope) for scope in {node.scope for node in graph}}
    found: dict[str, Copy] = {}
    for node in graph:
        if node.arguments and len(paths[node.scope]) >= depth:
            path = paths[node.scope][depth - 1]
            places = found.setdefault(path, Copy(path)).places
            places[node.id] = len(places)
    families: defaultdict[str, list[Copy]] = defaultdict(list)
    for path, copy in found.items():
        families[scope_around(path)].append(copy)
    return list(families.values())


def runs(siblings: list[Copy], compare: Comparison, fewest: int) -> Iterator[Run]:
    """Yield the longest runs of equal scopes, one after the other."""
    start = 0
    while start < len(siblings) - 1:
        first = match = compare.match(siblings[start], siblings[start + 1])
        end = start
        while first and match and match.relations == first.relations:
            siblings[end].cells, siblings[end + 1].cells = match.before, match.after
            end += 1
            match = compare.match(*siblings[end : end + 2]) if end + 1 < len(siblings) else None
        copies = siblings[start : end + 1]
        if first and len(copies) >= fewest:
            yield Run(copies, _name(copies, siblings), first.relations)
            start = end + 1
        else:
            start = max(end, start + 1)


def _name(copies: list[Copy], siblings: list[Copy]) -> str:
    """Return ``step ×20`` for step1 to step20, if there are no other steps beside them."""
    names = [copy.path.rpartition("/")[2] for copy in copies]
    stem = _stem(names[0])
    alike = [copy for copy in siblings if _stem(copy.path.rpartition("/")[2]) == stem]
    if stem and alike == copies:
        return f"{stem} ×{len(copies)}"
    return f"{names[0]} … {names[-1]} ×{len(copies)}"


def _stem(name: str) -> str:
    return name.rstrip("0123456789").rstrip(" _-.#:")


class Comparison:
    """Compares scopes of one depth."""

    def __init__(self, graph: Graph, depth: int, families: list[list[Copy]]) -> None:
        self._graph = graph
        paths = {scope: scope_paths(scope) for scope in {node.scope for node in graph}}
        # The scopes of a node inside of that of the depth.
        self._inside = {
            scope: scope[len(around[depth - 1]) :] if len(around) >= depth else ""
            for scope, around in paths.items()
        }
        self._owners = {
            id_: copy.path for siblings in families for copy in siblings for id_ in copy.places
        }
        users: defaultdict[str, list[str]] = defaultdict(list)
        for node in reversed(graph.nodes):  # what is used by one scope alone belongs to it
            owners = {self._owners.get(user) for user in users[node.id]}
            if node.id not in self._owners and len(owners) == 1 and (owner := owners.pop()):
                self._owners[node.id] = owner
            for argument in node.arguments:
                users[argument].append(node.id)

    def match(self, before: Copy, after: Copy) -> Match | None:
        """Return how two scopes are equal; None if they are not."""
        if len(before.places) != len(after.places):
            return None
        pairs = list(zip(before.places, after.places, strict=True))
        own: dict[str, tuple[str, int]] = {}
        found: Relations = []
        for one, other in pairs:  # which grows on the way
            if not self._alike(self._graph[one], self._graph[other]):
                return None
            row = []
            for pair in zip(self._graph[one].arguments, self._graph[other].arguments, strict=True):
                relation = self._relation(*pair, before, after)
                if relation == _OWN:
                    if pair[0] not in own:
                        own[pair[0]] = pair[1], len(pairs)
                        pairs.append(pair)
                    twin, place = own[pair[0]]
                    relation = ("inside", place) if twin == pair[1] else None
                if relation is None:
                    return None
                row.append(relation)
            found.append(row)
        if len({other for _, other in pairs}) < len(pairs):
            return None
        return Match(found, *zip(*pairs, strict=True))

    def _relation(
        self, one: str, other: str, before: Copy, after: Copy
    ) -> tuple[str, int | str] | None:
        """Return where two arguments come from, if that is the same for both."""
        if one in before.places or other in after.places:
            place = before.places.get(one, -1)
            return ("inside", place) if place == after.places.get(other, -1) else None
        if other in before.places:
            return "state", before.places[other]
        if one == other:
            return "shared", one
        owners = self._owners.get(one), self._owners.get(other)
        return _OWN if owners == (before.path, after.path) else None

    def _alike(self, one: Node, other: Node) -> bool:
        """Return whether two nodes do the same with as many arguments of the same shapes."""
        return (
            type(one) is type(other)
            and (one.role, one.op, one.shape, one.dtype, one.weak, len(one.arguments))
            == (other.role, other.op, other.shape, other.dtype, other.weak, len(other.arguments))
            and self._inside[one.scope] == self._inside[other.scope]
            and back_of(one) == back_of(other)
            # Which part of an array it is that a step takes may be another each time.
            and (
                not (one.options or other.options)
                or one.op == "getitem"
                or repr(one.options) == repr(other.options)
            )
        )


_OWN = ("own", -1)
