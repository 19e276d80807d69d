"""Where a layout program puts things: boxes, edges as chains of points, frames and their titles."""

import json
import subprocess
from typing import NamedTuple

from tinygrad_mlp.drawing.style import DIRECTIONS

#: Pieces that each Bézier curve is cut into.
PIECES = 24


class Box(NamedTuple):
    """A rectangle; Graphviz counts from below."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def middle(self):
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2

    def touches(self, other, gap=0.0):
        return (
            self.left < other.right - gap
            and other.left < self.right - gap
            and self.bottom < other.top - gap
            and other.bottom < self.top - gap
        )

    def has(self, point, gap=0.0):
        x, y = point
        inside = self.left + gap < x < self.right - gap
        return inside and self.bottom + gap < y < self.top - gap

    def holds(self, other, gap=0.0):
        across = self.left <= other.left + gap and other.right <= self.right + gap
        return across and self.bottom <= other.bottom + gap and other.top <= self.top + gap


class Line(NamedTuple):
    """An edge: its ends, its attributes, and the points that it passes, from tail to head."""

    tail: str
    head: str
    attributes: dict
    points: list


class Frame(NamedTuple):
    """A cluster, and where its title stands."""

    box: Box
    title: Box
    name: str


class Geometry(NamedTuple):
    """All of a layout."""

    boxes: dict
    lines: list
    frames: dict


def laid_out(source, program):
    """Return the geometry that a program gives to a text in DOT."""
    done = subprocess.run(
        [program, "-Kdot", "-Tjson"],
        input=source.encode(),
        capture_output=True,
        check=True,
        timeout=60,
    )
    found = json.loads(done.stdout)
    objects = {each["_gvid"]: each for each in found.get("objects", ())}
    boxes, titles, frames = {}, {}, {}
    for each in objects.values():
        if "pos" in each:
            kind = titles if each["name"].startswith("title_") else boxes
            kind[each["name"]] = _around(each["pos"], each["width"], each["height"])
    for each in objects.values():
        if "bb" in each:
            title = titles.get(f"title_{each['name'].rpartition('_')[2]}")
            title = title or _around(each["lp"], each["lwidth"], each["lheight"])
            frames[each["name"]] = Frame(Box(*_numbers(each["bb"])), title, each["tooltip"])
    lines = [
        Line(objects[e["tail"]]["name"], objects[e["head"]]["name"], e, _points(e["pos"]))
        for e in found.get("edges", ())
        if e.get("style") != "invis"
    ]
    return Geometry(boxes, lines, frames)


def _numbers(text):
    return [float(number) for number in text.split(",")]


def _around(middle, width, height):
    x, y = _numbers(middle)
    across, along = float(width) * 36, float(height) * 36  # half of the inches, in points
    return Box(x - across, y - along, x + across, y + along)


def _points(position):
    """Return points along a spline of Graphviz, with its ends at the tips of arrows."""
    begin, end, corners = [], [], []
    for part in position.replace(";", " ").split():
        if part.startswith("s,"):
            begin = [tuple(_numbers(part[2:]))]
        elif part.startswith("e,"):
            end = [tuple(_numbers(part[2:]))]
        else:
            corners.append(tuple(_numbers(part)))
    points = [corners[0]]
    for place in range(0, len(corners) - 1, 3):
        points += [_at(corners[place : place + 4], step / PIECES) for step in range(1, PIECES + 1)]
    return begin + points + end


def _at(corners, t):
    """Return a point of a cubic Bézier curve."""
    u = 1 - t
    weights = u**3, 3 * u * u * t, 3 * u * t * t, t**3
    x, y = (sum(w * c[axis] for w, c in zip(weights, corners, strict=True)) for axis in (0, 1))
    return x, y


def along(point, direction):
    """Return how far in the direction of arrows a point is."""
    assert direction in DIRECTIONS
    x, y = point
    return {"LR": x, "RL": -x, "TB": -y, "BT": y}[direction]


def is_loose(line):
    """Return whether an edge may run anywhere: one between the forward and the backward pass."""
    return line.attributes.get("constraint") == "false" or line.attributes.get("style") == "dashed"


def runs_against(line, direction):
    """Return whether an edge ends before it starts; where it runs back, after."""
    start, end = along(line.points[0], direction), along(line.points[-1], direction)
    return end <= start  # an edge that runs back starts at its head
