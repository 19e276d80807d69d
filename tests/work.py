"""How much a function does, counted and not timed: the same on every machine."""

import sys


def calls_of(function):
    """Return how many calls a function makes, of Python's and C's functions."""
    events = []
    sys.setprofile(lambda frame, event, arg: events.append(event))
    try:
        function()
    finally:
        sys.setprofile(None)
    return sum(event in ("call", "c_call") for event in events)
