"""A page that plays steps: the data for its player, beside that of the drawing."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.page.contents import contents, numbers_told
from tinygrad_mlp.drawing.page.document import document, text_beside
from tinygrad_mlp.teaching.playing.scene import product, sources
from tinygrad_mlp.teaching.telling import single
from tinygrad_mlp.teaching.words import told

if TYPE_CHECKING:
    from tinygrad_mlp.drawing.style import Style
    from tinygrad_mlp.graphs.node import Node
    from tinygrad_mlp.teaching.playing.scene import Scene
    from tinygrad_mlp.teaching.telling import Step

#: The scripts of the player, each of which uses those before it.
SCRIPTS = ("known.js", "marks.js", "telling.js", "player.js", "quiz.js")

#: Beside the words of a product on an edge: its frame, and the arrow.
_BESIDE_PRODUCT = 64
#: Three lines of words, their frame, and the arrow.
_UPRIGHT_GAP = 80


def page_of_steps(scene: Scene, choices: Style, *, quiz: bool, title: str | None = None) -> str:
    """Return the HTML document that plays the steps of a scene.

    >>> import tinygrad_mlp as tg
    >>> from tinygrad_mlp.teaching.playing.scene import scene_of
    >>> from tinygrad_mlp.teaching.words import Words
    >>> walk = tg.steps(tg.Value(2.0) * 3.0)
    >>> scene = scene_of(Words(walk.graph), list(walk), None, [])
    >>> page_of_steps(scene, style.DEFAULT, quiz=False)[:15]
    '<!DOCTYPE html>'
    """
    data = contents(scene.graph, scene.folded, choices)
    data["title"] = data["title"].replace("Computation graph", "Backpropagation", 1)
    if title is not None:
        data["title"] = title
    data["steps"] = _Telling(scene, choices, data["nodes"]).steps()
    data["quiz"] = quiz
    data["gaps"] = _gaps(data["steps"])
    return document(data, [_part(name) for name in SCRIPTS], [_part("player.css")])


def _part(name: str) -> str:
    return text_beside(__file__, name)


def _gaps(steps: list[dict[str, Any]]) -> list[float] | None:
    """Return how far layers are apart, flat and upright, so that a product fits between them."""
    products = [part["words"] for step in steps for part in step["parts"] if "words" in part]
    lines = [line for words in products for line in re.split(" (?=[×=])", words)]
    if not lines:
        return None
    return [round(max(map(style.text_width, lines)) + _BESIDE_PRODUCT), _UPRIGHT_GAP]


class _Telling:
    """Turns steps into plain data, in which nodes are places."""

    def __init__(self, scene: Scene, choices: Style, nodes: list[dict[str, Any]]) -> None:
        self._scene = scene
        self._show = choices.show
        self._places = {node["id"]: place for place, node in enumerate(nodes)}
        self._shares = scene.shares()
        self._got: Counter[str] = Counter()  # shares until now

    def steps(self) -> list[dict[str, Any]]:
        return [self._step(step) for step in self._scene.steps]

    def _step(self, step: Step) -> dict[str, Any]:
        graph = self._scene.graph
        edges = [(self._places[user], place) for user, place in sources(step, graph)]
        told = {
            "phase": step.phase,
            "sentence": self._sentence(step),
            "formula": step.formula if step.phase == "backward" or step.box else step.sentence,
            "edges": edges,
            "parts": [self._part(part) for part in single(step)],
        }
        if not step.box:
            told |= self._asked(step)
        return told

    def _sentence(self, step: Step) -> str:
        """Return the explanation of a step; what a forward sentence says is its formula."""
        if step.phase == "backward" or step.box:
            return step.sentence
        node = self._scene.graph[step.node]
        name = self._scene.words.name
        *others, last = map(name, node.arguments)
        sources = " and ".join(filter(None, [", ".join(others), last]))
        becomes = "is" if node.shape else f"becomes {told(step.value)},"
        return f"{name(step.node)} {becomes} computed from {sources} by {style.symbol(node)}"

    def _part(self, part: Step) -> dict[str, Any]:
        """Return what a single step changes in the drawing, and the terms of its product."""
        node = self._scene.graph[part.node]
        changed: dict[str, Any] = {"node": self._places[part.node]}
        if part.phase == "forward":
            return changed
        now = node.replaced(gradient=part.value)
        changed["gradient"] = list(style.words(now, self._show).gradient)
        changed["whole"] = numbers_told(part.value)
        if part.user is None:
            return changed
        self._got[part.node] += 1
        changed |= {"user": self._places[part.user], "argument": part.place}
        changed["share"] = [self._got[part.node], self._shares[part.node]]
        words = product(part)
        if words:
            changed["words"] = words
            changed["terms"] = self._terms(part, node)
        return changed

    def _terms(self, part: Step, node: Node) -> dict[str, Any]:
        """Return the numbers of a product, and what they are the derivatives of."""
        words, graph = self._scene.words, self._scene.graph
        output, user = graph.outputs[0], part.user or ""
        total = words.partial(output, node.id)
        terms = {
            "upstream": [told(part.upstream), words.partial(output, user)],
            "local": [told(part.local), words.partial(user, node.id)],
            "contribution": [told(part.contribution), f"for {total}"],
        }
        if part.before is not None:
            terms["before"] = [told(part.before), total]
            terms["added"] = [told(part.contribution), "share"]
            terms["after"] = [told(part.value), total]
        return terms

    def _asked(self, step: Step) -> dict[str, Any]:
        """Return the question for a number, and the number, if there is a single one."""
        forward = step.phase == "forward" or step.user is None
        number = np.asarray(step.value if forward else step.contribution)
        if number.size != 1 or not np.isfinite(number).all():
            return {}
        return {"question": self._question(step), "answer": float(number.item())}

    def _question(self, step: Step) -> str:
        words, graph = self._scene.words, self._scene.graph
        if step.phase == "forward":
            return f"What is {words.step(step.node)}?"
        if step.user is None:
            return f"What is {words.partial(step.node, step.node)}?"
        user, node, output = step.user, step.node, graph.outputs[0]
        return (
            f"What does {words.name(node)} get from {words.name(user)}? "
            f"{words.partial(output, user)} · {words.partial(user, node)} ="
        )
