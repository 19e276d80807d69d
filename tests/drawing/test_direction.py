"""Tests of the guess at the direction of a drawing by Graphviz."""

import tinygrad_mlp as tg
from tinygrad_mlp.drawing.direction import direction_for
from tinygrad_mlp.drawing.graphviz.dot import to_dot
from tinygrad_mlp.drawing.style import checked


def chain(length):
    y = tg.Value(1.0)
    for _ in range(length):
        y = tg.tanh(y)
    return tg.Graph.of(y)


def test_a_long_chain_runs_right_on_a_slide_and_down_on_a_sheet_of_paper():
    assert "LR" == direction_for(chain(30), checked())
    assert "LR" == direction_for(chain(30), checked(page="slide"))
    assert "TB" == direction_for(chain(30), checked(page="a4"))
    assert "TB" == direction_for(chain(30), checked(page="column"))


def test_what_fits_runs_right():
    assert "LR" == direction_for(chain(1), checked(page="a4"))


def test_dot_has_the_direction_and_the_size_of_the_page_unless_told_otherwise():
    graph = chain(30)
    assert "rankdir=LR" in to_dot(graph)
    assert " size=" not in to_dot(graph)
    paper = to_dot(graph, checked(page="a4"))
    assert "rankdir=TB" in paper
    assert ' size="6.764,10.19"' in paper
    assert "rankdir=RL" in to_dot(graph, checked("RL", page="a4"))
