"""Tests of layers: edges go forward, leaves stand near their use, equal branches side by side."""

from hypothesis import given
from hypothesis import strategies as st

from tests.drawing.builtin.test_layout import graphs
from tinygrad_mlp.drawing.builtin.layering import Edge, layers_of


@given(graphs(), st.data())
def test_every_edge_leads_to_a_later_layer_and_no_layer_is_empty(graph, data):
    sizes, edges = graph
    groups = [data.draw(st.sampled_from([(), (0,), (0, 1), (2,)])) for _ in sizes]
    numbers = layers_of(len(sizes), edges, groups)
    assert all(numbers[edge.source] < numbers[edge.target] for edge in edges)
    assert set(range(max(numbers) + 1)) == set(numbers)


def test_a_leaf_stands_just_before_its_use():
    chain = [Edge(0, 1), Edge(1, 2), Edge(2, 4)]
    assert [0, 1, 2, 2, 3] == layers_of(5, [*chain, Edge(3, 4)])


def test_equal_branches_stand_beside_each_other_though_one_is_needed_later():
    # x = 0, weights 1 to 3, neurons 4 to 6, and their sum, one after the other.
    neurons = [Edge(0, 4), Edge(1, 4), Edge(0, 5), Edge(2, 5), Edge(0, 6), Edge(3, 6)]
    total = [Edge(4, 7), Edge(5, 7), Edge(7, 8), Edge(6, 8)]
    numbers = layers_of(9, [*neurons, *total])
    assert numbers[4] == numbers[5] == numbers[6]
    assert numbers[1] == numbers[2] == numbers[3]


def test_a_step_that_shares_its_weights_with_many_stays_near_the_others_of_its_frame():
    # 0 is shared; each step t has an input, their product, and the state that it goes into.
    edges, groups, state = [], [()], None
    for step in range(5):
        box = len(groups)
        groups += [(step,)] * 3
        edges += [Edge(0, box + 1, length=2), Edge(box, box + 1), Edge(box + 1, box + 2)]
        if state is not None:
            edges.append(Edge(state, box + 2, length=2))
        state = box + 2
    numbers = layers_of(len(groups), edges, groups)
    for step in range(5):
        box = 1 + 3 * step
        assert [numbers[box + 2] - 2, numbers[box + 2] - 1] == numbers[box : box + 2]
