"""Tests of the documentation as a site: all of it is there, and it works without a network."""

import importlib
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [page for page in sorted(DOCS.rglob("*.md")) if page != DOCS / "index.md"]
#: Lessons have a foot of their own, and these leave it to the foot that the site gives to all.
WITHOUT_NEXT = re.compile(r"lesson\d|functions|performance|bridges")
WITH_NEXT = [page for page in PAGES if not WITHOUT_NEXT.match(page.name)]


@pytest.fixture
def tool(monkeypatch):
    """The script that builds the site, as a module."""
    monkeypatch.syspath_prepend(ROOT / "tools" / "site")
    yield importlib.import_module("documentation")
    sys.modules.pop("documentation")


@pytest.fixture(scope="module")
def site():
    """The site, built."""
    for package in ("zensical", "mkdocstrings_handlers.python", "math_core"):
        pytest.importorskip(package, reason=f"the site needs {package}")
    built = subprocess.run(
        [sys.executable, "tools/site/documentation.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == built.returncode, built.stdout + built.stderr
    return ROOT / "build" / "site"


# ----- Its parts -----


def test_the_index_lists_every_page_once():
    listed = re.findall(
        r"^- \[.*?\]\((.*?)\):", (DOCS / "index.md").read_text("utf-8"), re.MULTILINE
    )
    assert sorted(listed) == sorted(set(listed))
    lessons = {f"lessons/{page.name}" for page in (DOCS / "lessons").glob("lesson*.md")}
    there = {page.relative_to(DOCS).as_posix() for page in PAGES} - lessons
    assert there == {name for name in listed if not name.startswith("../")}


@pytest.mark.parametrize("page", WITH_NEXT, ids=lambda page: page.name)
def test_every_page_says_where_to_go_next(page):
    ending = page.read_text(encoding="utf-8").rstrip().rpartition("\n\n")[2]
    assert re.match(r"Next: .*\]\(", ending)


def test_the_navigation_has_four_rooms_and_all_lessons(tool, monkeypatch):
    monkeypatch.setattr(tool, "write", lambda place, text: None)
    lines = tool.navigation().splitlines()
    assert ["Learn", "Do", "Understand", "Look up"] == [
        line[2:] for line in lines if re.match(r"- \w", line)
    ]
    assert 12 == sum("](lessons/lesson" in line for line in lines)


def test_the_list_of_public_names_is_read_whole(tool):
    import tinygrad_mlp as tg

    names = [name for listed in tool.api().values() for name in listed]
    assert len(names) == len(set(names))
    assert set(tg.__all__) - {"datasets", "linalg", "special"} <= set(names)
    assert {"compile", "sum", "linalg.det", "optimizers.Adam", "datasets.xor"} <= set(names)


@pytest.mark.parametrize(
    ("link", "place", "wanted"),
    [
        ("lesson05_neuron.md", "lessons/lesson06_loss.md", "lesson05_neuron.md"),
        ("../tutorial.md#seeing-it", "lessons/lesson06_loss.md", "../tutorial.md#seeing-it"),
        ("../../CHANGELOG.md", "lessons/index.md", "../changes.md"),
        ("../README.md", "tutorial.md", "index.md"),
        ("../examples/xor.py", "tutorial.md", "files/examples/xor.py.md"),
        ("https://example.org/a.md", "tutorial.md", "https://example.org/a.md"),
        ("#here", "tutorial.md", "#here"),
    ],
)
def test_links_lead_where_the_site_has_what_they_mean(tool, link, place, wanted):
    shown = {}
    text = f"[it]({link}), but not `[it]({link})`"
    new = tool.relinked(text, DOCS / place, place, shown)
    assert f"[it]({wanted}), but not `[it]({link})`" == new
    assert ({ROOT / "examples" / "xor.py"} if "xor" in link else set()) == set(shown)


def test_sessions_are_marked_and_lose_what_only_tests_read(tool):
    text = (
        "```python\n>>> f()  # doctest: +ELLIPSIS\na\n<BLANKLINE>\nb\n>>> g()\n"
        "... # doctest: +ELLIPSIS\nc\n```\n\n```python\nf()\n```\n"
    )
    wanted = "```pycon\n>>> f()\na\n\nb\n>>> g()\nc\n```\n\n```python\nf()\n```\n"
    assert wanted == tool.pycon(text)


def test_a_bar_in_the_code_of_a_table_is_no_border_and_no_escape(tool):
    text = "| a | b |\n| --- | --- |\n| `x\\|2` | \\|y\\| |\n\n`x\\|2`\n"
    wanted = "| a | b |\n| --- | --- |\n| `x|2` | \\|y\\| |\n\n`x\\|2`\n"
    assert wanted == tool.with_plain_bars(text)


def test_pages_that_a_snippet_writes_stand_below_it(tool, tmp_path, monkeypatch):
    monkeypatch.setattr(tool, "PAGES", tmp_path)
    source = tmp_path / "page.md"
    source.write_text(
        "```python\n>>> from pathlib import Path\n>>> for n in (1, 2):\n"
        '...     _ = Path(f"a{n}.html").write_text("<title>T</title>")\n\n```\n\nmore\n'
    )
    text = tool.with_pages_below_snippets(source.read_text(), source, "lessons/page.md")
    above, below = text.split("\nmore\n")[0], text.split("\nmore\n")[1]
    assert ["../shown/page/a1.html", "../shown/page/a2.html"] == re.findall(r' src="(.*?)"', above)
    assert "" == below
    assert "<title>T</title>" == (tmp_path / "shown" / "page" / "a2.html").read_text()


def test_a_page_that_a_snippet_names_twice_is_shown_once(tool, tmp_path, monkeypatch):
    monkeypatch.setattr(tool, "PAGES", tmp_path)
    source = tmp_path / "page.md"
    source.write_text(
        '```python\n>>> from pathlib import Path\n>>> Path("a.html").write_text("four")\n4\n'
        '>>> Path("a.html").stat().st_size\n4\n\n```\n'
    )
    text = tool.with_pages_below_snippets(source.read_text(), source, "page.md")
    assert 1 == text.count("<iframe")


def test_a_snippet_that_prints_something_else_ends_the_build(tool, tmp_path, capsys):
    source = tmp_path / "page.md"
    source.write_text('```python\n>>> len("a.html")\n7\n\n```\n')
    with pytest.raises(SystemExit, match="does not print what it says"):
        tool.pages_written_by(source)


def test_formulas_become_mathml(tool):
    pytest.importorskip("math_core", reason="formulas need math_core")
    text = '<p><span class="arithmatex">\\(a &lt; \\sigma(z)\\)</span></p>'
    written = tool.with_mathml(text + '<div class="arithmatex">\\[x^2\\]</div>')
    assert "arithmatex" not in written
    assert '<math><mi>a</mi><mo lspace="' in written or "<math><mi>a</mi><mo>&lt;</mo>" in written
    assert "<mi>σ</mi>" in written
    assert '<math display="block">' in written
    primed = tool.with_mathml('<span class="arithmatex">\\(\\sigma\'(z)\\)</span>')
    assert "<math><mrow><mi>σ</mi><mo>′</mo></mrow><mo" in primed


def test_code_in_tables_may_break_and_numbers_keep_their_units(tool):
    row = "<td><code>tg.linalg.multi_dot(arrays)</code></td><td>2.1 µs</td>"
    wanted = "tg.<wbr>linalg.<wbr>multi_<wbr>dot(<wbr>arrays)</code></td><td>2.1&nbsp;µs</td>"
    assert f"<td><code>{wanted}" == tool.with_breaks(row)
    for kept in ("<td><code>a.py</code></td>", "<td>1.5 of</td>", "<p><code>a.linalg</code></p>"):
        assert kept == tool.with_breaks(kept)
    path = "<td><code>core/{}value.py</code></td>"
    assert path.format('<wbr class="small">') == tool.with_breaks(path.format(""))
    option = '<span class="whole">--dry-run</span>'
    for around in ("<p><code>{}</code></p>", "<td><code>train {}=a</code></td>"):
        assert around.format(option) == tool.with_breaks(around.format("--dry-run"))
    for one in ("--learning-rate", "-=", "tinygrad-mlp", "1e-15"):
        assert f'<span class="whole">{one}</span>' in tool.with_breaks(f"<code>{one} 1</code>")
    assert "<td>98.3&nbsp;% of it</td>" == tool.with_breaks("<td>98.3 % of it</td>")
    shapes = tool.with_breaks("<td><code>(n),(k)-&gt;(m)</code></td>")
    assert "(n),<wbr>(k)<wbr>" in shapes


def test_lines_part_no_short_formula(tool):
    for whole in ("∂L/∂W", "σ′(z)", "σ'(z2)", "1e-12", "1 − a²", "4k − 1", "lesson 9"):
        kept = f'(<span class="whole">{whole}</span>).'
        assert f"<p>{kept}</p>" == tool.with_wholes(f"<p>({whole}).</p>")
    for parted in ("<code>∂L/∂W</code>", '<a title="lesson 9">x</a>', "<p>first − 1</p>"):
        assert parted == tool.with_wholes(parted)


def test_what_is_loaded_from_elsewhere_and_what_leads_nowhere_is_found(tool, tmp_path):
    (tmp_path / "a.html").write_text(
        '<a href="b.html#there">1</a><a href="b.html#gone">2</a><a href="c.html">3</a>'
        '<a href="https://example.org">4</a><script src="https://example.org/x.js"></script>'
        '<img src="x.svg"><a href="#">5</a><link rel="icon" href="//example.org/i.png">'
    )
    (tmp_path / "b.html").write_text('<h1 id="there">b</h1>')
    assert [
        "a.html loads https://example.org/x.js from elsewhere",
        "a.html loads //example.org/i.png from elsewhere",
        "a.html: b.html#gone names a place that is not there",
        "a.html: c.html leads nowhere",
        "a.html: x.svg leads nowhere",
    ] == tool.problems(tmp_path)


# ----- The whole of it -----


def test_the_site_has_every_page_with_formulas_and_pages_to_play_with(site):
    for page in PAGES:
        assert (site / page.relative_to(DOCS).with_suffix(".html")).is_file()
    assert "<math" in (site / "notebook.html").read_text(encoding="utf-8")
    lesson = (site / "lessons" / "lesson05_neuron.html").read_text(encoding="utf-8")
    assert 'src="../shown/lesson05_neuron/lesson05_live.html"' in lesson
    operations = (site / "api" / "operations.html").read_text(encoding="utf-8")
    assert 'id="tinygrad_mlp.linalg.det"' in operations
    assert "Logistic function" in operations


def test_docstrings_are_shown_as_they_are_meant(site):
    pages = {page.name: page.read_text(encoding="utf-8") for page in (site / "api").iterdir()}
    for name, text in pages.items():
        # A session that is no code would be quotations in quotations.
        assert "<blockquote>" not in text, name
        assert "``" not in text, name
        assert not re.search(r"–\s*<div class=\"doc-md-description\">\s*</div>", text), name
    assert "<code>width, height</code>" in pages["drawing.html"]
    assert "Bases: <code>_" not in re.sub(r"<(?!code)[^>]*>", "", pages["the_network.html"])
    # A class shows how it is called, and what it has from bases that are no public names.
    plain = {name: re.sub(r"<[^>]*>", "", text) for name, text in pages.items()}
    assert "SGD(*, momentum=0.0" in plain["optimizers.html"].replace("\n", "")
    assert 'id="tinygrad_mlp.Network.fit"' in pages["the_network.html"]
    assert "Trainable" not in plain["the_network.html"]
    assert 'id="tinygrad_mlp.Value.T"' in pages["values_and_gradients.html"]
    # Constants are values, arguments in any number have no default, and all are named.
    assert "max_nodes=300" in plain["drawing.html"]
    assert "<code>direction, page, width, height, show, digits" in pages["drawing.html"]
    assert not re.search(r"\*args</code></b>\s*\([^)]*default", pages["checking.html"])
    assert "Another name of" in plain["operations.html"]
    assert "<mi>t</mi><mi>r</mi><mi>u</mi><mi>e</mi>" not in pages["operations.html"]


def test_powers_in_the_table_of_operations_are_no_emphasis(site):
    text = (site / "operations.html").read_text(encoding="utf-8")
    assert "Derivative of x**y by x, y * x**(y - 1)" in text


def test_the_list_of_all_names_leads_to_each_docstring(site, tool):
    text = (site / "api.html").read_text(encoding="utf-8")
    for title, names in tool.api().items():
        place = tool.place_of(title).replace(".md", ".html")
        for name in names:
            assert f'href="{place}#tinygrad_mlp.{name}"' in text


def test_what_only_makes_the_navigation_is_no_page_and_a_missing_page_says_where_to_go(site):
    assert not (site / "SUMMARY.html").exists()
    assert "SUMMARY" not in (site / "search.json").read_text(encoding="utf-8")
    assert '<a href="/index.html">The first page</a>' in (site / "404.html").read_text("utf-8")


def test_all_pages_but_the_last_lead_to_a_next_one(site):
    in_order = re.findall(r"\]\((.*?)\.md\)", (ROOT / "build/pages/SUMMARY.md").read_text("utf-8"))
    for name in in_order[:-1]:
        assert 'rel="next"' in (site / f"{name}.html").read_text(encoding="utf-8"), name


@pytest.fixture
def browsed(site, tool, chromium, monkeypatch):
    """A function that opens a page of the served site where nothing else can be reached."""
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(site))

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    home, contexts, refused, complaints = f"http://127.0.0.1:{server.server_port}", [], [], []

    def guard(route):
        if route.request.url.startswith((f"{home}/", "data:", "blob:", "file:")):
            route.continue_()
        else:
            refused.append(route.request.url)
            route.abort()

    def browse(name, address=home, **options):
        contexts.append(
            chromium.new_context(**{"viewport": {"width": 1280, "height": 800}} | options)
        )
        page = contexts[-1].new_page()
        page.set_default_timeout(10_000)
        page.route("**/*", guard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{address}/{name}")
        return page

    yield browse
    for context in contexts:
        context.close()
    server.shutdown()
    server.server_close()
    assert [] == refused
    assert [] == complaints


def every_page(site):
    return [page.relative_to(site).as_posix() for page in sorted(site.rglob("*.html"))]


def test_no_page_asks_for_anything_elsewhere_or_is_wider_than_a_small_screen(site, browsed):
    page = browsed("index.html", viewport={"width": 400, "height": 800})
    home, wide = page.url.removesuffix("index.html"), []
    for name in every_page(site):
        if not name.startswith(("shown/", "404")):
            page.goto(home + name)
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wide.append(name)
    assert [] == wide


@pytest.mark.parametrize("name", ["numpy", "errors", "engine", "api"])
def test_a_table_of_names_fits_a_small_screen(browsed, name):
    page = browsed(f"{name}.html", viewport={"width": 400, "height": 800})
    edges = "(cells) => Math.max(...cells.map((cell) => cell.getBoundingClientRect().right))"
    assert page.locator("td").evaluate_all(edges) <= 400


def test_the_mark_behind_a_heading_takes_no_line(browsed):
    page = browsed("errors.html", viewport={"width": 800, "height": 800})
    heading = page.locator("h2", has_text="turning a Value into an array")
    mark = heading.locator(".headerlink").bounding_box()
    assert mark["y"] < heading.bounding_box()["y"] + heading.bounding_box()["height"] / 2 + 20


def test_a_sheet_in_a_lesson_is_shown_whole(browsed):
    page = browsed("lessons/lesson02_chain_rule.html")
    sheet = page.locator("iframe[src$='lesson02_sheet1.html']")
    sheet.scroll_into_view_if_needed()
    inside = page.frame_locator("iframe[src$='lesson02_sheet1.html']")
    inside.locator("footer").wait_for()
    page.wait_for_function(
        "document.querySelector('iframe[src$=\"lesson02_sheet1.html\"]').style.height"
    )
    assert not inside.locator("html").evaluate("it => it.scrollHeight > it.clientHeight")


def test_below_a_short_sheet_is_no_gap(browsed):
    page = browsed("lessons/lesson01_slope.html")
    frame = "iframe[src$='lesson01_sheet2.html']"
    page.locator(frame).scroll_into_view_if_needed()
    page.wait_for_function(f'document.querySelector("{frame}").style.height')
    html = page.frame_locator(frame).locator("html")
    assert html.evaluate("it => it.scrollHeight === it.offsetHeight")


def test_a_frame_around_a_sheet_shrinks_when_a_phone_is_turned(browsed):
    page = browsed("lessons/lesson10_checking.html", viewport={"width": 400, "height": 800})
    sheet = page.locator("iframe[src$='lesson10_sheet1.html']")
    sheet.scroll_into_view_if_needed()
    page.frame_locator("iframe[src$='lesson10_sheet1.html']").locator("footer").wait_for()
    fits = """() => {
      const frame = document.querySelector("iframe[src$='lesson10_sheet1.html']")
      const inside = frame.contentDocument.documentElement
      const room = inside.clientHeight - inside.offsetHeight
      return frame.style.height && 0 <= room && room <= 40
    }"""
    page.wait_for_function(fits)
    page.set_viewport_size({"width": 800, "height": 400})
    page.wait_for_function(fits)


@pytest.mark.parametrize("name", ["wave.html", "neuron.html", "xor.html"])
def test_a_page_to_play_with_is_shown_whole_with_what_it_draws_later(browsed, name):
    page = browsed("live.html")
    frame = f"iframe[src$='{name}']"
    page.locator(frame).scroll_into_view_if_needed()
    inside = page.frame_locator(frame)
    inside.locator("#charts svg").first.wait_for()
    fits = "(it) => it.scrollHeight <= it.clientHeight"
    inside.locator("html").evaluate(
        f"(it) => new Promise((done) => {{ const look = () => ({fits})(it) ? done() : "
        "requestAnimationFrame(look); look() })"
    )
    inside.get_by_text("The program of this page").click()
    page.wait_for_timeout(300)
    assert inside.locator("html").evaluate(fits)


def test_a_picture_leads_to_itself_in_its_own_size(browsed):
    page = browsed("gallery.html")
    inside = page.locator("img[src$='digits.svg']").bounding_box()["width"]
    page.locator("a:has(> img[src$='digits.svg'])").click()
    page.wait_for_url("**/digits.svg")
    assert page.locator("svg").first.bounding_box()["width"] > 1.4 * inside


def test_what_is_folded_is_read_as_markdown(site):
    lessons = sorted((site / "lessons").glob("lesson*.html"))
    folded = "".join(
        "".join(re.findall(r"<details.*?</details>", page.read_text("utf-8"), re.DOTALL))
        for page in lessons
    )
    assert "<code>1: -4.0</code>" in folded
    assert "<li>Those of da1 and dz1.</li>" in folded
    assert "`" not in re.sub(r"<pre.*?</pre>", "", folded, flags=re.DOTALL)


def test_a_picture_on_a_small_screen_has_letters_that_can_be_read(browsed):
    page = browsed("lessons/lesson11_compiled.html", viewport={"width": 400, "height": 800})
    assert page.locator("img[src$='lesson11.svg']").bounding_box()["width"] > 600


@pytest.mark.parametrize("served", [True, False])
def test_the_search_finds_an_operation(site, browsed, served):
    page = browsed("tutorial.html", **({} if served else {"address": site.as_uri()}))
    page.wait_for_timeout(500)
    page.keyboard.press("Control+k")
    page.get_by_placeholder("Search").last.fill("softplus")
    page.locator(":text('tg.softplus'):visible").first.wait_for()


def test_what_is_copied_from_a_session_runs_as_it_stands(browsed):
    page = browsed("tutorial.html", permissions=["clipboard-read", "clipboard-write"])
    page.evaluate("navigator.clipboard.writeText('')")
    page.locator(".md-code__button").first.click()
    page.wait_for_function("navigator.clipboard.readText().then((text) => text.length > 0)")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("import numpy as np\nimport tinygrad_mlp as tg\n")
    assert not re.search(r"^>>>|^Value\(", copied, re.MULTILINE)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_is_as_light_or_dark_as_its_reader_wants(browsed, scheme):
    page = browsed("index.html", color_scheme=scheme)
    page.wait_for_timeout(300)
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    levels = [int(part) for part in re.findall(r"\d+", colour)[:3]]
    assert (min(levels) > 200) if scheme == "light" else (max(levels) < 60)


def test_a_printed_page_has_no_navigation_and_its_answers_unfolded(browsed):
    page = browsed("lessons/lesson05_neuron.html")
    page.emulate_media(media="print")
    assert not page.locator(".md-sidebar").first.is_visible()
    assert not page.locator("iframe").first.is_visible()
    assert page.locator("details > :not(summary)").first.is_visible()
