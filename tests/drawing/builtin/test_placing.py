"""Tests of heights: everything is far enough apart, and what should be straight is."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.drawing.builtin.test_ordering import layered
from tinygrad_mlp.drawing.builtin.ordering import order
from tinygrad_mlp.drawing.builtin.placing import place
from tinygrad_mlp.drawing.builtin.vertex import BEND, BOX, Vertex, distance, renumber


@given(layered())
def test_neighbours_in_a_layer_are_far_enough_apart(layers):
    order(layers)
    heights = place(layers, 0.0)
    for layer in layers:
        for one, other in itertools.pairwise(layer):
            gap = heights[other.track] - heights[one.track]
            assert gap >= distance(one, other, 0.0) - 1e-6


@given(layered())
def test_tracks_go_from_layer_to_layer_and_never_cross(layers):
    order(layers)
    place(layers, 0.0)
    tracks = {}
    for layer in layers:
        for vertex in layer:
            tracks.setdefault(vertex.track, []).append(vertex)
    for one, other in itertools.combinations(tracks.values(), 2):
        pairs = [(a.rank, b.rank) for a in one for b in other if a.layer == b.layer]
        assert 1 >= len({a < b for a, b in pairs})
    for vertices in tracks.values():
        numbers = [vertex.layer for vertex in vertices]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def chain(*kinds):
    """One layer for each kind of vertex, and edges from each to the next."""
    vertices = [Vertex(10.0, 10.0, number, (), kind) for number, kind in enumerate(kinds)]
    for one, other in itertools.pairwise(vertices):
        one.after.append((other, 0.0))
        other.before.append((one, 0.0))
    return vertices


def test_bends_of_one_edge_have_one_height():
    upper, lower = chain(BOX, BEND, BEND, BEND, BOX), chain(BOX, BEND, BEND, BEND, BOX)
    layers = [list(pair) for pair in zip(upper, lower)]
    for layer in layers:
        renumber(layer)
    place(layers, 0.0)
    assert 1 == len({vertex.track for vertex in upper[1:4]})


@given(st.integers(1, 8))
def test_sources_stand_evenly_about_their_target(count):
    sources = [Vertex(10.0, 10.0, 0, (), BOX) for _ in range(count)]
    target = Vertex(10.0, 10.0, 1, (), BOX)
    for source in sources:
        source.after.append((target, 0.0))
        target.before.append((source, 0.0))
    renumber(sources)
    heights = place([sources, [target]], 0.0)
    middle = (heights[sources[0].track] + heights[sources[-1].track]) / 2
    assert heights[target.track] == pytest.approx(middle, abs=1.0)
