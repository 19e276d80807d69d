"""Pages in a real Chromium: what one sees, what it says, and that it asks nobody for anything."""

import shutil

import pytest

import tinygrad_mlp as tg

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


@pytest.fixture
def neuron():
    """Karpathy's neuron after its backward pass."""
    x1, x2 = tg.Value(2.0, "x1"), tg.Value(0.0, "x2")
    w1, w2 = tg.Value(-3.0, "w1"), tg.Value(1.0, "w2")
    n = x1 * w1 + x2 * w2 + tg.Value(6.8813735870195432, "b")
    n.label = "n"
    out = tg.tanh(n)
    out.label = "o"
    out.backward()
    return out


@pytest.fixture
def steps():
    """A recurrent network: five scopes, and weights that all of them use."""
    W, U, h = tg.Value(0.5, "W"), tg.Value(0.3, "U"), tg.Value(0.1, "h0")
    for step in range(1, 6):
        with tg.scope(f"step{step}"):
            h = tg.tanh(W * h + U * tg.Value(0.1 * step, f"x{step}"))
    loss = h * h
    loss.label = "loss"
    loss.backward()
    return loss
