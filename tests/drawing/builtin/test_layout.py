"""Tests of the layered layout: nothing overlaps, everything flows, edges end at borders."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_mlp.drawing.builtin import layout as layout_module
from tinygrad_mlp.drawing.builtin.layout import Edge, Sorted


@st.composite
def graphs(draw):
    """Sizes of boxes, and edges that go from earlier boxes to later ones."""
    size = st.floats(1.0, 200.0)
    sizes = draw(st.lists(st.tuples(size, size), min_size=1, max_size=25))
    edges = []
    for target in range(1, len(sizes)):
        sources = draw(st.lists(st.integers(0, target - 1), max_size=4))
        half = sizes[target][1] / 2
        for source in sources:
            port = draw(st.floats(-half, half))
            edges.append(Edge(source, target, port, draw(st.integers(1, 3))))
    return sizes, edges


def layout(*graph):
    """The layout of a graph in one row."""
    found = Sorted(*graph)
    return found.laid_out(found.strip())


def overlap(places, sizes, i, j):
    (x0, y0), (x1, y1) = places[i], places[j]
    width, height = ((sizes[i][side] + sizes[j][side]) / 2 for side in (0, 1))
    return abs(x0 - x1) < width - 1e-6 and abs(y0 - y1) < height - 1e-6


@given(graphs())
def test_no_two_boxes_overlap(graph):
    sizes, edges = graph
    places = layout(sizes, edges).places
    pairs = itertools.combinations(range(len(sizes)), 2)
    assert [] == [(i, j) for i, j in pairs if overlap(places, sizes, i, j)]


@given(graphs())
def test_everything_flows_to_the_right_and_starts_at_zero(graph):
    sizes, edges = graph
    places, routes, _ = layout(sizes, edges)
    for edge in edges:
        assert places[edge.source][0] < places[edge.target][0]
    for route in routes:
        assert sorted(x for x, _ in route) == pytest.approx([x for x, _ in route])
    corners = [(x - w / 2, y - h / 2) for (x, y), (w, h) in zip(places, sizes, strict=True)]
    assert min(x for x, _ in corners) >= -1e-6
    assert min(y for _, y in corners) >= -1e-6


@given(graphs())
def test_edges_start_and_end_at_borders_and_at_their_ports(graph):
    sizes, edges = graph
    places, routes, _ = layout(sizes, edges)
    for edge, route in zip(edges, routes, strict=True):
        (x0, y0), (x1, y1) = places[edge.source], places[edge.target]
        assert (x0 + sizes[edge.source][0] / 2, y0) == route[0]
        assert (x1 - sizes[edge.target][0] / 2, y1 + edge.port) == pytest.approx(route[-1])


@given(graphs())
def test_no_edge_runs_through_a_box(graph):
    sizes, edges = graph
    places, routes, _ = layout(sizes, edges)
    for edge, route in zip(edges, routes, strict=True):
        for box, ((x, y), (width, height)) in enumerate(zip(places, sizes, strict=True)):
            if box in (edge.source, edge.target):
                continue
            # The straight parts run inside the layers, where boxes are.
            for (left, level), (right, _) in zip(route[::2], route[1::2], strict=True):
                apart = right <= x - width / 2 + 1e-6 or left >= x + width / 2 - 1e-6
                assert apart or abs(level - y) >= height / 2 - 1e-6


def test_a_chain_is_a_straight_line():
    sizes = [(40.0, 20.0), (10.0, 30.0), (60.0, 40.0), (20.0, 20.0)]
    places = layout(sizes, [Edge(0, 1), Edge(1, 2), Edge(2, 3)]).places
    assert 1 == len({y for _, y in places})


def test_two_sources_stand_evenly_about_their_target():
    places = layout([(20.0, 20.0)] * 3, [Edge(0, 2, -5.0), Edge(1, 2, 5.0)]).places
    assert places[2][1] == pytest.approx((places[0][1] + places[1][1]) / 2)
    assert places[0][0] == places[1][0]


def test_a_leaf_stands_just_before_its_first_use():
    # 0 -> 2 -> 3 -> 4, and the leaf 1 is an argument of 4.
    edges = [Edge(0, 2), Edge(2, 3), Edge(1, 4), Edge(3, 4)]
    places = layout([(20.0, 20.0)] * 5, edges).places
    assert places[0][0] < places[1][0] == places[3][0]


def test_crossings_that_need_not_be_are_untangled():
    # 0 and 1 feed 3 and 2: in the order of birth the two edges would cross.
    places = layout([(20.0, 20.0)] * 4, [Edge(0, 3), Edge(1, 2)]).places
    assert (places[0][1] < places[1][1]) == (places[3][1] < places[2][1])


def test_ports_decide_the_order_of_arguments():
    # x - y where y was born first: x is wanted above y.
    places = layout([(20.0, 20.0)] * 3, [Edge(1, 2, -5.0), Edge(0, 2, 5.0)]).places
    assert places[1][1] < places[0][1]


def test_edges_that_are_too_long_go_straight_and_still_arrive(monkeypatch):
    monkeypatch.setattr(layout_module, "MAXIMUM_BENDS", 5)
    chain = [Edge(place, place + 1) for place in range(19)]
    edges = [*chain, Edge(0, 19), Edge(3, 6)]
    routes = layout([(10.0, 10.0)] * 20, edges).routes
    assert 4 == len(routes[-2])
    assert 4 < len(routes[-1])


def test_data_goes_straight_and_weights_join_from_the_side():
    # x -> affine -> z -> sigmoid -> h -> affine -> ..., with W and b at each affine
    edges, sizes, data = [], [(40.0, 20.0)], 0
    for _ in range(3):
        weight, bias, affine, z = range(len(sizes), len(sizes) + 4)
        sizes += [(40.0, 30.0), (40.0, 30.0), (20.0, 40.0), (40.0, 20.0)]
        edges += [Edge(data, affine, -10.0), Edge(weight, affine), Edge(bias, affine, 10.0)]
        edges.append(Edge(affine, z))
        data = z
    places = layout(sizes, edges).places
    assert 1 == len({places[box][1] for box in (3, 4, 7, 8, 11, 12)})


def test_a_long_edge_is_one_straight_line_between_its_ends():
    count = 12
    chain = [Edge(place, place + 1) for place in range(count - 1)]
    route = layout([(10.0, 10.0)] * count, [*chain, Edge(0, count - 1)]).routes[-1]
    assert 6 == len(route)
    assert route[2][1] == route[3][1]


def test_neighbours_change_places_where_the_middle_of_their_neighbours_is_no_help():
    # 0 and 1 both lie in the middle of 2, 3 and 4, but only one order crosses nothing twice.
    edges = [Edge(0, 2), Edge(0, 4), Edge(1, 3), Edge(0, 3), Edge(1, 2)]
    places = layout([(20.0, 20.0)] * 5, edges).places
    above = lambda a, b: places[a][1] < places[b][1]  # noqa: E731  short
    crossing = [
        (one, other)
        for one, other in itertools.combinations(edges, 2)
        if one.source != other.source
        and one.target != other.target
        and above(one.source, other.source) != above(one.target, other.target)
    ]
    assert 1 >= len(crossing)


def test_the_same_graph_gives_the_same_layout():
    edges = [Edge(0, 2), Edge(1, 2), Edge(0, 3), Edge(2, 3), Edge(1, 3)]
    assert layout([(20.0, 10.0)] * 4, edges) == layout([(20.0, 10.0)] * 4, edges)
