"""Node, which runs JavaScript outside of a browser."""

import shutil

import pytest

from tests.node import Node


@pytest.fixture(scope="session")
def node():
    """A function that calls a printed source in Node, or skipped tests."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("the program node is missing")
    process = Node(program)
    yield process
    process.close()
