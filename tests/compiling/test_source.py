"""Tests of the printed source: it runs alone, gives the same bits, and reads as it should."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tests.oracles import calls
from tinygrad_mlp.structures import leaves

every_row = pytest.mark.parametrize("name", tg.OPS)


def numbers(*shapes, seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return [np.asarray(rng.normal(size=shape)).astype(dtype)[()] for shape in shapes]


def function_of(source):
    """The function that a source defines, in a namespace of its own."""
    namespace = {}
    exec(compile(str(source), "<source>", "exec"), namespace)
    return namespace[source.name]


def same(got, wanted):
    """Whether two structures hold the same bits in the same types."""
    got, wanted = leaves(got), leaves(wanted)
    return len(got) == len(wanted) and all(
        np.shape(a) == np.shape(b)
        and np.asarray(a).dtype == np.asarray(b).dtype
        and np.array_equal(a, b, equal_nan=True)
        and np.array_equal(np.signbit(a), np.signbit(b))
        for a, b in zip(got, wanted)
    )


def body_of(source):
    """The text of the main function, without what stands before it."""
    return str(source)[str(source).index(f"def {source.name}(") :]


def check(f, *args, **options):
    source = tg.source(f, *args)
    with np.errstate(all="ignore"):
        got = function_of(source)(*args, **source.constants)
        wanted = f(*args)
    assert same(got, wanted), (str(source), got, wanted)
    return source


# ----- The same numbers -----


def pulled_back(call, dtype):
    """The value and the gradients of a call, as a function of its arguments and a cotangent."""

    def f(u, *args):
        def of(*some):
            every = list(call.arguments)
            for place, x in zip(call.places, some):
                every[place] = x
            return call.op(*every, **call.options)

        value, pull_back = tg.vjp(of, *args)
        return value, pull_back(u)

    arguments = [call.arguments[i].astype(dtype) for i in call.places]
    return f, [
        call.cotangent.astype(call.op(*arguments_of(call, dtype), **call.options).dtype),
        *arguments,
    ]


def arguments_of(call, dtype):
    return [x.astype(dtype) if i in call.places else x for i, x in enumerate(call.arguments)]


@every_row
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_row_is_printed_with_its_gradient_to_the_last_bit(name, dtype):
    for call in calls(name):
        f, args = pulled_back(call, dtype)
        check(f, *args)


@every_row
def test_second_derivatives_are_printed_to_the_last_bit(name):
    for call in calls(name):
        f, args = pulled_back(call, np.float64)

        def slope(*args, f=f):
            value, slopes = f(*args)
            return tg.sum(value) + sum(tg.sum(slope * slope) for slope in slopes)

        check(tg.grad(slope, tuple(range(len(args)))), *args)


UNARY = [tg.exp, tg.sin, tg.tanh, tg.sigmoid, tg.square, tg.negative, tg.softplus, tg.abs, tg.relu]
BINARY = [tg.add, tg.subtract, tg.multiply, tg.maximum, tg.divide, tg.hypot, tg.larger_share]
SHAPES = [(), (3,), (1,), (3, 3), (3, 1), (1, 3), (1, 1)]


@st.composite
def programs(draw):
    """A random function, of several arrays, with shared parts; and its arguments."""
    dtype = draw(st.sampled_from([np.float64, np.float32]))
    shapes = draw(st.lists(st.sampled_from(SHAPES), min_size=1, max_size=3))
    steps = draw(
        st.lists(
            st.tuples(
                st.sampled_from(range(7)), st.integers(0, 99), st.integers(0, 99), st.integers(0, 9)
            ),
            min_size=1,
            max_size=9,
        )
    )

    def f(*args):
        values = [*args]
        for kind, first, second, choice in steps:
            x, y = values[first % len(values)], values[second % len(values)]
            if kind <= 1:
                values.append(UNARY[choice % len(UNARY)](x))
            elif kind == 2:
                values.append(BINARY[choice % len(BINARY)](x, y))
            elif kind == 3:
                values.append(BINARY[choice % 5](x, 0.1 + choice))
            elif kind == 4 and np.ndim(x):
                values.append(tg.sum(x, axis=0, keepdims=bool(choice % 2)))
            elif kind == 5 and np.ndim(x) == 2:
                values.append(x.T if choice % 2 else x[:, ::-1])
            elif kind == 6 and np.ndim(x) == 2:
                values.append(x @ tg.transpose(x))
        return sum(tg.sum(x) for x in values[len(args) :]) + tg.sum(args[0])

    return f, numbers(*shapes, seed=draw(st.integers(0, 9)), dtype=dtype)


@given(programs())
def test_random_functions_are_printed_to_the_last_bit(program):
    f, args = program
    with np.errstate(all="ignore"):
        check(f, *args)
        check(tg.value_and_grad(f, tuple(range(len(args)))), *args)
