"""Copies of the functions that a printed JavaScript needs, so that it stands alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache


@cache
def texts() -> dict[str, str]:
    """Return the functions of ``functions.js`` by name, each with its comment.

    >>> print(texts()["relu_prime"])
    /** The slope of relu. */
    function relu_prime(x) {
      return Math.sign(Math.max(x, 0));
    }
    """
    from pathlib import Path  # here, because it is slow to import

    text = Path(__file__).with_name("functions.js").read_text(encoding="utf-8")
    found = re.finditer(r"(?:^/\*\*.*\n)?^function (\w+)\((?:.*\n)*?^\}$", text, re.MULTILINE)
    return {match[1]: match[0] for match in found}


def needed(names: Iterable[str]) -> list[str]:
    """Return the functions of some names, and those that they use, in the order of the file.

    >>> [text.splitlines()[1] for text in needed(["affine"])][0]
    'function shape_of(x) {'
    """
    known = texts()
    found: set[str] = set()
    waiting = [name for name in names if name in known]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [word for word in re.findall(r"\w+", known[name]) if word in known]
    return [text for name, text in known.items() if name in found]
