"""Rolling a loop up: equal scopes that follow each other become one cell, with an edge back."""

from __future__ import annotations

from collections import defaultdict
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from tinygrad_mlp._support.display import summarize
from tinygrad_mlp.core.context import SLASH
from tinygrad_mlp.graphs.graph import Graph
from tinygrad_mlp.graphs.group import Rolled, back_of, members_of, moved
from tinygrad_mlp.graphs.scopes import backward_ids, scope_name, scope_names, scope_paths
from tinygrad_mlp.graphs.turns import Comparison, Run, families_of, runs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from tinygrad_mlp.graphs.node import Node

#: So many equal scopes, or more, are rolled up.
FEWEST_TURNS = 4
#: Scopes inside of more scopes are not looked at.
MAXIMUM_DEPTH = 12
#: Loops that the note tells of one by one.
MOST_NOTES = 3


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
        for depth in range(1, min(deepest, MAXIMUM_DEPTH) + 1):
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
        scopes = {name for path in paths for name in scope_names(path)}
        called = {name.replace(SLASH, "/"), name.rpartition(" ×")[0].replace(SLASH, "/")}
        self._loops[name] = None
        self._known |= scopes | called
        return any(x in scopes or x in called for x in self._unroll) or any(
            x in scopes or x.startswith(tuple(f"{path}/" for path in paths)) for x in self._expand
        )

    def check(self, graph: Graph) -> None:
        """Raise ``ValueError`` for a name that is neither that of a loop nor of a scope."""
        paths = {path for scope in {n.scope for n in graph} for path in scope_paths(scope)}
        self._known |= {name for path in paths for name in scope_names(path)}
        for name in self._unroll:
            if name not in self._known:
                loops = ", ".join(self._loops) or "none in this graph"
                raise ValueError(f"unroll: no loop is called {name!r:.80}; there are {loops:.400}")


# ----- Runs of equal scopes -----


def _rolled_at(graph: Graph, depth: int, kept: _Kept) -> Graph:
    """Roll up what repeats among the scopes of one depth."""
    families = families_of(graph, depth)
    if not any(len(siblings) >= FEWEST_TURNS for siblings in families):
        return graph
    compare = Comparison(graph, depth, families)
    found = [run for siblings in families for run in runs(siblings, compare, FEWEST_TURNS)]
    found = [run for run in found if not kept.keeps([copy.path for copy in run.copies], run.name)]
    found = _whole(graph, found)
    return _with_cells(graph, found, depth) if found else graph


def _whole(graph: Graph, found: list[Run]) -> list[Run]:
    """Return the runs of which others take results of the last turn, or of every turn.

    What takes that of one turn in the middle, as to add it to a total, would lose its meaning.
    """
    places = {
        id_: (number, cell, turn)
        for number, run in enumerate(found)
        for turn, copy in enumerate(run.copies)
        for cell, id_ in enumerate(copy.cells)
    }
    broken = set()
    for user, arguments in [("", graph.outputs), *((node.id, node.arguments) for node in graph)]:
        own = places.get(user, (-1,))[0]
        taken: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
        for argument in arguments:
            if argument in places and places[argument][0] != own:
                number, cell, turn = places[argument]
                taken[number, cell].add(turn)
        for (number, _), turns in taken.items():
            count = len(found[number].copies)
            if turns != {count - 1} and len(turns) < count:
                broken.add(number)
    return [run for number, run in enumerate(found) if number not in broken]


# ----- Their cell -----


def _with_cells(graph: Graph, runs: list[Run], depth: int) -> Graph:
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
    notes = [
        f"{run.name}: the numbers are those of {scope_name(run.copies[-1].path)}".replace(
            SLASH, "/"
        )
        for run in runs
    ]
    if len(notes) > MOST_NOTES:
        notes = [f"{len(runs):,} loops with the numbers of their last turns"]
    outputs = tuple(dict.fromkeys(ids[output] for output in graph.outputs))
    return Graph(tuple(ordered), outputs, note="; ".join(filter(None, [graph.note, *notes])))


def _cell(
    graph: Graph,
    turns: list[Node],
    run: Run,
    row: list[tuple[str, int | str]],
    depth: int,
    ids: Mapping[str, str],
) -> Rolled:
    """Return the node that stands for one node of each turn."""
    first, last = turns[0], turns[-1]
    cells = run.copies[-1].cells
    handed = [
        cells[place] if kind == "state" and isinstance(place, int) else None for kind, place in row
    ]
    inner = back_of(last) or (None,) * len(handed)
    back = tuple(new or (old and ids[old]) for new, old in zip(handed, inner, strict=True))
    given = zip(handed, first.arguments, last.arguments, strict=True)
    paths = scope_paths(last.scope)
    before, slash, _ = run.copies[-1].path.rpartition("/")
    inside = len(paths) >= depth
    scope = before + slash + run.name + (last.scope[len(paths[depth - 1]) :] if inside else "")
    return Rolled.of(
        last,
        arguments=tuple(ids[start] if source else argument for source, start, argument in given),
        scope=scope,
        label=last.label if last.id in graph.outputs else _label(turns),
        members=tuple(member for node in turns for member in members_of(node)),
        back=back if any(back) else (),
    )


def _label(turns: list[Node]) -> str | None:
    """Return what the same place of every turn is called: by one name, or the first and last.

    x1, x2, x3, x4 are "x1 … x4"; of x1, x4, x7, x10 the second is named too: "x1, x4 … x10".
    """
    first, second, *_, last = (node.label for node in turns)
    scalars = all(node.role == "constant" and not node.shape for node in turns)
    if scalars and first is None:
        first, second, *_, last = (summarize(node.value) for node in turns)
        if first == second == last:
            return None
    if first == last or not (first and second and last):
        return last
    stem = first.rstrip("0123456789")
    follows = first != stem and second == f"{stem}{int(first[len(stem) :]) + 1}"
    return f"{first} … {last}" if follows else f"{first}, {second} … {last}"


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
