"""What every test shares: how Hypothesis searches, and a table of operations to itself."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tinygrad_mlp.engine import OPS, PROTECTED
from tinygrad_mlp.operators import FUNCTIONS

# No deadlines: a busy machine is not a bug.
settings.register_profile("default", deadline=None)
# On a build server every run tries the same examples, so a red build is red again.
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--programs",
        type=int,
        default=0,
        metavar="N",
        help="try N new random programs (tests/test_programs.py) instead of the fixed ones",
    )


@pytest.fixture(autouse=True)
def the_table_as_it_was() -> Iterator[None]:
    """Take the rows out of the table that a test, or an example in the docs, puts in."""
    yield
    for name in set(OPS) - PROTECTED:
        del OPS[name], FUNCTIONS[name]
