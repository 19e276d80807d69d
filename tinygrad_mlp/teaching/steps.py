"""Backpropagation step by step: what is computed, with which numbers, and what each gradient holds.

The backward steps are what the loop of the engine handed over, in its order.
"""

from __future__ import annotations

import json
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any

from tinygrad_mlp._support.arguments import whole_number
from tinygrad_mlp.core.ownership import to_read
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.drawing.naming import named
from tinygrad_mlp.drawing.style import listed
from tinygrad_mlp.graphs.fold import fold
from tinygrad_mlp.graphs.graph import Graph
from tinygrad_mlp.graphs.group import Group
from tinygrad_mlp.graphs.saved import plain_numbers
from tinygrad_mlp.graphs.scopes import placed
from tinygrad_mlp.teaching.edges import passed
from tinygrad_mlp.teaching.telling import (
    Step,
    backward_step,
    beginning_step,
    box_step,
    forward_step,
)
from tinygrad_mlp.teaching.words import Words

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator

    from tinygrad_mlp.kernels import Array
    from tinygrad_mlp.teaching.playing.scene import Scene

FORMAT = "tinygrad_mlp steps 1"


def steps(
    output: Value,
    *,
    gradient: Any = None,
    depth: int | None = None,
    expand: str | Iterable[str] = (),
) -> Steps:
    """Return backpropagation as steps: forward from the leaves, then backward from ``output``.

    Parameters
    ----------
    output : Value
        What is computed and differentiated; a scalar unless ``gradient`` is given.
    gradient : array_like, same shape as ``output``, optional
        The upstream gradient; 1 for a scalar.
    depth : int, optional
        1 makes one step forward and one step back of each outermost scope, such as a layer, 2 of
        each scope inside those; None tells every operation.
    expand : str or iterable of str
        Names of scopes that are walked operation by operation all the same.

    Returns
    -------
    Steps
        Can be walked as often as one likes, and never writes to ``.grad``.

    Raises
    ------
    TypeError
        If ``output`` is no Value, or ``depth`` no int.
    ValueError
        If there is no such scope.
    GraphError
        If ``output`` is no scalar and has no ``gradient``.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> w, x = tg.Value(-3.0, label="w"), tg.Value(2.0, label="x")
    >>> p = w * x
    >>> p.label = "p"
    >>> for step in tg.steps(p * w):
    ...     print(step)
    p = w · x = (-3) · 2 = -6
    L = p · w = (-6) · (-3) = 18
    ∂L/∂L = 1: here the backward pass begins
    p gets 1 × (-3) = -3 from L (×); it had none
    w gets 1 × (-6) = -6 from L (×); it had none
    w gets -3 × 2 = -6 from p (×); it had -6 and now has -12
    x gets -3 × (-3) = 9 from p (×); it had none
    """
    if not isinstance(output, Value):
        raise TypeError(f"steps: output must be a Value, got {type(output).__name__}")
    depth = None if depth is None else whole_number("depth", depth)
    return Steps(output, gradient, depth, listed("expand", expand))


