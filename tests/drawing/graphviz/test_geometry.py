"""Tests of what Graphviz makes of the text: the direction of time, labels, titles of frames."""

import contextlib
import random
import shutil
import sysconfig
import time
from pathlib import Path

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.drawing.graphviz.geometry import along, is_loose, laid_out, runs_against
from tinygrad_mlp.drawing.graphviz.dot import to_dot
from tinygrad_mlp.drawing.style import DIRECTIONS, checked
from tinygrad_mlp.graphs.fold import fold
from tinygrad_mlp.graphs.graph import Graph
from tinygrad_mlp.graphs.scopes import BACKWARD, placed

PURE = Path(sysconfig.get_path("scripts"), "graphviz-pure")
PROGRAMS = [
    program for program in (shutil.which("dot"), str(PURE) if PURE.exists() else None) if program
]
SCOPES = ["layer1", "layer2", "attention", "a rather long title of a frame", "s"]
VALUES = ("label", "op", "value", "grad")

programs = pytest.mark.parametrize(
    "program",
    PROGRAMS or [pytest.param(None, marks=pytest.mark.skip(reason="no layout program is here"))],
)
directions = pytest.mark.parametrize("direction", ["LR", "TB"])


def random_graph(seed, *, recorded=False):
    """Operations in random scopes, which share some leaves: scalars, or tensors for odd seeds."""
    chance = random.Random(seed)
    names = ["x", "weight", "bias_of_layer", "b"]
    leaves = []
    for place in range(chance.randint(2, 5)):
        number = chance.uniform(-2, 2)
        data = np.full((1, 2), number) if seed % 2 else number
        leaves.append(tg.Value(data, f"{chance.choice(names)}{place}"))
    values = list(leaves)
    while len(values) < len(leaves) + 12:
        with contextlib.ExitStack() as stack:
            for _ in range(chance.choice([0, 1, 1, 1, 2])):
                stack.enter_context(tg.scope(chance.choice(SCOPES)))
            for _ in range(chance.randint(1, 4)):
                one = chance.choice(values[-4:])
                other = chance.choice(leaves[:2] if chance.random() < 0.4 else values)
                made = {
                    "tanh": lambda a, _: tg.tanh(a),
                    "sum": lambda a, b: a + b,
                    "product": lambda a, b: a * b,
                    "difference": lambda a, b: a - b,
                }[chance.choice(["tanh", "sum", "product", "difference"])]
                values.append(made(one, other))
    loss = tg.sum(values[-1]) if seed % 2 else values[-1] * 1.0
    loss.label = "L"
    loss.backward()
    if not recorded:
        return placed(Graph.of(loss))
    used = [leaf for leaf in leaves if leaf.grad is not None][:2]
    return placed(Graph.of(loss, *tg.grad(loss, used, create_graph=True)))


def unrolled(steps):
    """A recurrent network, each step in a scope of its own, all with the same weights."""
    W, U = tg.Value(np.eye(2), "W"), tg.Value(np.ones((1, 2)), "U")
    state = tg.Value(np.zeros((1, 2)), "h0")
    for step in range(steps):
        with tg.scope(f"step{step + 1}"):
            state = tg.tanh(tg.Value([[1.0]], f"x{step + 1}") @ U + state @ W)
    return Graph.of(tg.sum(state * state))


def against(geometry, direction):
    return [x for x in geometry.lines if not is_loose(x) and runs_against(x, direction)]


@programs
@directions
def test_no_arrow_points_against_the_direction_of_time(program, direction):
    graphs = [random_graph(seed) for seed in range(8)]
    graphs += [random_graph(seed, recorded=True) for seed in range(3)]
    for graph in (*graphs, unrolled(7)):
        geometry = laid_out(to_dot(graph, checked(direction, show=["label", "op"])), program)
        assert len(geometry.lines) >= len(graph) - 1
        assert [] == against(geometry, direction)


