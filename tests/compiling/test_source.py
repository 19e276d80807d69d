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
    return f, [call.cotangent.astype(call.op(*arguments_of(call, dtype), **call.options).dtype), *arguments]


def arguments_of(call, dtype):
    return [x.astype(dtype) if i in call.places else x for i, x in enumerate(call.arguments)]


@every_row
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_row_is_printed_with_its_gradient_to_the_last_bit(name, dtype):
    for call in calls(name):
        f, args = pulled_back(call, dtype)
        check(f, *args)
