"""A picture of each step, all of one layout: shapes are hidden, filled in, or stand out."""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.builtin.plan import layered
from tinygrad_mlp.drawing.shapes import Canvas, Group, Path, Rectangle, Text, path
from tinygrad_mlp.drawing.style import HIGHLIGHT_WIDTH, LOCAL, NUMBER_SIZE, text_width
from tinygrad_mlp.graphs.group import members_of
from tinygrad_mlp.teaching.playing.caption import Caption
from tinygrad_mlp.teaching.playing.parts import parts_of
from tinygrad_mlp.teaching.playing.scene import product, sources
from tinygrad_mlp.teaching.telling import single

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tinygrad_mlp.drawing.shapes import Shape
    from tinygrad_mlp.drawing.style import Style
    from tinygrad_mlp.kernels import Array
    from tinygrad_mlp.teaching.playing.parts import Edge
    from tinygrad_mlp.teaching.playing.scene import Scene
    from tinygrad_mlp.teaching.telling import Step

#: What has no number yet is so faint.
_FAINT = 0.4
#: Of an arrow: how long it is, and half of how broad.
_ARROW = 9.0, 3.6


def frames(scene: Scene, choices: Style) -> Iterator[Canvas]:
    """Yield the drawing of each step: what is known after it, and what it does.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> from tinygrad_mlp.teaching.playing.scene import scene_of
    >>> from tinygrad_mlp.teaching.words import Words
    >>> x = tg.Value(2.0, label="x")
    >>> walk = tg.steps(x * x)
    >>> drawings = list(frames(scene_of(Words(walk.graph), list(walk), None, []), style.DEFAULT))
    >>> len(drawings), len({drawing.frame for drawing in drawings})
    (4, 1)
    """
    choices = choices._replace(show=(*choices.show, LOCAL))
    canvas = layered(scene.folded, choices)
    drawing = _Frames(scene, choices, canvas)
    below = Caption(scene.steps, choices, canvas)
    for step in scene.steps:
        shapes = [*drawing.after(step), *below.shapes(step, len(scene.steps))]
        yield Canvas(below.frame, step.sentence, canvas.description, canvas.page, shapes)


