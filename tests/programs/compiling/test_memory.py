"""Places in memory: none is given to two arrays at a time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_mlp.programs.compiling.memory import Layout, Memory


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 6)), max_size=40))
def test_arrays_that_live_at_the_same_time_do_not_overlap(lives):
    memory, living = Memory(), {}
    for moment, (nbytes, duration) in enumerate(lives):
        for owner in [owner for owner, (_, _, end) in living.items() if end <= moment]:
            memory.release(owner)
            del living[owner]
        offset = memory.take(moment, nbytes)
        for start, length, _ in living.values():
            assert offset + nbytes <= start or start + length <= offset
        assert offset % 64 == 0
        assert offset + nbytes <= memory.size
        living[moment] = offset, nbytes, moment + duration


def test_a_place_can_be_handed_over():
    memory = Memory()
    place = memory.take(1, 100)
    assert place == memory.hand_over(1, 2)
    assert place != memory.take(3, 100)
    memory.release(2)
    assert place == memory.take(4, 100)


@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 0, 1), (1, 2, 0), (0, 2, 1)])
def test_a_layout_keeps_the_order_in_memory(axes):
    array = np.arange(24.0).reshape(2, 3, 4).transpose(axes)
    like = Layout.of(array).empty()
    assert (like.shape, like.strides) == (array.shape, array.strides)


def test_broadcast_arrays_and_scalars_have_the_usual_layout():
    for array in (np.broadcast_to(np.ones(3), (2, 3)), np.ones(()), np.ones((0, 3)).T):
        assert Layout.of(array).empty().shape == array.shape


def test_memory_begins_at_a_multiple_of_the_alignment():
    assert {0} == {Memory.allocate(size).ctypes.data % 64 for size in range(1, 500, 7)}
