"""Tests of rows: where layers are cut, that nothing is lost, and how lines go on."""

import itertools
import math

from hypothesis import example, given
from hypothesis import strategies as st

from tests.drawing.builtin.test_frames import framed_graphs
from tests.drawing.builtin.test_layout import overlap
from tinygrad_mlp.drawing.builtin.layout import Edge, Sorted
from tinygrad_mlp.drawing.builtin.wrapping import breaks_for, estimated, measured
from tinygrad_mlp.drawing.sheet import Sheet


def chain(count, **fields):
    return Sorted([(40.0, 20.0)] * count, [Edge(n, n + 1, **fields) for n in range(count - 1)])


def breaks_of(graph, sheet):
    return next(breaks_for(measured(graph.strip()), sheet), [])


@given(framed_graphs(), st.sets(st.floats(0.0, 1.0), max_size=4))
# All that passes the end of the first row is a leaf, and goes along.
@example(([(40.0, 20.0)] * 3, [Edge(0, 2)], [(), (), ()]), {0.0})
def test_wherever_rows_are_cut_no_boxes_overlap_and_edges_arrive(graph, shares):
    sizes, edges, groups = graph
    whole = Sorted(sizes, edges, groups)
    count = len(whole.rows.layers[0])
    breaks = sorted({1 + round(share * (count - 2)) for share in shares}) if count > 1 else []
    places, routes, frames = whole.wrapped(breaks)
    pairs = itertools.combinations(range(len(sizes)), 2)
    assert [] == [(i, j) for i, j in pairs if overlap(places, sizes, i, j)]
    for edge, route in zip(edges, routes, strict=True):
        (x, y), (width, _) = places[edge.source], sizes[edge.source]
        assert (x + width / 2, y) == route[0]
        (x, y), (width, _) = places[edge.target], sizes[edge.target]
        assert (x - width / 2, y + edge.port) == route[-1]
    for box, around in enumerate(groups):
        (x, y), (width, height) = places[box], sizes[box]
        for group in around:
            assert any(
                left < x - width / 2
                and x + width / 2 < right
                and top < y - height / 2
                and y + height / 2 < bottom
                for left, top, right, bottom in frames[group]
            )


def test_a_chain_is_wrapped_into_as_few_and_as_even_rows_as_fit():
    graph = chain(12)
    breaks = breaks_of(graph, Sheet(420.0, 400.0))
    assert [4, 8] == breaks
    places = graph.wrapped(breaks).places
    assert 3 == len({y for _, y in places})


def test_the_line_to_the_next_row_goes_down_on_the_right_and_on_the_left():
    graph = chain(4)
    places, routes, _ = graph.wrapped([2])
    route = routes[1]
    assert max(x for x, _ in route) > places[1][0] + 20.0
    assert min(x for x, _ in route) < places[2][0] - 20.0
    levels = [y for _, y in route]
    assert sorted(levels) == levels


def test_lines_to_the_next_row_do_not_cross():
    # Three lines pass from one layer to the next.
    edges = [Edge(0, 3), Edge(1, 4), Edge(2, 5)]
    _, routes, _ = Sorted([(20.0, 20.0)] * 6, edges).wrapped([1])
    rights = [max(x for x, _ in route) for route in routes]
    lefts = [min(x for x, _ in route) for route in routes]
    assert rights == sorted(rights, reverse=True)
    assert lefts == sorted(lefts, reverse=True)


def test_a_row_does_not_end_between_an_operation_and_its_result():
    pairs = [Edge(n, n + 1, close=n % 2 == 1) for n in range(9)]
    breaks = breaks_of(Sorted([(40.0, 20.0)] * 10, pairs), Sheet(400.0, 300.0))
    assert breaks
    assert all(first % 2 == 1 for first in breaks)


def test_what_is_never_parted_stays_in_one_row_even_if_that_is_wider_than_the_page():
    edges = [Edge(n, n + 1) for n in range(11)]
    whole = Sorted([(40.0, 20.0)] * 12, [*edges, Edge(3, 7, close=math.inf)])
    layers = measured(whole.strip())
    for width in (200.0, 350.0, 500.0):
        for height in (300.0, math.inf):
            found = list(breaks_for(layers, Sheet(width, height)))
            assert found
            assert not {4, 5, 6, 7} & {first for breaks in found for first in breaks}
    framed = Sorted(
        [(40.0, 20.0)] * 12,
        [*edges, Edge(4, 6, close=math.inf)],
        [(1,)] * 2 + [(1, 2)] * 6 + [(1,)] * 4,
    )
    breaks = breaks_of(framed, Sheet(350.0, 300.0))  # in the outer frame, not in the inner one
    assert breaks
    assert not set(range(3, 8)) & set(breaks)
    bound = Sorted([(40.0, 20.0)] * 12, [*edges, Edge(0, 11, close=math.inf)])
    assert [] == breaks_of(bound, Sheet(200.0, 400.0))


def test_an_estimate_is_near_to_what_is_measured():
    graph = chain(20)
    (layers,) = graph.rows.layers
    guess = estimated(layers)[-1].right
    found = measured(graph.strip())[-1].right
    assert 0.7 < guess / found < 1.5


def test_no_row_holds_leaves_alone():
    edges = [Edge(0, 2), Edge(1, 2), *(Edge(n, n + 1) for n in range(2, 9))]
    sizes = [(400.0, 20.0)] * 2 + [(40.0, 20.0)] * 8
    assert 1 not in breaks_of(Sorted(sizes, edges), Sheet(640.0, 360.0))


def test_a_leaf_goes_along_with_its_only_use_into_the_next_row():
    edges = [Edge(0, 6, port=5.0), *(Edge(n, n + 1) for n in range(1, 10))]
    graph = Sorted([(40.0, 20.0)] * 11, edges)
    assert 4 == graph.rows.numbers[0]
    found = graph.wrapped([5])
    leaf, before, use = (found.places[n] for n in (0, 5, 6))
    assert leaf[1] > before[1]
    assert leaf[0] < use[0]
    xs = [x for x, _ in found.routes[0]]
    assert xs == sorted(xs)  # it does not turn
    framed = Sorted([(40.0, 20.0)] * 11, edges, [(1,)] * 11)
    assert framed.wrapped([5]).places[0][1] < use[1]
