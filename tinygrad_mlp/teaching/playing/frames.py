"""A picture of each step, all of one layout: shapes are hidden, filled in, or stand out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.builtin.plan import layered
from tinygrad_mlp.drawing.shapes import Canvas, Group, Rectangle, Text, text
from tinygrad_mlp.drawing.style import HIGHLIGHT_WIDTH, LOCAL, NUMBER_SIZE, text_width
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
#: The words below a picture.
_SIZE = 15
_LINE = 21.0
_MARGIN = 14.0
_NARROWEST = 620.0


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
    below = _Caption(scene.steps, choices, canvas)
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
        self._shown = {member: node.id for node in scene.folded for member in _members(node)}
        self._known = {node.id for node in scene.graph if not node.arguments}
        self._gradients: dict[str, Array] = {}
        self._passed: dict[Edge, str] = {}  # what came over edges

    def after(self, step: Step) -> list[Shape]:
        """Return all shapes after the next step."""
        now = {step.node} if not step.box else set()
        for part in single(step):
            now |= {part.node, part.user} - {None}
            if part.phase == "forward":
                self._known.add(part.node)
                continue
            self._gradients[part.node] = part.value
            if part.user is not None:
                self._passed[part.user, part.place] = product(part)
        current: set[Edge] = set(sources(step, self._whole))
        if step.phase == "forward":
            current |= {(part.node, None) for part in single(step)}
        shapes = list(self._shapes)
        for id_ in self._parts.boxes:
            self._settle_box(shapes, id_, {self._shown[x] for x in now if x})
        self._settle_lines(shapes, current)
        self._settle_words(shapes, current)
        return shapes

    # ----- Boxes -----

    def _settle_box(self, shapes: list[Shape], id_: str, now: set[str]) -> None:
        """Write into a box what is known of its node."""
        place = self._parts.boxes[id_]
        node, box = self._graph[id_], shapes[place]
        if not isinstance(box, Group):
            return
        members = _members(node)
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

    def _settle_lines(self, shapes: list[Shape], current: set[Edge]) -> None:
        """Let the lines of a step stand out; those that were passed have the ink of gradients."""
        theme, parts = self._choices.theme, self._parts
        shown = {self._drawn(edge) for edge in current}
        for group, look_now in (
            (parts.line_group, {"stroke": theme.highlight, "stroke_width": 3.5}),
            (parts.head_group, {"fill": theme.highlight}),
        ):
            found = shapes[group]
            if not isinstance(found, Group) or len(found.shapes) != len(parts.lines):
                continue  # a drawing with other lines too
            inside: list[Any] = list(found.shapes)
            for edge, place in parts.lines.items():
                if edge in shown:
                    inside[place] = inside[place]._replace(look=look_now)
            shapes[group] = Group(inside, found.look)

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


def _members(node: Any) -> tuple[str, ...]:
    from tinygrad_mlp.graphs.group import members_of

    return members_of(node)


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


class _Caption:
    """The words below all pictures: they have the room that the longest need."""

    def __init__(self, steps: Sequence[Step], choices: Style, canvas: Canvas) -> None:
        left, top, right, bottom = canvas.frame
        middle = (left + right) / 2
        half = max(right - left, _NARROWEST) / 2
        self._theme = choices.theme
        self._left, self._top = middle - half + _MARGIN, bottom + _LINE
        self._room = 2 * half - 2 * _MARGIN
        rows = max(len(self._rows(step)) for step in steps)
        self.frame = (middle - half, top, middle + half, bottom + _LINE * (rows + 2.0))

    def _rows(self, step: Step) -> list[tuple[str, bool]]:
        """Return lines, and whether each is a formula."""
        lines = [(line, False) for line in _wrapped(step.sentence, self._room)]
        if step.formula not in step.sentence:
            lines += [(line, True) for line in _wrapped(step.formula, self._room)]
        return lines

    def shapes(self, step: Step, count: int) -> list[Shape]:
        """Return how far the steps are, a sentence and a formula."""
        theme, x, y = self._theme, self._left, self._top
        place = f"{step.number} of {count}, {step.phase} pass"
        made: list[Shape] = [text(x, y, place, fill=theme.quiet_ink)]
        for line, is_formula in self._rows(step):
            y += _LINE
            ink = theme.gradient_ink if is_formula else theme.ink
            made.append(text(x, y, line, font_size=_SIZE, fill=ink))
        return made


def _wrapped(content: str, room: float) -> list[str]:
    """Return the lines of a text in a room.

    >>> _wrapped("one two three", 80.0)
    ['one two', 'three']
    """
    lines: list[str] = []
    for word in content.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, _SIZE) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
