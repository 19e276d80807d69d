"""Tests of the frames in a layout: who stands inside, who beside, and where their names fit."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.drawing.builtin.test_layout import graphs, layout
from tinygrad_mlp.drawing.builtin.frames import Titles
from tinygrad_mlp.drawing.builtin.layout import Edge

PATHS = [(), (0,), (0, 1), (0, 1, 2), (3,), (3, 4), (3, 5)]


@st.composite
def framed_graphs(draw):
    """A graph, and for each box the frames around it."""
    sizes, edges = draw(graphs())
    return sizes, edges, [draw(st.sampled_from(PATHS)) for _ in sizes]


def corners(places, sizes, box):
    (x, y), (width, height) = places[box], sizes[box]
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def is_inside(one, other):
    return other[0] < one[0] and other[1] < one[1] and one[2] < other[2] and one[3] < other[3]


def is_apart(one, other):
    rounding = 1e-6
    return (
        one[2] < other[0] + rounding
        or other[2] < one[0] + rounding
        or one[3] < other[1] + rounding
        or other[3] < one[1] + rounding
    )


@given(framed_graphs(), st.sampled_from([Titles(), Titles(18.0), Titles(0.0, 18.0, 3.0)]))
def test_a_frame_holds_its_boxes_and_no_others(graph, titles):
    sizes, edges, groups = graph
    places, _, found = layout(sizes, edges, groups, titles)
    frames = {group: frame for group, (frame,) in found.items()}
    assert frames.keys() == {group for around in groups for group in around}
    for group, frame in frames.items():
        for box, around in enumerate(groups):
            inside = corners(places, sizes, box)
            assert (is_inside if group in around else is_apart)(inside, frame)


@given(framed_graphs(), st.sampled_from([Titles(), Titles(18.0), Titles(0.0, 18.0, 3.0)]))
def test_frames_are_inside_of_each_other_or_apart(graph, titles):
    sizes, edges, groups = graph
    frames = {group: f for group, (f,) in layout(sizes, edges, groups, titles).frames.items()}
    for one, other in itertools.combinations(sorted(frames), 2):
        nested = any(one in path and other in path for path in PATHS)
        assert (is_inside if nested else is_apart)(frames[other], frames[one])


@given(framed_graphs())
def test_with_frames_too_no_two_boxes_overlap_and_no_edge_runs_through_a_box(graph):
    sizes, edges, groups = graph
    places, routes, _ = layout(sizes, edges, groups)
    for one, other in itertools.combinations(range(len(sizes)), 2):
        assert is_apart(corners(places, sizes, one), corners(places, sizes, other))
    for edge, route in zip(edges, routes):
        for box in set(range(len(sizes))) - {edge.source, edge.target}:
            left, top, right, bottom = corners(places, sizes, box)
            for (start, level), (end, _) in zip(route[::2], route[1::2]):
                line = (start, level, end, level)
                assert is_apart(line, (left, top, right, bottom))


def test_a_frame_has_room_for_its_title_above_or_before():
    sizes, edges = [(40.0, 20.0)], []
    places, _, frames = layout(sizes, edges, [(7,)], Titles(above=18.0))
    assert (places[0][1] - 10.0) - frames[7][0][1] == pytest.approx(8.0 + 18.0)
    places, _, frames = layout(sizes, edges, [(7,)], Titles(before=18.0))
    assert (places[0][0] - 20.0) - frames[7][0][0] == pytest.approx(8.0 + 18.0)


def test_a_stranger_between_the_members_of_a_frame_stands_beside_it():
    sizes = [(20.0, 20.0)] * 3
    places, _, frames = layout(sizes, [Edge(0, 1), Edge(1, 2)], [(0,), (), (0,)])
    assert frames[0][0][0] < places[1][0] < frames[0][0][2]
    assert is_apart(corners(places, sizes, 1), frames[0][0])


def test_frames_keep_one_order_even_where_their_edges_would_turn_it_around():
    # Two frames over two layers each; the edges inside cross if the frames do not.
    groups = [(0,), (1,), (1,), (0,), (0,), (1,)]
    edges = [Edge(0, 2), Edge(1, 3), Edge(2, 4), Edge(3, 5)]
    frames = layout([(20.0, 20.0)] * 6, edges, groups).frames
    assert is_apart(frames[0][0], frames[1][0])
