"""What every test shares: how Hypothesis searches, a table of operations to itself, a browser."""

import shutil
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.node import Node
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
        row = OPS.pop(name)
        if FUNCTIONS[name] is row:
            del FUNCTIONS[name]


# ----- Pages in a real Chromium, and JavaScript in Node -----

#: Names of the program on Debian, Fedora, Arch and elsewhere.
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
OPTIONS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)


@pytest.fixture(scope="module")  # no longer: while it is there, asyncio.run works nowhere
def chromium():
    """A Chromium that runs for a module of tests, or skipped tests."""
    driver = pytest.importorskip("playwright.sync_api", reason="the package playwright is missing")
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("the program chromium is missing")
    with driver.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(OPTIONS))
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium, tmp_path):
    """A function that opens a page from a file; in the end it must have complained of nothing."""
    contexts, complaints, requests = [], [], []

    def open_page(html, **options):
        path = tmp_path / f"page{len(contexts)}.html"
        path.write_text(html, encoding="utf-8")
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}} | options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [] == complaints
    assert all(url.startswith("file://") for url in requests)
    assert len(contexts) == len(requests)


@pytest.fixture(scope="session")
def node():
    """A function that calls a printed source in Node, or skipped tests."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("the program node is missing")
    process = Node(program)
    yield process
    process.close()
