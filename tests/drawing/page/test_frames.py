"""Tests of frames: scopes that can be folded without ever making a cycle."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tinygrad_mlp.drawing.page import frames as page_frames
from tinygrad_mlp.drawing.page.frames import framed
from tinygrad_mlp.graphs.fold import fold
from tinygrad_mlp.graphs.scopes import placed


def frames_of(value, **choices):
    graph = placed(tg.Graph.of(value))
    frames, around = framed(graph, fold(graph, **choices))
    return graph, frames, around


def test_a_scope_that_was_entered_again_has_a_frame_for_each_time():
    x = tg.Value(1.0, "x")
    with tg.scope("layer"):
        h = tg.tanh(x)
    h = tg.sin(h)
    with tg.scope("layer"):
        y = tg.tanh(h)
    _, frames, around = frames_of(y)
    assert ["layer", "layer"] == [frame.name for frame in frames]
    assert [frames[0], frames[1]] == list(around.values())


def test_a_weight_stands_in_the_innermost_frame_around_all_that_use_it():
    w, own = tg.Value(1.0, "w"), tg.Value(2.0, "own")
    with tg.scope("outer"):
        with tg.scope("one"):
            a = (w + 1.0) * own
        with tg.scope("two"):
            b = a * w
    graph = tg.Graph.of(b, parameters=[w, own])
    _, around = framed(graph, graph)
    inside = {node.label: around[node.id].name for node in graph if node.role == "parameter"}
    assert {"w": "outer", "own": "one"} == inside


def test_an_input_stays_outside_of_the_layer_that_takes_it():
    x = tg.Value(1.0, "x")
    with tg.scope("layer"):
        inner = tg.Value(2.0, "inner")
        y = tg.tanh(x) * inner
    graph, _, around = frames_of(y)
    assert ["inner"] == [n.label for n in graph if n.role == "input" and n.id in around]


def test_what_a_drawing_folds_is_closed_and_nothing_else(steps):
    for depth in (None, 1):
        _, frames, _ = frames_of(steps, depth=depth, expand=["step2"] if depth else ())
        closed = [frame.name for frame in frames if frame.closed]
        assert ([] if depth is None else ["step1", "step3", "step4", "step5"]) == closed


def test_what_repeats_without_a_scope_is_a_frame_too():
    h = tg.Value(1.0, "h")
    for _ in range(500):
        h = tg.tanh(h)
    graph, frames, around = frames_of(h)
    assert [("499 times tanh", True)] == [(frame.name, frame.closed) for frame in frames]
    assert {"h", "v1"} == {node.label or node.id for node in graph if node.id not in around}


def test_a_loop_that_is_drawn_once_is_a_frame_around_its_turns(steps, monkeypatch):
    whole = placed(tg.Graph.of(steps))
    members = {n.id: tuple(m.id for m in whole if m.scope) for n in whole if n.scope == "step5"}
    cell = [n.replaced(scope="step ×5") for n in whole if n.scope == "step5"]
    drawn = tg.Graph(tuple(cell), ())
    monkeypatch.setattr(
        page_frames,
        "members_of",
        lambda node: members.get(node.id, (node.id,)) if node.scope == "step ×5" else (node.id,),
    )
    frames, around = framed(whole, drawn)
    assert ["step ×5", *(f"step{k}" for k in range(1, 6))] == [frame.name for frame in frames]
    assert [frame.name for frame in frames if frame.closed] == ["step ×5"]
    outside = {node.label for node in whole if node.id not in around}
    assert {"W", "U", "h0", "loss"} == outside


@pytest.mark.parametrize("count", [400, 4000])
def test_many_leaves_that_nobody_uses_are_a_frame_too(count):
    graph = tg.Graph.of(*(tg.Value(float(k)) for k in range(count)))
    frames, around = framed(graph, fold(graph))
    assert [("unused leaves", True)] == [(frame.name, frame.closed) for frame in frames]
    assert set(frames) == {around[node.id] for node in graph}


SCOPES = ["", "a", "b", "a/c", "a/d", "b/c"]


@given(
    st.lists(st.tuples(*[st.integers(0, 100)] * 2, st.sampled_from(SCOPES)), max_size=30),
    st.sampled_from([None, 1, 2]),
)
def test_no_path_leaves_a_frame_and_comes_back(choices, depth):
    values = [tg.Value(0.5, "x"), tg.Value(0.2, "y")]
    for one, other, names in choices:
        scopes = [tg.scope(name) for name in names.split("/") if name]
        for scope in scopes:
            scope.__enter__()
        values.append(values[one % len(values)] * values[other % len(values)])
        for scope in reversed(scopes):
            scope.__exit__(None, None, None)
    graph, frames, around = frames_of(values[-1], depth=depth)
    chains = {node.id: around[node.id].chain() if node.id in around else [] for node in graph}
    for frame in frames:
        after = set()  # what was made, outside, from something inside
        for node in graph:
            inside = frame in chains[node.id]
            assert not (inside and after.intersection(node.arguments))
            touched = any(frame in chains[a] or a in after for a in node.arguments)
            if touched and not inside:
                after.add(node.id)
