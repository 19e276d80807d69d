"""The lines of a drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tinygrad_mlp.drawing.shapes import Point


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
