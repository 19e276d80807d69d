"""Rolling a loop up: equal scopes that follow each other become one cell, with an edge back."""

from __future__ import annotations

from collections import defaultdict
from heapq import heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

from tinygrad_mlp._support.display import summarize
from tinygrad_mlp.core.context import SLASH
from tinygrad_mlp.graphs.graph import Graph
from tinygrad_mlp.graphs.group import Rolled, members_of, moved
from tinygrad_mlp.graphs.scopes import SCOPE_DEPTH, backward_ids, scope_name, scope_paths

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from tinygrad_mlp.graphs.node import Node

#: So many equal scopes, or more, are rolled up.
FEWEST_TURNS = 4


def rolled(
    graph: Graph, *, unroll: bool | Collection[str] = (), expand: Iterable[str] = ()
) -> Graph:
    """Return the graph with each run of equal scopes, such as step1 to step20, as one open cell.

    Scopes are equal if they do the same operations on the same shapes, wired alike: with the
    same values from outside, with values of their own, such as the weights of a block, and with
    results of the scope before.  What one turn hands to the next is an edge back: the node of the
    cell that takes it is a ``Rolled`` whose ``back`` names it, and whose argument is what the first
    turn took.  The cell has the numbers of the last turn, and the note says so.

    Parameters
    ----------
    graph : Graph
        Not changed.  One with a recorded backward pass is not rolled up, as every turn has its own.
    unroll : bool or collection of str
        True opens all loops; or the names of those that stay open: ``"step"``, ``"step ×20"``.
    expand : iterable of str
        Scopes that will be asked for by name, such as ``"step3"``: their loops stay open.

    Returns
    -------
    Graph
        Takes time in proportion to the graph.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> state, weight = tg.Value(0.5, label="h0"), tg.Value(0.9, label="w")
    >>> for step in range(1, 21):
    ...     with tg.scope(f"step{step}"):
    ...         state = tg.tanh(weight * state)
    >>> [(node.label or node.op, node.scope) for node in rolled(tg.Graph.of(state))]
    [('h0', ''), ('w', ''), ('multiply', 'step ×20'), ('tanh', 'step ×20')]
    """
    if unroll is True:
        return graph
    kept = _Kept(unroll or (), expand)
    deepest = max((len(scope_paths(scope)) for scope in {node.scope for node in graph}), default=0)
    if not backward_ids(graph):
        for depth in range(1, min(deepest, SCOPE_DEPTH - 1) + 1):
            graph = _rolled_at(graph, depth, kept)
    kept.check(graph)
    return graph


class _Kept:
    """The names of loops that stay open."""

    def __init__(self, unroll: Collection[str], expand: Iterable[str]) -> None:
        self._unroll = [name.replace(SLASH, "/") for name in unroll]
        self._expand = [name.replace(SLASH, "/") for name in expand]
        self._loops: dict[str, None] = {}
        self._known: set[str] = set()

    def keeps(self, paths: list[str], name: str) -> bool:
        """Return whether a run of scopes is not to be rolled up."""
        scopes = {x.replace(SLASH, "/") for path in paths for x in (path, scope_name(path))}
        called = {name.replace(SLASH, "/"), name.rpartition(" ×")[0].replace(SLASH, "/")}
        self._loops[name] = None
        self._known |= scopes | called
        return any(x in scopes or x in called for x in self._unroll) or any(
            x in scopes or x.startswith(tuple(f"{path}/" for path in paths)) for x in self._expand
        )

    def check(self, graph: Graph) -> None:
        """Raise ``ValueError`` for a name that is neither that of a loop nor of a scope."""
        paths = {path for scope in {n.scope for n in graph} for path in scope_paths(scope)}
        self._known |= {x.replace(SLASH, "/") for path in paths for x in (path, scope_name(path))}
        for name in self._unroll:
            if name not in self._known:
                loops = ", ".join(self._loops) or "none in this graph"
                raise ValueError(f"unroll: no loop is called {name!r:.80}; there are {loops:.400}")


