"""How things show themselves in a notebook, made by whoever can draw them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

_Maker = Callable[[Any], dict[str, str]]

# What is shown is made far above the things that are shown, so it is registered here.
_makers: dict[str, _Maker] = {}


def show_with(maker: _Maker) -> None:
    """Take the function that returns texts by their kinds, such as ``"image/svg+xml"``."""
    _makers["notebook"] = maker


def mimebundle(
    thing: Any,
    include: Iterable[str] | None = None,
    exclude: Iterable[str] | None = None,
    **_: Any,
) -> dict[str, str]:
    """Return what a notebook shows of a thing: a picture and a text, and at least the text.

    Never raises: in a notebook that would hide the thing behind a traceback.

    >>> import tinygrad_mlp as tg
    >>> sorted(mimebundle(tg.Value(2.0)))
    ['image/svg+xml', 'text/plain']
    """
    bundle = {"text/plain": repr(thing)}
    with suppress(Exception):  # then the text is shown
        bundle |= _makers["notebook"](thing)
    wanted = bundle.keys() if include is None else set(include)
    unwanted = set(exclude or ())
    return {kind: text for kind, text in bundle.items() if kind in wanted and kind not in unwanted}
