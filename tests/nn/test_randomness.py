"""Tests of random streams that go on from a file."""

import json

import numpy as np
import pytest

from tinygrad_mlp.nn.encoding import Decoder, Encoder
from tinygrad_mlp.nn.randomness import GlobalStream, source_of, started, state_of

KINDS = ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"]


def through_a_file(told):
    encoder = Encoder()
    text = json.dumps(encoder.plain(told, "random"))
    return Decoder(encoder.arrays, {}).thing(json.loads(text))


@pytest.mark.parametrize("stream", [np.random.Generator, np.random.RandomState])
@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_goes_on_where_it_was(kind, stream):
    source = stream(getattr(np.random, kind)(7))
    source.standard_normal(3)  # an odd number: a half of a pair is kept
    source.random(5, dtype=np.float32) if stream is np.random.Generator else source.bytes(3)
    again = source_of(through_a_file(state_of(source)))
    assert type(again) is stream
    np.testing.assert_array_equal(source.standard_normal(4), again.standard_normal(4))
    np.testing.assert_array_equal(source.random(9), again.random(9))


def test_the_global_stream_is_set_only_when_it_starts():
    np.random.seed(5)
    told = through_a_file(state_of(None))
    wanted = np.random.random(3)
    source = source_of(told)
    assert isinstance(source, GlobalStream)
    np.random.seed(6)
    assert np.random.random() == np.random.RandomState(6).random()
    assert started(source) is None
    np.testing.assert_array_equal(np.random.random(3), wanted)


def test_a_bit_generator_of_another_package_is_refused():
    class Own(np.random.PCG64):
        pass

    with pytest.raises(TypeError, match="bit generator Own cannot be kept"):
        state_of(np.random.Generator(Own(1)))