# ----- Which scopes are equal -----


class _Copy:
    """One scope, and the ids of what is in its turn of the loop.

    ``cells`` has its results, which ``places`` finds, and then what it has of its own outside of
    the scope or as leaves, in the order in which a walk from its results meets them.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.places: dict[str, int] = {}
        self.cells: tuple[str, ...] = ()


class _Run(NamedTuple):
    """Equal scopes in a row, what their cell is called, and where arguments come from."""

    copies: list[_Copy]
    name: str
    relations: _Relations


#: For each cell and each of its arguments: "inside" or "state" and the place of another cell, of
#: this turn or of the one before; or "shared" and an id.
_Relations = list[list[tuple[str, int | str]]]


def _rolled_at(graph: Graph, depth: int, kept: _Kept) -> Graph:
    """Roll up what repeats among the scopes of one depth."""
    families = _families(graph, depth)
    if not any(len(siblings) >= FEWEST_TURNS for siblings in families):
        return graph
    compare = _Comparison(graph, depth, families)
    runs = [run for siblings in families for run in _runs(siblings, compare, kept)]
    return _with_cells(graph, runs, depth) if runs else graph


def _families(graph: Graph, depth: int) -> list[list[_Copy]]:
    """Return the scopes of a depth, those beside each other together, in the order of birth."""
    paths = {scope: scope_paths(scope) for scope in {node.scope for node in graph}}
    found: dict[str, _Copy] = {}
    for node in graph:
        if node.arguments and len(paths[node.scope]) >= depth:
            path = paths[node.scope][depth - 1]
            places = found.setdefault(path, _Copy(path)).places
            places[node.id] = len(places)
    families: defaultdict[str, list[_Copy]] = defaultdict(list)
    for path, copy in found.items():
        families[path[: -len(scope_name(path))]].append(copy)
    return list(families.values())


def _runs(siblings: list[_Copy], compare: _Comparison, kept: _Kept) -> Iterator[_Run]:
    """Yield the longest runs of equal scopes, one after the other."""
    start = 0
    while start < len(siblings) - 1:
        relations = compare.relations(siblings[start], siblings[start + 1])
        end = start + 1
        if relations is not None:
            while (
                end < len(siblings) - 1
                and compare.relations(siblings[end], siblings[end + 1]) == relations
            ):
                end += 1
            copies = siblings[start : end + 1]
            name = _name(copies, siblings)
            if len(copies) >= FEWEST_TURNS and not kept.keeps([c.path for c in copies], name):
                yield _Run(copies, name, relations)
        start = end


def _name(copies: list[_Copy], siblings: list[_Copy]) -> str:
    """Return ``step ×20`` for step1 to step20, if there are no other steps beside them."""
    names = [scope_name(copy.path) for copy in copies]
    stem = _stem(names[0])
    alike = [copy for copy in siblings if _stem(scope_name(copy.path)) == stem]
    if stem and alike == copies:
        return f"{stem} ×{len(copies)}"
    return f"{names[0]} … {names[-1]} ×{len(copies)}"


def _stem(name: str) -> str:
    return name.rstrip("0123456789").rstrip(" _-.#:")


class _Comparison:
    """Compares scopes of one depth."""

    def __init__(self, graph: Graph, depth: int, families: list[list[_Copy]]) -> None:
        self._graph = graph
        self._depth = depth
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

    def relations(self, before: _Copy, after: _Copy) -> _Relations | None:
        """Return where the arguments of a scope come from, and so of the next; None if not so."""
        if len(before.places) != len(after.places):
            return None
        pairs = list(zip(before.places, after.places, strict=True))
        own: dict[str, tuple[str, int]] = {}
        found: _Relations = []
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
        before.cells, after.cells = zip(*pairs, strict=True)
        return found

    def _relation(
        self, one: str, other: str, before: _Copy, after: _Copy
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
            and self._inside(one) == self._inside(other)
            and getattr(one, "back", None) == getattr(other, "back", None)
            # Which part of an array it is that a step takes may be another each time.
            and (one.op == "getitem" or repr(one.options) == repr(other.options))
        )

    def _inside(self, node: Node) -> str:
        """Return the scopes of a node inside of that of the depth."""
        paths = scope_paths(node.scope)
        return node.scope[len(paths[self._depth - 1]) :] if len(paths) >= self._depth else ""


_OWN = ("own", -1)


# ----- Their cell -----


def _with_cells(graph: Graph, runs: list[_Run], depth: int) -> Graph:
    """Return the graph with a cell in the place of each run; as it was if no order fits that."""
    ids = {node.id: node.id for node in graph}
    for run in runs:
        last = run.copies[-1].cells
        for copy in run.copies[:-1]:
            ids.update(zip(copy.cells, last, strict=True))
    cells: dict[str, Node] = {}
    for run in runs:
        for place, row in enumerate(run.relations):
            turns = [graph[copy.cells[place]] for copy in run.copies]
            cells[turns[-1].id] = _cell(graph, turns, run, row, depth, ids)
    nodes = [
        cells.get(node.id) or moved(node, ids) for node in graph if ids[node.id] == node.id
    ]  # fmt: skip
    ordered = _ordered(nodes)
    if len(ordered) < len(nodes):
        return graph
    notes = [f"{run.name}: the numbers are those of {_last(run)}" for run in runs]
    outputs = tuple(dict.fromkeys(ids[output] for output in graph.outputs))
    return Graph(tuple(ordered), outputs, note="; ".join(filter(None, [graph.note, *notes])))


def _last(run: _Run) -> str:
    return scope_name(run.copies[-1].path)


def _cell(
    graph: Graph,
    turns: list[Node],
    run: _Run,
    row: list[tuple[str, int | str]],
    depth: int,
    ids: Mapping[str, str],
) -> Rolled:
    """Return the node that stands for one node of each turn."""
    first, last = turns[0], turns[-1]
    cells = run.copies[-1].cells
    back = tuple(
        cells[place] if kind == "state" and isinstance(place, int) else None for kind, place in row
    )
    given = zip(back, first.arguments, last.arguments, strict=True)
    paths = scope_paths(last.scope)
    around = run.copies[-1].path[: -len(scope_name(run.copies[-1].path))]
    inside = len(paths) >= depth
    scope = around + run.name + (last.scope[len(paths[depth - 1]) :] if inside else "")
    return Rolled.of(
        last,
        arguments=tuple(ids[start] if source else argument for source, start, argument in given),
        scope=scope,
        label=last.label if last.id in graph.outputs else _label(turns),
        members=tuple(member for node in turns for member in members_of(node)),
        back=back if any(back) else getattr(last, "back", ()),
    )


def _label(turns: list[Node]) -> str | None:
    """Return what the same place of every turn is called: by one name, or the first and last."""
    first, last = turns[0].label, turns[-1].label
    scalars = all(node.role == "constant" and not node.shape for node in turns)
    if scalars and first is None:
        first, last = (summarize(turns[end].value) for end in (0, -1))
        return None if first == last else f"{first} … {last}"
    return last if first == last or not (first and last) else f"{first} … {last}"


def _ordered(nodes: list[Node]) -> list[Node]:
    """Return nodes behind their arguments, else in the order of birth; less if there is a cycle."""
    missing = [len(set(node.arguments)) for node in nodes]
    users: defaultdict[str, list[int]] = defaultdict(list)
    for place, node in enumerate(nodes):
        for argument in dict.fromkeys(node.arguments):
            users[argument].append(place)
    ready = [place for place, count in enumerate(missing) if not count]
    ordered = []
    while ready:
        node = nodes[heappop(ready)]
        ordered.append(node)
        for user in users[node.id]:
            missing[user] -= 1
            if not missing[user]:
                heappush(ready, user)
    return ordered
