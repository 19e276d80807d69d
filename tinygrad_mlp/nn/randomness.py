"""The state of a stream of random numbers, as plain data, and the stream that goes on from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from tinygrad_mlp._support.structures import form_of, leaves

#: The bit generators of NumPy, by name; those of others cannot be made without importing them.
_BIT_GENERATORS: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        np.random.PCG64,
        np.random.PCG64DXSM,
        np.random.MT19937,
        np.random.Philox,
        np.random.SFC64,
    )
}
#: Places in a buffer, which NumPy believes unseen: the largest that there is.
_LARGEST = {"pos": 624, "buffer_pos": 4, "has_uint32": 1, "has_gauss": 1}


class GlobalStream(NamedTuple):
    """NumPy's global stream in an earlier state, which it gets back when a training begins."""

    state: Mapping[str, Any]


def state_of(source: Any) -> dict[str, Any]:
    """Return the state of a source of random numbers; None is NumPy's global stream.

    Raises
    ------
    TypeError
        If it is driven by a bit generator that is not one of NumPy's.

    Examples
    --------
    >>> told = state_of(np.random.default_rng(0))
    >>> told["stream"], told["state"]["bit_generator"]
    ('Generator', 'PCG64')
    >>> source_of(told).random() == np.random.default_rng(0).random()
    True
    """
    if isinstance(source, GlobalStream):
        stream, state = "global", source.state
    elif isinstance(source, np.random.Generator):
        stream, state = "Generator", source.bit_generator.state
    elif source is None:
        stream, state = "global", np.random.get_state(legacy=False)
    else:
        stream, state = "RandomState", source.get_state(legacy=False)
    if state["bit_generator"] not in _BIT_GENERATORS:
        raise TypeError(
            f"the state of the bit generator {state['bit_generator']} cannot be kept in a file; "
            "draw from np.random.default_rng(seed)"
        )
    return {"stream": stream, "state": dict(state)}


def source_of(told: Mapping[str, Any]) -> Any:
    """Return the source that ``state_of`` told of, or raise for a damaged state."""
    stream, state = told["stream"], told["state"]
    kind = _BIT_GENERATORS[state["bit_generator"]]
    if stream == "Generator":
        generator = np.random.Generator(kind(0))
        _check(state, generator.bit_generator.state)
        generator.bit_generator.state = state
        return generator
    if stream not in ("RandomState", "global"):
        raise ValueError(f"there is no stream {stream!r:.80}")
    source = np.random.RandomState(kind(0))
    _check(state, source.get_state(legacy=False))
    source.set_state(state)
    return source if stream == "RandomState" else GlobalStream(state)


def started(source: Any) -> Any:
    """Return a source that draws from now on: the global stream gets its earlier state back."""
    if isinstance(source, GlobalStream):
        np.random.set_state(dict(source.state))
        return None
    return source


def _check(state: Any, example: Any) -> None:
    """Raise ValueError if a state is not like an example: NumPy would read beyond its buffers."""
    if form_of(state) != form_of(example):
        raise ValueError("the random state has other entries than its kind of generator")
    for found, wanted in zip(leaves(state), leaves(example), strict=True):
        if np.shape(found) != np.shape(wanted) or type(found) is not type(wanted):
            raise ValueError(f"the random state has {found!r:.80} in the place of {wanted!r:.80}")
        if isinstance(wanted, np.ndarray) and found.dtype != wanted.dtype:
            raise ValueError(f"the random state has {found.dtype}, wanted {wanted.dtype}")
    for entries in (state, state["state"]):
        for name, largest in _LARGEST.items():
            if not 0 <= entries.get(name, 0) <= largest:
                raise ValueError(f"the random state has {name} {entries[name]!r:.80}")
