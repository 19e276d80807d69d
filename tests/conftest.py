"""What every test shares: how Hypothesis searches, and a table of operations to itself."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tinygrad_mlp.core.functions import FUNCTIONS
from tinygrad_mlp.core.op import PROTECTED
from tinygrad_mlp.core.record import OPS

# Every run tries the same examples, so it is red for what changed and not for luck.  No deadlines:
# a busy machine is not a bug.
settings.register_profile("default", deadline=None, derandomize=True)
# Those of ``./run.sh thorough``, which looks for new ones: other examples with every seed.
settings.register_profile("thorough", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile("default")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--programs",
        type=int,
        default=0,
        metavar="N",
        help="try N new random programs (tests/test_random_programs.py) instead of the fixed ones",
    )


@pytest.fixture(autouse=True)
def the_table_as_it_was() -> Iterator[None]:
    """Take the rows out of the table that a test, or an example in the docs, puts in."""
    yield
    for name in set(OPS) - PROTECTED:
        del OPS[name], FUNCTIONS[name]
