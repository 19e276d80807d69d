"""The frames that a page can fold: scopes, and what is folded in a drawing of the same graph."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import zip_longest
from typing import TYPE_CHECKING

from tinygrad_mlp.graphs.fold import LEAVES
from tinygrad_mlp.graphs.group import Group, members_of
from tinygrad_mlp.graphs.scopes import backward_ids, scope_name, scope_paths

if TYPE_CHECKING:
    from tinygrad_mlp.graphs.graph import Graph
    from tinygrad_mlp.graphs.node import Node

#: What a folded drawing puts behind the name of a scope that was entered again.
_AGAIN = re.compile(r" \(\d+\)$")
#: How the keys of frames begin that are no scopes: boxes of other kinds, and loops.
_BOX, _LOOP = "\0box ", "\0loop "


class Frame:
    """A frame around results that were born one after the other, and the leaves that they own.

    So no path can leave it and come back, and a folded frame never makes a cycle.

    Attributes
    ----------
    key : str
        The path of its scope, or what no scope is called.
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
    many = [node for node in folded if members_of(node) != (node.id,)]
    owners = {member: node for node in many for member in members_of(node)}
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
    _add_leaves(graph, owners, around)
    _add_unused(graph, owners, frames, around)
    _close(graph, owners, around)
    return frames, around


def _frames_wanted(node: Node, owners: dict[str, Node]) -> list[tuple[str, str]]:
    """Return the keys and the names of the frames around a result, outermost first."""
    scopes = [(path, scope_name(path)) for path in scope_paths(node.scope)]
    owner = owners.get(members_of(node)[-1])
    if owner is None or members_of(owner) == members_of(node):
        return scopes
    if isinstance(owner, Group):
        if _scope_folded(owner, node) is not None:
            return scopes
        depth = len(scope_paths(owner.scope))
        return [*scopes[:depth], (_BOX + owner.id, owner.label or owner.id), *scopes[depth:]]
    wanted = []  # the owner stands for a node of each turn of a loop
    for own, cell in zip_longest(scopes, scope_paths(owner.scope)):
        if cell is not None and (own is None or scope_name(cell) != own[1]):
            wanted.append((_LOOP + cell, scope_name(cell)))
        wanted += [own] if own is not None else []
    return wanted


def _keys_of(owner: Node | None) -> list[str]:
    """Return the keys of the frames that stand for a box, or for a loop."""
    if owner is None:
        return []
    if isinstance(owner, Group):
        return [_BOX + owner.id]
    return [_LOOP + path for path in scope_paths(owner.scope)]


def _scope_folded(box: Group, node: Node) -> str | None:
    """Return the path of the scope that a box stands for; None if it is a repeat or a part."""
    depth = len(scope_paths(box.scope))
    paths = scope_paths(node.scope)
    if len(paths) > depth and scope_name(paths[depth]) == _AGAIN.sub("", box.label or ""):
        return paths[depth]
    return None


def _add_leaves(graph: Graph, owners: dict[str, Node], around: dict[str, Frame]) -> None:
    """Put each leaf into the innermost frame around all that use it.

    An input stays outside of scopes that it was not made in, and of boxes that do not have it in
    a drawing.  A recorded backward pass uses what the forward pass has, and does not count.
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
        while shared and shared[-1].key.startswith(_LOOP):  # what all turns use
            shared.pop()
        if leaf.role == "input":
            own = {*scope_paths(leaf.scope), *_keys_of(owners.get(leaf.id))}
            while shared and shared[-1].key not in own:
                shared.pop()
        if shared:
            around[leaf.id] = shared[-1]


def _add_unused(
    graph: Graph, owners: dict[str, Node], frames: list[Frame], around: dict[str, Frame]
) -> None:
    """Put leaves that nothing was made from into a frame, where there are so many of them."""
    found: dict[str, Frame] = {}
    for node in graph:
        box = owners.get(members_of(node)[-1])
        if box is None or box.label != LEAVES or node.arguments:
            continue
        if box.id not in found:
            found[box.id] = Frame(_BOX + box.id, box.label or box.id, None)
            frames.append(found[box.id])
        around[node.id] = found[box.id]


def _close(graph: Graph, owners: dict[str, Node], around: dict[str, Frame]) -> None:
    """Close the frames that the folded graph has as boxes, or as one turn of a loop."""
    for node in graph:
        owner = owners.get(members_of(node)[-1])
        if owner is None or node.id not in around:
            continue
        folded = _scope_folded(owner, node) if isinstance(owner, Group) else None
        keys = [folded] if folded else _keys_of(owner)
        for frame in around[node.id].chain():
            frame.closed = frame.closed or frame.key in keys
