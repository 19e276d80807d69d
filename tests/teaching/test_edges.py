"""What passes over each edge: for which argument, in whose order, with how much work."""

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.work import calls_of
from tinygrad_mlp.teaching.edges import passed


def shares_of(output, values):
    _, edges = passed(tg.Graph.of(output), output, values)
    return [(edge.user.op.name, edge.place, edge.argument, edge.contribution) for edge in edges]


def test_a_value_gets_its_share_for_each_place_in_which_it_stands():
    x, y = tg.Value(2.0), tg.Value(3.0)
    joined = tg.stack([x, 5.0, y, x])
    found = shares_of(tg.sum(joined * np.array([1.0, 2.0, 3.0, 4.0])), [x, y])
    assert [("stack", 0, x, 1.0), ("stack", 2, y, 3.0), ("stack", 3, x, 4.0)] == found[2:]


def test_arguments_that_nobody_asks_for_have_no_edge():
    x, y = tg.Value(2.0), tg.Value(3.0)
    assert [("multiply", 1, y, 2.0)] == shares_of(x * y, [y])
    chosen = tg.where(x > 1.0, y, x)
    assert [("where", 1, y), ("where", 2, x)] == [share[:3] for share in shares_of(chosen, [x, y])]


@pytest.mark.parametrize("told", [tg.steps, lambda y: tg.why(y, tg.history(y)[0])])
def test_the_work_grows_with_the_number_of_edges(told):
    def work(count):
        parts = [tg.Value([float(i)]) for i in range(count)]
        y = tg.sum(tg.square(tg.concatenate(parts)))
        return calls_of(lambda: told(y))

    work(2)  # what is only done once
    assert work(800) < 2.2 * work(400)
