"""Tests of rolled loops: which scopes are equal, what the cell is, and that nothing is lost."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tinygrad_mlp.graphs.fold import fold
from tinygrad_mlp.graphs.group import Group, back_of, members_of
from tinygrad_mlp.graphs.local import edge_lines
from tinygrad_mlp.graphs.rolling import FEWEST_TURNS, rolled
from tinygrad_mlp.graphs.scopes import placed, scope_paths


def recurrent(turns=20, *, first=1):
    """The output of a recurrent network, with weights that all steps share."""
    W, U = tg.Value(np.ones((3, 4)), "W"), tg.Value(np.full((4, 4), 0.1), "U")
    state = tg.Value(np.zeros((1, 4)), "h0")
    for step in range(first, first + turns):
        x = tg.Value(np.full((1, 3), step), f"x{step}")
        with tg.scope(f"step{step}"):
            state = tg.tanh(x @ W + state @ U)
            state.label = f"h{step}"
    output = tg.sum(state)
    output.label = "y"
    return output


def blocks(count=12):
    """The output of residual blocks, each with weights of its own."""
    h = tg.Value(np.ones((2, 4)), "x")
    for number in range(count):
        with tg.scope(f"block{number}"):
            W = tg.Value(np.ones((4, 4)), f"W{number}")
            h = h + tg.relu(h @ W) * (number + 1.0)
    return h


def rolled_of(*outputs, **options):
    return rolled(placed(tg.Graph.of(*outputs)), **options)


def names(graph):
    return [node.label or node.op or node.id for node in graph]


def check(whole, graph):
    """What must hold of every rolled graph."""
    seen = set()
    for node in graph:
        assert set(node.arguments) <= seen, "an argument stands behind its user"
        assert len(back_of(node)) in (0, len(node.arguments))
        seen.add(node.id)
    assert len(seen) == len(graph)
    assert set(graph.outputs) <= seen
    assert {source for node in graph for source in back_of(node) if source} <= seen
    members = [member for node in graph for member in members_of(node)]
    assert sorted(members) == sorted(node.id for node in whole)
    owner = {member: node.id for node in graph for member in members_of(node)}
    wanted = {(owner[a], owner[node.id]) for node in whole for a in node.arguments}
    drawn = {(a, node.id) for node in graph for a in node.arguments}
    drawn |= {(source, node.id) for node in graph for source in back_of(node) if source}
    assert wanted == drawn


def test_equal_steps_are_one_cell_with_an_edge_back_and_the_shared_weights_once():
    output = recurrent()
    graph = rolled_of(output)
    check(tg.Graph.of(output), graph)
    assert [
        *("W", "U", "h0", "x1 … x20"),
        *("matmul", "matmul", "add", "h1 … h20", "y"),
    ] == names(graph)
    inside = [node for node in graph if node.scope]
    assert {"step ×20"} == {node.scope for node in inside}
    assert {20} == {len(members_of(node)) for node in inside}
    (taker,) = (node for node in graph if any(back_of(node)))
    assert ["h0", "U"] == [graph[argument].label for argument in taker.arguments]
    assert "h1 … h20" == graph[back_of(taker)[0]].label
    assert back_of(taker)[1] is None
    assert "step ×20: the numbers are those of step20" == graph.note


def test_the_cell_has_the_numbers_of_the_last_turn():
    output = recurrent(5)
    graph = rolled_of(output)
    last = next(node for node in tg.Graph.of(output) if node.label == "h5")
    (cell,) = (node for node in graph if node.label == "h1 … h5")
    np.testing.assert_array_equal(last.value, cell.value)
    assert graph[graph.outputs[0]].label == "y"


def test_weights_of_their_own_are_in_the_cell_and_count_for_every_turn():
    output = blocks()
    graph = rolled(placed(tg.Graph.of(output, parameters=_weights(output))))
    assert ["x", "W0 … W11", "matmul", "relu", "1 … 12", "multiply"] == names(graph)[:6]
    takers = [node for node in graph if any(back_of(node))]
    assert [("matmul", "add", None), ("add", "add", None)] == [
        (node.op, *(source and graph[source].op for source in back_of(node))) for node in takers
    ]
    (box,) = (n for n in fold(graph, depth=1) if isinstance(n, Group))
    assert "block ×12" == box.label
    assert "192 parameters" in box.lines


def _weights(output):
    values = tg.Graph.of(output).values().values()
    return [value for value in values if (value.label or "").startswith("W")]


def test_fewer_scopes_and_scopes_that_differ_stay():
    assert FEWEST_TURNS == 4
    assert len(tg.Graph.of(recurrent(3))) == len(rolled_of(recurrent(3)))
    h = tg.Value(0.5)
    for step in range(8):
        with tg.scope(f"step{step}"):
            h = tg.tanh(h) if step % 2 else tg.sin(h)
    assert len(tg.Graph.of(h)) == len(rolled_of(h))


def test_shapes_and_options_belong_to_what_is_equal():
    h = tg.Value(np.ones((1, 1)))
    for step in range(8):
        with tg.scope(f"step{step}"):
            h = tg.concatenate([h, h], axis=step % 2)
    assert len(tg.Graph.of(h)) == len(rolled_of(h))
    x = tg.Value(np.ones((8, 2, 2)))
    with tg.scope("all"):
        for step in range(8):
            with tg.scope(f"step{step}"):
                y = tg.sum(x[step], axis=step // 4)
    assert "step" not in rolled_of(y).note


def test_a_step_may_take_its_own_part_of_an_array():
    x, h = tg.Value(np.ones((6, 2)), "x"), tg.Value(np.zeros(2), "h0")
    for step in range(6):
        part = x[step]  # outside of the scope, and used by this step alone
        with tg.scope(f"step{step}"):
            h = tg.tanh(h + part)
    graph = rolled_of(h)
    check(tg.Graph.of(h), graph)
    assert [("x", ""), ("h0", ""), *[(op, "step ×6") for op in ("getitem", "add", "tanh")]] == [
        (node.label or node.op, node.scope) for node in graph
    ]


def test_a_first_step_that_is_another_stands_before_the_loop():
    W, h = tg.Value(np.ones((3, 3)), "W"), None
    for step in range(9):
        x = tg.Value(np.ones((1, 3)), f"x{step}")
        with tg.scope(f"step{step}"):
            h = tg.tanh(x if h is None else x + h @ W)
    graph = rolled_of(h)
    check(tg.Graph.of(h), graph)
    assert {"", "step0", "step1 … step8 ×8"} == {node.scope for node in graph}


def test_scopes_beside_each_other_need_no_edge_back():
    x = tg.Value(np.ones((2, 3)), "x")
    heads = []
    for number in range(6):
        with tg.scope(f"head{number}"):
            heads.append(tg.tanh(x @ tg.Value(np.ones((3, 3)), f"W{number}")))
    y = tg.stack(heads)
    graph = rolled_of(y)
    check(tg.Graph.of(y), graph)
    assert ["x", "W0 … W5", "matmul", "tanh", "stack"] == names(graph)
    assert not any(back_of(node) for node in graph)


def test_what_takes_a_turn_in_the_middle_keeps_the_loop_open():
    h, total = tg.Value(0.5), tg.Value(0.0)
    states = []
    for step in range(6):
        with tg.scope(f"step{step}"):
            h = tg.tanh(h)
        states.append(h)
        total = total + h
    assert len(tg.Graph.of(total)) == len(rolled_of(total))
    assert len(tg.Graph.of(h, states[2])) == len(rolled_of(h, states[2]))
    assert 2 == len(rolled_of(h))
    assert 2 == len(rolled_of(*states))


def test_scopes_inside_of_the_turns_stay_and_loops_inside_of_scopes_are_found():
    h = tg.Value(0.5)
    with tg.scope("encoder"):
        for step in range(5):
            with tg.scope(f"step{step}"):
                with tg.scope("gate"):
                    gate = tg.sigmoid(h)
                h = tg.tanh(h) * gate
    graph = rolled_of(h)
    check(tg.Graph.of(h), graph)
    assert ["", "encoder/step ×5/gate", "encoder/step ×5", "encoder/step ×5"] == [
        node.scope for node in graph
    ]
    inner = [node for node in fold(graph, depth=2) if isinstance(node, Group)]
    assert [("step ×5", "encoder")] == [(node.label, node.scope) for node in inner]


def test_loops_inside_of_loops():
    h = tg.Value(0.5, "h0")
    for block in range(5):
        with tg.scope(f"block{block}"):
            for step in range(6):
                with tg.scope(f"step{step}"):
                    h = tg.tanh(h * 2.0)
            h = h + 1.0
    graph = rolled_of(h)
    check(tg.Graph.of(h), graph)
    assert "block ×5/step1 … step5 ×5" in {node.scope for node in graph}
    assert {25} == {len(members_of(n)) for n in graph if n.scope.endswith("step1 … step5 ×5")}


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (["x1", "x2", "x3", "x4"], "x1 … x4"),
        (["x1", "x4", "x7", "x10"], "x1, x4 … x10"),
        (["mon", "tue", "wed", "thu"], "mon, tue … thu"),
        (["x", "x", "x", "x"], "x"),
        ([None, None, None, None], None),
        (["²", "³", "⁴", "⁵"], "², ³ … ⁵"),
    ],
)
def test_what_differs_in_the_turns_is_called_by_its_first_and_last(labels, told):
    h = tg.Value(0.5, "h0")
    for step, label in enumerate(labels):
        x = tg.Value(float(step))
        x.label = label
        with tg.scope(f"step{step}"):
            h = tg.tanh(h * x)
    (own,) = (node for node in rolled_of(h) if node.scope and not node.arguments)
    assert told == own.label


def test_nothing_is_written_on_edges_whose_numbers_are_those_of_another_turn():
    h, w = tg.Value(0.5, "h0"), tg.Value(0.9, "w")
    for step in range(5):
        with tg.scope(f"step{step}"):
            h = tg.tanh(h * w)
    h.backward()
    graph = rolled_of(h)
    lines = edge_lines(graph, graph).lines
    product, tanh = (node.id for node in graph if node.op)
    assert [[], []] == lines[product]
    assert lines[tanh] == [list(edge_lines(tg.Graph.of(h), tg.Graph.of(h)).lines[tanh][0])]


def test_a_slash_in_a_name_makes_no_second_scope():
    h = tg.Value(0.5, "h0")
    for step in range(1, 6):
        with tg.scope("outer"), tg.scope(f"a/b{step}"):
            h = tg.tanh(h)
    graph = rolled_of(h)
    assert "a/b ×5: the numbers are those of a/b5" == graph.note.replace("\u2215", "/")
    assert ["outer", "outer/a\u2215b ×5"] == scope_paths(graph.nodes[-1].scope)
    assert 6 == len(rolled_of(h, unroll=["a/b"])) == len(rolled_of(h, unroll=["outer/a/b3"]))


def test_unroll_opens_all_loops_or_those_that_are_named():
    output = recurrent()
    whole = len(tg.Graph.of(output))
    for unroll in (True, ["step"], ["step ×20"], ["step7"]):
        assert whole == len(rolled_of(output, unroll=unroll))
    assert whole == len(rolled_of(output, expand=["step7"]))
    assert whole > len(rolled_of(output, unroll=False, expand=["step ×20"]))
    with pytest.raises(ValueError, match=r"unroll: no loop is called 'stairs'; .* step ×20"):
        rolled_of(output, unroll=["stairs"])


def test_a_recorded_backward_pass_keeps_every_turn():
    h = start = tg.Value(0.5, "h0")
    for step in range(6):
        with tg.scope(f"step{step}"):
            h = tg.tanh(h)
    (slope,) = tg.grad(h, [start], create_graph=True)
    graph = placed(tg.Graph.of(h, slope))
    assert graph is rolled(graph)


def test_a_graph_without_scopes_is_left_alone():
    graph = tg.Graph.of(tg.tanh(tg.Value(1.0)))
    assert graph is rolled(graph)


@st.composite
def programs(draw):
    """A loop of random operations on a random number of states, with some things outside."""
    states = [tg.Value(draw(st.floats(-1, 1)), f"s{n}") for n in range(draw(st.integers(1, 3)))]
    shared = [tg.Value(0.5, "w"), tg.Value(0.25, "v")]
    places = st.integers(0, 9)
    steps = st.tuples(st.sampled_from(["add", "multiply", "tanh"]), places, places)
    body = draw(st.lists(steps, min_size=1, max_size=5))
    turns, handed = (
        draw(st.integers(2, 7)),
        draw(st.lists(st.integers(0, 9), min_size=3, max_size=3)),
    )
    for turn in range(turns):
        with tg.scope(f"turn{turn}"):
            known = [*states, *shared, tg.Value(0.1, f"x{turn}")]
            for op, one, other in body:
                a, b = known[one % len(known)], known[other % len(known)]
                known.append({"add": a + b, "multiply": a * b}[op] if op != "tanh" else tg.tanh(a))
            states = [
                known[-1 - place % len(body)] for place, _ in zip(handed, states, strict=False)
            ]
    return states


@given(programs())
def test_no_edge_is_lost_and_none_is_made_up(states):
    whole = tg.Graph.of(*states)
    check(whole, rolled(placed(whole)))


def test_a_long_loop_takes_time_in_proportion():
    def seconds(turns):
        graph = placed(tg.Graph.of(recurrent(turns)))
        start = time.process_time()
        assert 9 == len(rolled(graph))
        return time.process_time() - start

    seconds(100)
    # The shortest of a few, for at any moment Python may go through all that the tests have made.
    assert min(seconds(2000) for _ in range(3)) < 60 * max(seconds(200), 0.005)
