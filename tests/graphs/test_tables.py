"""Tests of tables: single numbers that are entries of one become one box."""

import numpy as np

import tinygrad_mlp as tg
from tinygrad_mlp.graphs.group import members_of
from tinygrad_mlp.graphs.opened import Opened
from tinygrad_mlp.graphs.tables import tables_folded


def folded(value, names=(), most=0, kept=()):
    graph = tg.Graph.of(value)
    opened = Opened(graph, names)
    opened.keep(graph, kept)
    result = tables_folded(graph, opened, most)
    members = [member for node in result for member in members_of(node)]
    assert sorted(members) == sorted(node.id for node in graph)
    return [node.label for node in result if node.label]


def product():
    x, W = tg.Value(np.ones((2, 3)), "x"), tg.Value(np.ones((3, 2)), "W")
    z = x @ W
    z.label = "z"
    return tg.expand(tg.tanh(z))


def test_entries_and_what_was_computed_for_them_are_one_box():
    assert ["x", "W", "z"] == folded(product())[:3]


def test_a_table_that_is_opened_by_name_stays_open():
    assert "W[2,1]" in folded(product(), ["W"])
    assert "x" in folded(product(), ["W"])


def test_the_smallest_tables_stay_open_where_there_is_room():
    def pair():
        x, W = tg.Value(np.ones(2), "x"), tg.Value(np.ones((3, 2)), "W")
        return tg.expand(W @ x)

    assert ["x[0]", "x[1]", "W"] == [name for name in folded(pair(), most=14) if name[0] in "xW"]
    assert ["x", "W"] == [name for name in folded(pair()) if name[0] in "xW"]


def test_an_entry_that_is_kept_parts_its_table():
    labels = folded(product(), kept=["v2"])  # x[0,2]
    assert ["x", "x[0,2]", "x", "W"] == labels[:4]


def test_two_tables_of_one_name_are_two_boxes():
    one, other = tg.Value(np.ones(2), "x"), tg.Value(np.ones(2), "x")
    assert ["x", "x"] == folded(tg.expand(tg.sum(one * other)))


def test_a_single_number_is_no_table():
    assert ["x[0]"] == folded(tg.expand(tg.sum(tg.Value(np.ones(1), "x") * 2.0)))