class _Frames:
    """The shapes of one drawing, as they look after one step after the other."""

    def __init__(self, scene: Scene, choices: Style, canvas: Canvas) -> None:
        self._graph = scene.folded
        self._whole = scene.graph
        self._choices = choices
        self._shapes = canvas.shapes
        self._parts = parts_of(canvas, scene.folded, choices)
        self._shown = {member: node.id for node in scene.folded for member in members_of(node)}
        self._known = {node.id for node in scene.graph if not node.arguments}
        self._gradients: dict[str, Array] = {}
        self._passed: dict[Edge, str] = {}  # what came over edges

    def after(self, step: Step) -> list[Shape]:
        """Return all shapes after the next step."""
        now = {step.node} if not step.box else set()
        for part in single(step):
            now |= {x for x in (part.node, part.user) if x}
            if part.phase == "forward":
                self._known.add(part.node)
                continue
            self._gradients[part.node] = part.value
            if part.user is not None:
                self._passed[part.user, part.place] = product(part)
                self._passed[part.user, None] = ""
        current: set[Edge] = set(sources(step, self._whole))
        current |= {(user, None) for user, _ in current}
        shapes = list(self._shapes)
        for id_ in self._parts.boxes:
            self._settle_box(shapes, id_, {self._shown[x] for x in now if x})
        self._settle_lines(shapes, current, step.phase)
        self._settle_words(shapes, current)
        return shapes

    # ----- Boxes -----

    def _settle_box(self, shapes: list[Shape], id_: str, now: set[str]) -> None:
        """Write into a box what is known of its node."""
        place = self._parts.boxes[id_]
        node, box = self._graph[id_], shapes[place]
        if not isinstance(box, Group):
            return
        members = members_of(node)
        is_known = any(x in self._known for x in members if self._whole[x].arguments) or (
            all(x in self._known for x in members)
        )
        inside = list(box.shapes)
        if len(members) == 1:
            inside = list(self._filled(inside, id_, is_known=is_known))
        if id_ in now:
            inside[-1] = _standing_out(inside[-1], self._choices)
        look = {} if is_known else {"opacity": _FAINT}
        shapes[place] = Group(inside, look, box.title)
        op = shapes[self._parts.ops[id_]] if id_ in self._parts.ops else None
        if isinstance(op, Group):
            shapes[self._parts.ops[id_]] = op._replace(look=look)

    def _filled(self, inside: Sequence[Shape], id_: str, *, is_known: bool) -> Iterator[Shape]:
        """Yield the shapes of a box with the numbers that are known."""
        node = self._graph[id_].replaced(gradient=self._gradients.get(id_))
        words = style.words(node, self._choices.show)
        is_constant = node.role == "constant"
        value = list(words.value) if is_known or is_constant else []
        gradient = list(words.gradient) if id_ in self._gradients else []
        texts = [shape for shape in inside if _is_number(shape)]
        lines = [*value, *[""] * (len(words.value) - len(value)), *gradient]
        lines += [""] * (len(texts) - len(lines))
        left, _, right, _ = next(shape for shape in inside if isinstance(shape, Rectangle)).frame
        widths = [text_width(line, NUMBER_SIZE) for line in gradient] or [0.0]
        start = (left + right - max(widths)) / 2
        new = iter(lines)
        for number, shape in enumerate(inside):
            if not isinstance(shape, Text) or not _is_number(shape):
                yield shape
                continue
            line = next(new)
            is_gradient = number >= _place_of(inside, texts, len(words.value))
            x = start if is_gradient and gradient else shape.x
            if line:
                yield Text(x, shape.y, [(line, {})], shape.look)

    # ----- Edges -----

    def _settle_lines(self, shapes: list[Shape], current: set[Edge], phase: str) -> None:
        """Let the lines of a step stand out, and turn those around that gradients passed."""
        theme, parts = self._choices.theme, self._parts
        lines, heads = shapes[parts.line_group], shapes[parts.head_group]
        if not isinstance(lines, Group) or not isinstance(heads, Group):
            return
        if not len(lines.shapes) == len(heads.shapes) == len(parts.lines):
            return  # a drawing with other lines too
        new_lines, new_heads = list(lines.shapes), list(heads.shapes)
        passed = {self._drawn(edge): (theme.gradient_ink, 1.6) for edge in self._passed}
        now = {self._drawn(edge): (theme.highlight, 3.5) for edge in current}
        for edge, (ink, width) in {**passed, **now}.items():
            line = lines.shapes[parts.lines[edge]] if edge in parts.lines else None
            if not isinstance(line, Path):
                continue  # inside of a box
            place = parts.lines[edge]
            head = heads.shapes[place]
            look = {"stroke": ink, "stroke_width": width}
            if phase == "backward" and isinstance(head, Path):
                new_lines[place] = Path([*line.steps, ("L", head.steps[0][1])], look)
                new_heads[place] = _head_at_start(line, ink)
            elif isinstance(head, Path):
                new_lines[place] = Path(line.steps, look)
                new_heads[place] = Path(head.steps, {"fill": ink})
        shapes[parts.line_group] = Group(new_lines, lines.look)
        shapes[parts.head_group] = Group(new_heads, heads.look)

    def _drawn(self, edge: Edge) -> Edge:
        """Return the edge of the drawing that stands for one of the graph."""
        user, place = edge
        target = self._shown[user]
        if target == user or place is None:
            return target, place
        source = self._shown[self._whole[user].arguments[place]]
        arguments = self._graph[target].arguments
        return target, arguments.index(source) if source in arguments else -1

    def _settle_words(self, shapes: list[Shape], current: set[Edge]) -> None:
        """Show on an edge what has passed over it; the numbers of gradients were not final."""
        theme = self._choices.theme
        for edge, places in self._parts.words.items():
            if edge not in self._passed:
                for place in places:
                    shapes[place] = Group([], {})
                continue
            look = {"fill": theme.highlight, "font_weight": "bold"} if edge in current else {}
            for place in places:
                line = shapes[place]
                if not isinstance(line, Text):
                    continue
                before = "".join(part for part, _ in line.parts)
                words = self._passed[edge] if " = " in before and "×" in before else ""
                after = words or before
                shift = (text_width(before, NUMBER_SIZE) - text_width(after, NUMBER_SIZE)) / 2
                x = line.x if self._choices.upright else line.x + shift
                shapes[place] = Text(x, line.y, [(after, {})], {**line.look, **look})


def _is_number(shape: Shape) -> bool:
    return isinstance(shape, Text) and shape.look.get("font_size") == NUMBER_SIZE


def _place_of(inside: Sequence[Shape], texts: Sequence[Shape], number: int) -> int:
    """Return where the first text of the gradient stands; behind everything if there is none."""
    return inside.index(texts[number]) if number < len(texts) else len(inside)


def _standing_out(border: Shape, choices: Style) -> Shape:
    if not isinstance(border, Rectangle):
        return border
    look = {"stroke": choices.theme.highlight, "stroke_width": HIGHLIGHT_WIDTH}
    return Rectangle(border.frame, {**border.look, **look})


def _head_at_start(line: Path, ink: str) -> Path:
    """Return an arrow head that points out of the beginning of a line."""
    points = [point for _, corners in line.steps for point in corners]
    x, y = points[0]
    length, half = _ARROW
    far = (point for point in points if hypot(point[0] - x, point[1] - y) > half)
    away = next(far, (x + length, y))
    size = hypot(away[0] - x, away[1] - y)
    along, across = (away[0] - x) / size, (away[1] - y) / size
    base = x + along * length, y + across * length
    side = across * half, along * half
    corners = (base[0] - side[0], base[1] + side[1]), (base[0] + side[0], base[1] - side[1])
    return path(("M", [(x, y)]), *(("L", [corner]) for corner in corners), ("Z", []), fill=ink)