class Steps:
    """The steps of one forward and backward pass; ``steps`` makes it.

    Attributes
    ----------
    graph : Graph
        Of whose nodes the steps speak.
    gradients : dict of Value to array
        The gradients as far as the latest walk has come; after all steps, those of ``backward()``.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(3.0, label="x")
    >>> walk = tg.steps(x * x)
    >>> len(walk), [step.phase for step in walk]
    (4, ['forward', 'backward', 'backward', 'backward'])
    >>> walk.gradients[x], x.grad
    (np.float64(6.0), None)
    """

    def __init__(
        self,
        output: Value,
        gradient: Any = None,
        depth: int | None = None,
        expand: list[str] | None = None,
    ) -> None:
        self.graph = named(Graph.of(output))
        self.gradients: dict[Value, Array] = {}
        self._depth, self._expand = depth, expand or []
        folded = fold(placed(self.graph), depth=depth, expand=self._expand, max_nodes=None)
        self._words = Words(self.graph)
        self._output = output
        values = self.graph.values()
        totals, self._edges = passed(self.graph, output, list(values.values()), gradient)
        self._seed = totals[list(values.values()).index(output)]
        self._computed = [node for node in self.graph if node.row is not None]
        groups = [node for node in folded if isinstance(node, Group)]
        self._boxes = {member: box for box in groups for member in box.members}
        # A box that owns steps in a row, and how many these are; None owns each of its steps alone.
        self._forward = list(self._owned(node.id for node in self._computed))
        self._backward = list(self._owned(self.graph.id_of(edge.user) for edge in self._edges))

    def _owned(self, ids: Iterable[str]) -> Iterator[tuple[Group | None, int]]:
        """Yield the boxes that own some results, and how many in a row."""
        for box, owned in groupby(ids, self._boxes.get):
            count = len(list(owned))
            yield from [(None, 1)] * count if box is None else [(box, count)]

    def __len__(self) -> int:
        return len(self._forward) + 1 + len(self._backward)

    def __iter__(self) -> Iterator[Step]:
        self.gradients = {}
        return self._walked(self.gradients)

    def _walked(self, gradients: dict[Value, Array]) -> Iterator[Step]:
        """Yield every step, and gather the gradients."""
        single = self._single(gradients)
        owned = [*self._forward, (None, 1), *self._backward]
        for number, (box, count) in enumerate(owned, start=1):
            parts = list(islice(single, count))
            if box is None:
                yield parts[0]._replace(number=number)
            else:
                yield box_step(number, box, parts, self._words)

    def _single(self, gradients: dict[Value, Array]) -> Iterator[Step]:
        """Yield every single step, whatever box it is in."""
        words = self._words
        for place, node in enumerate(self._computed):
            yield forward_step(place + 1, node, words)
        begin = len(self._computed) + 1
        gradients[self._output] = to_read(self._seed)
        yield beginning_step(begin, self._seed, words)
        for place, edge in enumerate(self._edges):
            before, share = gradients.get(edge.argument), edge.contribution
            after = to_read(share if before is None else before + share)
            gradients[edge.argument] = after
            yield backward_step(begin + place + 1, edge, before, after, words)

    def __repr__(self) -> str:
        return f"<Steps: {len(self._forward)} forward, {len(self._backward) + 1} backward>"

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        quiz: bool = False,
        direction: str = "auto",
        theme: str = "light",
        kind: str = "svg",
        title: str | None = None,
    ) -> None:
        """Write a page that plays the steps, or a picture of each for slides.

        Parameters
        ----------
        path : str or path
            ``"steps.html"`` for a page of one file, which opens in any browser; ``"frames/"`` for
            a folder of pictures of one size and one layout, ``step_01.svg`` and so on.  The
            folder is made if it is missing; files of these names are replaced, others stay.
        quiz : bool
            The page asks for each number before it shows it.
        direction : str
            As for ``draw``; pictures are made for the shape of a slide.
        theme : str
            Of pictures, as for ``draw``; a page follows the reader's system.
        kind : {"svg", "png", "pdf"}
            Of pictures; the last two need the package typst.
        title : str, optional
            The heading of a page.

        Raises
        ------
        ValueError
            If the name ends with something else, or a choice does not exist; if the graph has
            more than 3,000 nodes.
        OSError
            If a file cannot be written, or the folder around it is missing.
        RenderError
            If typst is not installed.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> import tinygrad_mlp as tg
        >>> x = tg.Value(3.0, label="x")
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> tg.steps(x * x).save(folder / "steps.html")
        >>> tg.steps(x * x).save(folder / "frames")
        >>> sorted(file.name for file in (folder / "frames").iterdir())
        ['step_01.svg', 'step_02.svg', 'step_03.svg', 'step_04.svg']
        """
        from tinygrad_mlp.teaching.playing.saving import save_steps  # here, it is much to load

        save_steps(
            self._scene,
            path,
            quiz=quiz,
            direction=direction,
            theme=theme,
            kind=kind,
            title=title,
        )

    def _scene(self) -> Scene:
        from tinygrad_mlp.teaching.playing.scene import scene_of  # as above

        return scene_of(self._words, list(self._walked({})), self._depth, self._expand)

    def to_json(self) -> str:
        """Return all steps as JSON text, with the graph that they speak of.

        As in ``Graph.to_json`` a scalar is there exactly, of anything larger a summary.

        Examples
        --------
        >>> import json
        >>> import tinygrad_mlp as tg
        >>> data = json.loads(tg.steps(tg.Value(3.0, label="x") * 2.0).to_json())
        >>> data["format"], data["steps"][0]["sentence"]
        ('tinygrad_mlp steps 1', 'L = x · 2 = 3 · 2 = 6')
        """
        lines = [json.dumps(_plain(step)) for step in self._walked({})]
        head = f'"format": {json.dumps(FORMAT)}, "graph": {self.graph.to_json().rstrip()}'
        body = ",\n".join(lines)
        return f'{{{head}, "steps": [\n{body}\n]}}\n'


def _plain(step: Step) -> dict[str, Any]:
    """Return a step as JSON takes it."""
    numbers = {"upstream", "local", "contribution", "before", "value"}
    told = {
        name: plain_numbers(part) if name in numbers and part is not None else part
        for name, part in step._asdict().items()
    }
    return told | {"parts": [_plain(part) for part in step.parts]}
