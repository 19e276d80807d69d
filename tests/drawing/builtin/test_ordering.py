"""Tests of the order inside the layers: crossings are counted right and only become fewer."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from tinygrad_mlp.drawing.builtin.ordering import crossings, order
from tinygrad_mlp.drawing.builtin.vertex import BOX, Vertex, renumber

PATHS = [(), (0,), (0, 1), (2,), (2, 3), (2, 4)]


@st.composite
def layered(draw, paths=((),)):
    """Layers of boxes, with edges between neighbouring layers."""
    layers = [
        [
            Vertex(10.0, 10.0, number, draw(st.sampled_from(paths)), BOX)
            for _ in range(draw(st.integers(1, 6)))
        ]
        for number in range(draw(st.integers(1, 4)))
    ]
    for left, right in itertools.pairwise(layers):
        for target in right:
            for source in draw(st.lists(st.sampled_from(left), unique=True, max_size=4)):
                source.after.append((target, 0.0))
                target.before.append((source, 0.0))
    for layer in layers:
        renumber(layer)
    return layers


def crossings_by_pairs(layers):
    total = 0
    for layer in layers:
        ends = [(one.rank, other.rank) for one in layer for other, _ in one.after]
        total += sum((a - c) * (b - d) < 0 for (a, b), (c, d) in itertools.combinations(ends, 2))
    return total


@given(layered())
def test_crossings_are_counted_as_by_looking_at_every_pair(layers):
    assert crossings_by_pairs(layers) == crossings(layers)


@given(layered())
def test_sorting_keeps_everything_and_never_makes_more_crossings(layers):
    before, members = crossings(layers), [set(layer) for layer in layers]
    order(layers)
    assert members == [set(layer) for layer in layers]
    assert crossings(layers) <= before
    assert all(vertex.rank == rank for layer in layers for rank, vertex in enumerate(layer))


@given(layered(PATHS))
def test_what_has_a_frame_stays_together_and_frames_keep_one_order(layers):
    order(layers)
    above = set()
    for layer in layers:
        for depth in (1, 2):
            frames = [vertex.groups[:depth] for vertex in layer]
            runs = [frame for frame, _ in itertools.groupby(frames) if len(frame) == depth]
            assert len(set(runs)) == len(runs)
            for pair in itertools.combinations(runs, 2):
                if pair[0][:-1] == pair[1][:-1]:
                    above.add(pair)
    assert not {(one, other) for one, other in above if (other, one) in above}


def test_a_tangle_of_two_is_undone():
    left = [Vertex(1.0, 1.0, 0, (), BOX) for _ in range(2)]
    right = [Vertex(1.0, 1.0, 1, (), BOX) for _ in range(2)]
    for one, other in zip(left, reversed(right)):
        one.after.append((other, 0.0))
        other.before.append((one, 0.0))
    layers = [left, right]
    order(layers)
    assert 0 == crossings(layers)
