"""Nested lists, tuples and dicts: their types stay, None holds nothing, dataclasses are refused."""

import dataclasses
from collections import OrderedDict, defaultdict
from typing import NamedTuple

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp._support.structures import leaves, mapped


class Layer(NamedTuple):
    W: float
    b: float


class Weights(dict):
    pass


class Rows(list):
    pass


TREES = {
    "ordered": OrderedDict(b=2.0, a=3.0),
    "with a default": defaultdict(list, a=2.0, b=3.0),
    "dict of one's own": Weights(a=2.0, b=3.0),
    "list of one's own": Rows([2.0, 3.0]),
    "named": Layer(2.0, 3.0),
    "nested": {"x": OrderedDict(a=[2.0, defaultdict(int, b=3.0)])},
}


def types(tree):
    if isinstance(tree, dict):
        return type(tree), [(key, types(item)) for key, item in tree.items()]
    if isinstance(tree, list | tuple):
        return type(tree), [types(item) for item in tree]
    return None


@pytest.mark.parametrize("name", TREES)
def test_a_tree_keeps_its_types_as_an_argument_a_gradient_and_a_result(name):
    tree, seen = TREES[name], []

    def squares(given):
        seen.append(types(given))
        return mapped(lambda x: x * x, given)

    def total(given):
        return tg.sum(tg.stack(leaves(squares(given))))

    results = [tg.grad(total)(tree), tg.compile(tg.grad(total))(tree), tg.compile(squares)(tree)]
    assert [types(tree)] * 3 == [types(result) for result in results]
    assert all(each == types(tree) for each in seen)
    found = [[float(x) for x in leaves(result)] for result in results]
    assert found == [[4.0, 6.0], [4.0, 6.0], [4.0, 9.0]]


def test_a_default_comes_with_the_dict():
    def f(given):
        return given["a"] * given["none such"]

    assert tg.compile(f)(defaultdict(lambda: 5.0, a=2.0)) == 10.0


@pytest.mark.parametrize("inner", [None, {}, []])
def test_none_in_a_tree_of_parameters_is_nothing(inner):
    tree = {"W": np.array([1.0, 2.0]), "b": inner, "deep": [inner, 3.0]}

    def loss(p):
        assert p["b"] == inner
        return tg.sum(p["W"] ** 2) * p["deep"][1]

    for gradient in (tg.grad(loss), tg.compile(tg.grad(loss))):
        found = gradient(tree)
        np.testing.assert_array_equal([6.0, 12.0], found["W"])
        assert (found["b"], found["deep"][0], found["deep"][1]) == (inner, inner, 5.0)
    product = tg.hvp(loss, (tree,), (tree,))[0]
    np.testing.assert_array_equal([12.0, 24.0], product["W"])  # 2 * 3 * W + 2 * W * 3
    assert product["b"] == inner


def test_trees_of_another_form_do_not_meet():
    with pytest.raises(ValueError, match="None in other places"):
        mapped(max, [None, 1.0], [1.0, None])
    with pytest.raises(ValueError, match="other keys"):
        mapped(max, {"a": 1.0, "b": 2.0}, {"b": 1.0, "a": 2.0})


@dataclasses.dataclass
class Parameters:
    W: np.ndarray
    b: float


def test_a_dataclass_is_refused_with_a_way_out_that_works():
    parameters = Parameters(np.array([1.0, 2.0]), 3.0)

    def loss(p):
        return tg.sum(p.W * p.W) * p.b

    for f in (tg.grad(loss), tg.compile(loss), tg.Value):
        with pytest.raises(TypeError, match=r"dataclasses\.astuple"):
            f(parameters)
    with pytest.raises(TypeError, match="of a dataclass return the fields"):
        tg.compile(lambda x: Parameters(x, 1.0))(2.0)
    for transform in (tg.grad, lambda f: tg.compile(tg.grad(f))):
        by_W, by_b = transform(lambda t: loss(Parameters(*t)))(dataclasses.astuple(parameters))
        np.testing.assert_array_equal([6.0, 12.0], by_W)
        assert by_b == 5.0