@programs
@pytest.mark.parametrize("direction", ["RL", "BT"])
def test_the_same_holds_the_other_way_around(program, direction):
    geometry = laid_out(to_dot(unrolled(6), checked(direction)), program)
    assert [] == against(geometry, direction)


@programs
@directions
def test_no_label_touches_another_or_lies_on_an_edge(program, direction):
    labels = 0
    count = 30 if program == PROGRAMS[0] else 6
    for seed in range(count):
        graph = random_graph(seed)
        source = to_dot(graph, checked(direction, show=[*VALUES, "local"]))
        boxes, lines, _ = laid_out(source, program)
        labels += sum("_d" in name for name in boxes)
        for name, box in boxes.items():
            assert not any(box.touches(other, 0.5) for n, other in boxes.items() if n != name)
            for line in lines:
                if name not in (line.tail, line.head):
                    assert not any(box.has(point, 1.0) for point in line.points)
    assert labels > 10 * count


@programs
def test_the_derivative_is_above_the_edge_and_the_contribution_below(program):
    x, y = tg.Value(3.0, "x"), tg.Value(4.0, "y")
    z = x * y
    z.backward()
    boxes, lines, _ = laid_out(to_dot(Graph.of(z), checked(show=["label", "op", "local"])), program)
    (line,) = (line for line in lines if line.head == "v2_d0")
    box, (_, height) = boxes["v2_d0"], line.points[-1]
    # A line of text has about 12 points, and there is one on each side.
    assert 12 < box.top - height < 22
    assert 12 < height - box.bottom < 22


@programs
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("recorded", [False, True])
def test_edges_go_around_the_titles_of_frames(program, direction, recorded):
    frames = 0
    for seed in range(12):
        graph = random_graph(seed, recorded=recorded)
        geometry = laid_out(to_dot(graph, checked(direction, show=VALUES)), program)
        for frame in geometry.frames.values():
            frames += 1
            assert frame.box.holds(frame.title, 1.0)
            assert not any(frame.title.has(p) for line in geometry.lines for p in line.points)
    assert frames > 20


@programs
@directions
def test_a_value_and_its_gradient_stand_face_to_face_with_one_line_between(program, direction):
    pairs = 0
    for seed in range(6):
        source = to_dot(random_graph(seed, recorded=True), checked(direction, show=VALUES))
        boxes, lines, _ = laid_out(source, program)
        for line in lines:
            assert ";" not in line.attributes["pos"]  # which parts two lines
            if line.attributes.get("style") == "dashed":
                pairs += 1
                one, other = (along(boxes[end].middle, direction) for end in (line.tail, line.head))
                assert one == pytest.approx(other, abs=15)
    assert pairs > 30


@programs
@directions
def test_a_long_title_is_inside_its_frame(program, direction):
    with tg.scope("a title that is much longer than what is in its frame, and is cut"):
        y = tg.tanh(tg.Value(1.0))
    source = to_dot(Graph.of(y), checked(direction))
    assert "a title that is much longer than what i…" in source
    (frame,) = laid_out(source, program).frames.values()
    assert frame.box.holds(frame.title, 1.0)
    assert frame.name.endswith("is cut")


@programs
def test_a_folded_backward_pass_stands_below_the_forward_pass(program):
    graph = fold(random_graph(1, recorded=True), depth=1)
    (box,) = (node for node in graph if node.label == BACKWARD)
    boxes = laid_out(to_dot(graph), program).boxes
    assert boxes[box.id].top < boxes[box.primal].bottom


@programs
def test_a_hundred_nodes_with_shared_leaves_are_laid_out_in_time(program):
    chance = random.Random(0)
    leaves = [tg.Value(float(place), f"w{place}") for place in range(5)]
    values = [leaves[0] * leaves[1]]
    for _ in range(80):
        one = values[-1] if chance.random() < 0.7 else chance.choice(values[-5:])
        values.append(one + chance.choice(leaves))
    start = time.perf_counter()
    laid_out(to_dot(Graph.of(values[-1])), program)
    assert time.perf_counter() - start < 30  # 0.4 s, on a machine that is not busy
