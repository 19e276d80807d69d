"""The frames that a page can fold: scopes, and what is folded in a drawing of the same graph."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from tinygrad_mlp.graphs.fold import LEAVES
from tinygrad_mlp.graphs.group import Group, members_of
from tinygrad_mlp.graphs.scopes import backward_ids, scope_name, scope_paths

if TYPE_CHECKING:
    from tinygrad_mlp.graphs.graph import Graph
    from tinygrad_mlp.graphs.node import Node

#: What a folded drawing puts behind the name of a scope that was entered again.
_AGAIN = re.compile(r" \(\d+\)$")


class Frame:
    """A frame around results that were born one after the other, and the leaves that they own.

    So no path can leave it and come back, and a folded frame never makes a cycle.

    Attributes
    ----------
    key : str
        The path of its scope, or the id of a box that is no scope.
    name : str
        What is written on it.
    parent : Frame or None
        The frame around it.
    closed : bool
        Whether it is folded at first.
    """

    __slots__ = ("closed", "key", "name", "parent")

    def __init__(self, key: str, name: str, parent: Frame | None) -> None:
        self.key = key
        self.name = name
        self.parent = parent
        self.closed = False

    def chain(self) -> list[Frame]:
        """Return the frames around it, outermost first, and itself."""
        found: list[Frame] = []
        frame: Frame | None = self
        while frame is not None:
            found.append(frame)
            frame = frame.parent
        return found[::-1]


def framed(graph: Graph, folded: Graph) -> tuple[list[Frame], dict[str, Frame]]:
    """Return the frames of a graph, outer ones first, and the innermost around each node.

    Parameters
    ----------
    graph : Graph
        With every node in the scope that it is drawn in.
    folded : Graph
        The same graph, folded: its boxes are the frames that are closed at first.

    Returns
    -------
    list of Frame, dict of str to Frame
        A node outside of all frames is not in the dict.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> from tinygrad_mlp.graphs.fold import fold
    >>> x = tg.Value(1.0, label="x")
    >>> with tg.scope("outer"), tg.scope("inner"):
    ...     y = tg.tanh(x * 2.0)
    >>> graph = tg.Graph.of(y)
    >>> frames, around = framed(graph, fold(graph, depth=1))
    >>> [(frame.name, frame.closed) for frame in frames]
    [('outer', True), ('inner', False)]
    >>> [(node.id, around[node.id].name) for node in graph if node.id in around]
    [('v1', 'inner'), ('v2', 'inner'), ('v3', 'inner')]
    """
    owners = {m: box for box in folded if isinstance(box, Group) for m in box.members}
    frames: list[Frame] = []
    around: dict[str, Frame] = {}
    opened: list[Frame] = []
    for node in graph:
        if not node.arguments:
            continue
        wanted = _frames_wanted(node, owners)
        keys = [frame.key for frame in opened]
        shared = 0
        while shared < min(len(keys), len(wanted)) and keys[shared] == wanted[shared][0]:
            shared += 1
        del opened[shared:]
        for key, name in wanted[shared:]:
            opened.append(Frame(key, name, opened[-1] if opened else None))
            frames.append(opened[-1])
        if opened:
            around[node.id] = opened[-1]
    _add_leaves(graph, around)
    _add_unused(graph, owners, frames, around)
    _close(graph, owners, around)
    return frames, around


def _frames_wanted(node: Node, owners: dict[str, Group]) -> list[tuple[str, str]]:
    """Return the keys and the names of the frames around a result, outermost first."""
    scopes = [(path, scope_name(path)) for path in scope_paths(node.scope)]
    box = owners.get(members_of(node)[-1])
    if box is None or box.members == members_of(node) or _scope_folded(box, node) is not None:
        return scopes
    return [(f" {box.id}", box.label or box.id), *scopes]  # no scope's path begins with a space


def _scope_folded(box: Group, node: Node) -> str | None:
    """Return the path of the scope that a box stands for; None if it is a repeat or a part."""
    depth = len(scope_paths(box.scope))
    paths = scope_paths(node.scope)
    if len(paths) > depth and scope_name(paths[depth]) == _AGAIN.sub("", box.label or ""):
        return paths[depth]
    return None


def _add_leaves(graph: Graph, around: dict[str, Frame]) -> None:
    """Put each leaf into the innermost frame around all that use it.

    An input stays outside of scopes that it was not made in, as in every drawing.  A recorded
    backward pass uses what the forward pass has, and does not count.
    """
    backward = backward_ids(graph)
    users: defaultdict[str, list[Node]] = defaultdict(list)
    for node in graph:
        for argument in node.arguments:
            users[argument].append(node)
    for leaf in graph:
        using = [user for user in users[leaf.id] if user.id not in backward] or users[leaf.id]
        if leaf.arguments or not using:
            continue
        chains = [around[u.id].chain() if u.id in around else [] for u in using]
        shared = [one[0] for one in zip(*chains, strict=False) if len(set(one)) == 1]
        if leaf.role == "input":
            own = scope_paths(leaf.scope)
            while shared and not (shared[-1].key in own or shared[-1].key.startswith(" ")):
                shared.pop()
        if shared:
            around[leaf.id] = shared[-1]


def _add_unused(
    graph: Graph, owners: dict[str, Group], frames: list[Frame], around: dict[str, Frame]
) -> None:
    """Put leaves that nothing was made from into a frame, where there are so many of them."""
    found: dict[str, Frame] = {}
    for node in graph:
        box = owners.get(node.id)
        if box is None or box.label != LEAVES or node.arguments:
            continue
        if box.id not in found:
            found[box.id] = Frame(f" {box.id}", box.label or box.id, None)
            frames.append(found[box.id])
        around[node.id] = found[box.id]


def _close(graph: Graph, owners: dict[str, Group], around: dict[str, Frame]) -> None:
    """Close the frames that the folded graph has as boxes."""
    for node in graph:
        box = owners.get(members_of(node)[-1])
        if box is not None and node.id in around:
            key = _scope_folded(box, node) or f" {box.id}"
            for frame in around[node.id].chain():
                if frame.key == key:
                    frame.closed = True
