"""The lines of a drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinygrad_mlp.drawing.builtin.loops import loop_route

if TYPE_CHECKING:
    from tinygrad_mlp.drawing.shapes import Point

#: How far before the next boxes a line turns around.
_TURN = 8.0


class Wire:
    """A line of the drawing, and how it is drawn.

    Attributes
    ----------
    edges : range
        The numbers of the edges in the layout that it follows.
    turned : bool
        It runs against the direction of the layout, at least at its end.
    turn : int
        The place in the route where it has turned around; 0 if it nowhere does.
    link : bool
        It joins a value and its gradient.
    loop : bool
        It brings what the turn before has made.
    route : list of points
        From the source to the target, once it has a place.
    """

    __slots__ = ("edges", "link", "loop", "marked", "port", "route", "turn", "turned")

    def __init__(
        self,
        *,
        port: float = 0.0,
        turned: bool = False,
        marked: bool = False,
        link: bool = False,
        loop: bool = False,
    ) -> None:
        self.edges = range(0)
        self.turn = 0
        self.port = port
        self.turned = turned
        self.marked = marked
        self.link = link
        self.loop = loop
        self.route: list[Point] = []


def route_of(wire: Wire, routes: list[list[Point]]) -> list[Point]:
    """Return the corners of a line, from its source to its target, and note where it turns."""
    found = [routes[edge] for edge in wire.edges]
    if wire.loop and len(found) > 1:
        route = loop_route(*found)
        wire.turn = len(route) - 1
        return route
    if not wire.turned:
        return _joined(found)
    route = _turned_back(found[-1], wire.port)
    if len(found) > 1:
        *there, (x, _), _ = found[0]
        corner = x - _TURN, there[-1][1]
        wire.turn = len(there) + 2
        route = [*there, corner, corner, *route[2:]]
    return route


def _joined(routes: list[list[Point]]) -> list[Point]:
    """Return the corners of a line that goes straight through the labels on its way."""
    joined = routes[0]
    for route in routes[1:]:
        joined = joined[:-1] + route[1:]
    return joined


def _turned_back(route: list[Point], port: float) -> list[Point]:
    """Return the route from its end to its start, where it arrives at a port."""
    (x, y), (x_after, _), *others = route
    return [*reversed(others), (x_after, y + port), (x, y + port)]
