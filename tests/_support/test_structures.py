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
        with pytest.raises(TypeError, match=r"register_tree.*dataclasses\.astuple"):
            f(parameters)
    with pytest.raises(TypeError, match=r"a dataclass after tg\.register_tree"):
        tg.compile(lambda x: Parameters(x, 1.0))(2.0)
    for transform in (tg.grad, lambda f: tg.compile(tg.grad(f))):
        by_W, by_b = transform(lambda t: loss(Parameters(*t)))(dataclasses.astuple(parameters))
        np.testing.assert_array_equal([6.0, 12.0], by_W)
        assert by_b == 5.0


# ----- Classes of one's own -----


@tg.register_tree
@dataclasses.dataclass(frozen=True)
class Line:
    slope: object
    start: object


@dataclasses.dataclass
class Model:
    lines: list
    name: str
    power: int
    made: int = dataclasses.field(init=False, default=0)

    def __post_init__(self):
        self.made = 2 * self.power


tg.register_tree(Model, static=["name", "power"])


class Bag:
    def __init__(self, things, tag):
        self.things, self.tag = things, tag


tg.register_tree(
    Bag, lambda bag: (bag.things.values(), (*bag.things, bag.tag)),
    lambda rest, items: Bag(dict(zip(rest[:-1], items, strict=True)), rest[-1]),
)  # fmt: skip

MODEL = Model([Line(2.0, np.array([1.0, 3.0])), None], "m", 2)


def energy(model):
    line = model.lines[0]
    return tg.sum((line.slope * line.start) ** model.power) * model.made


@pytest.mark.parametrize("transform", [lambda f: f, tg.compile], ids=["eager", "compiled"])
def test_a_registered_class_comes_back_from_every_transform(transform):
    slope = transform(tg.grad(energy))(MODEL)
    assert (Model, Line, "m", 2, 4, None) == (
        type(slope), type(slope.lines[0]), slope.name, slope.power, slope.made, slope.lines[1],
    )  # fmt: skip
    assert 160.0 == slope.lines[0].slope  # d/ds 4 s^2 (1 + 9) = 80 s
    np.testing.assert_array_equal([32.0, 96.0], slope.lines[0].start)  # 8 s^2 x
    product = transform(tg.hvp)(energy, MODEL, Model([Line(1.0, np.zeros(2)), None], "m", 2))
    assert 80.0 == product.lines[0].slope
    np.testing.assert_array_equal([32.0, 96.0], product.lines[0].start)


def test_a_registered_class_is_an_output_too():
    def f(x):
        return Bag({"a": x * x, "b": [x]}, "t")

    for g in (f, tg.compile(f)):
        found = g(3.0)
        assert ("t", 9.0, 3.0) == (found.tag, found.things["a"], found.things["b"][0])
    output, pull_back = tg.vjp(f, 3.0)
    assert ("t", (16.0,)) == (output.tag, pull_back(Bag({"a": 1.0, "b": [10.0]}, "t")))
    with pytest.raises(ValueError, match="Bag with 2 things is wanted where Bag"):
        pull_back(Bag({"a": 1.0, "b": [10.0]}, "another"))


def test_what_is_static_is_another_program():
    f = tg.compile(energy)
    for power, wanted in ((2, 160.0), (3, 8 * 28.0 * 6), (2, 160.0)):
        assert wanted == f(Model(MODEL.lines, "m", power))
    assert "2 programs" in repr(f)
    with pytest.raises(TypeError, match="something static that has no hash"):
        f(Model(MODEL.lines, [], 2))


def test_source_says_that_it_cannot_write_a_class_of_ones_own():
    with pytest.raises(TypeError, match=r"source: no way to write Model.*tuple or dict"):
        tg.source(energy, MODEL)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((3,), {}, TypeError, "cls must be a class, got int"),
        ((dict,), {}, TypeError, "of your own, got dict"),
        ((np.ndarray,), {}, TypeError, "of your own, got ndarray"),
        ((Weights,), {}, TypeError, "Weights is no dataclass, so give flatten"),
        ((Bag, len), {}, TypeError, "two functions"),
        ((Bag, len, len), {"static": ["tag"]}, TypeError, "then there is no static"),
        ((Line,), {"static": ["end"]}, ValueError, "'end', but the fields of Line .* slope, start"),
        ((Model,), {"static": ["made"]}, ValueError, "that it is made with are lines, name, power"),
    ],
)
def test_what_cannot_be_registered(arguments, options, error, message):
    with pytest.raises(error, match=message):
        tg.register_tree(*arguments, **options)


def test_one_static_field_may_be_named_without_a_list():
    @tg.register_tree(static="name")
    @dataclasses.dataclass
    class Layer:
        w: object
        name: str

    assert tg.grad(lambda layer: layer.w**2)(Layer(3.0, "first")) == Layer(6.0, "first")
