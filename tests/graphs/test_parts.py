"""Tests of parts: boxes open to their first level, however large they are."""

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.graphs.test_fold import check, tangled
from tinygrad_mlp.graphs.fold import fold
from tinygrad_mlp.graphs.group import members_of
from tinygrad_mlp.graphs.parts import parted
from tinygrad_mlp.graphs.scopes import placed


def scoped():
    h, w = tg.Value(np.ones(2), "x"), tg.Value(np.ones(2), "w")
    for block in range(4):
        with tg.scope(f"block{block}"):
            for part in range(3):
                with tg.scope(f"part{part}"):
                    for number in range(20):
                        h = tg.tanh(h * w) + tg.Value(float(number))
    return placed(tg.Graph.of(h))


def unused():
    return tg.Graph.of(*(tg.Value(float(number)) for number in range(100)))


@pytest.mark.parametrize("most", [12, 30, 60, 1000])
@pytest.mark.parametrize("make", [scoped, unused, lambda: tangled(400)])
def test_parts_hold_all_nodes_once_and_make_no_cycle(make, most):
    whole = make()
    folded = fold(whole, max_nodes=12)
    ids = [node.id for node in folded if node.role == "group"][::2]
    opened = parted(whole, folded, ids, most)
    check(whole, opened)
    assert len(opened) <= max(most, len(folded))
    shut = {members_of(node) for node in folded if node.role == "group" and node.id not in ids}
    assert shut <= {members_of(node) for node in opened}
    if most > len(folded) + 2 * len(ids):
        assert len(opened) > len(folded)


def test_what_there_is_room_for_is_opened_whole():
    whole = scoped()
    folded = fold(whole, depth=1)
    opened = parted(whole, folded, ["g" + whole.nodes[-1].id[1:]], 500)
    assert [n.role for n in opened].count("group") == 3
    assert "block3/part2" in [node.scope for node in opened]


def test_nothing_is_opened_that_was_not_asked_for():
    folded = fold(scoped(), depth=1)
    assert parted(scoped(), folded, [], 1000) is folded
