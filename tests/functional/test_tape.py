"""Tests of tapes: every row is called again as it was called."""

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.oracles import calls
from tinygrad_mlp.core.value import next_number
from tinygrad_mlp.functional.tape import Tape


@pytest.mark.parametrize("name", tg.OPS)
def test_every_row_gives_the_same_again_for_arrays_and_for_values(name):
    for call in calls(name):
        values = [tg.Value(x) if i in call.places else x for i, x in enumerate(call.arguments)]
        start = next_number()
        out = call.op(*values, **call.options)
        tape = Tape([out], start)
        given = [value for value in values if isinstance(value, tg.Value)]
        assert tape.inputs == given
        (numbers,) = tape.run([value.data for value in given])
        (value,) = tape.run(given)
        for again in (numbers, value.data):
            assert np.asarray(again).dtype == out.dtype
            np.testing.assert_array_equal(again, out.data)
        assert value.op is out.op
        assert repr(value.options) == repr(out.options)


def test_what_is_older_is_given_and_what_is_made_inside_is_constant():
    w = tg.Value(2.0) * 3.0
    start = next_number()
    made = tg.Value(5.0)
    tape = Tape([w * made + 2, made, w], start)
    assert [w] == tape.inputs
    assert [7.0, 5.0, 1.0] == tape.run([1.0])


def test_a_weak_number_stays_weak():
    x = tg.Value(np.float32(2.0))
    start = next_number()
    tape = Tape([x * 2 + 1.5], start)
    assert np.float32 is type(tape.run([np.float32(1.0)])[0])
