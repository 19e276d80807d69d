"""Build the documentation as a site that works offline, into build/site; ``--serve`` shows it.

The navigation is what docs/index.md lists.  Snippets that write pages for a browser are run, and
what they wrote stands below them.  Formulas become MathML, so no page needs a script for them.
Needs the extra ``docs``.
"""

import contextlib
import doctest
import functools
import html
import http.server
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path, PurePosixPath

from site_links import problems

from tinygrad_mlp.drawing.graphviz.programs import PROGRAM_VARIABLE

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = ROOT / "build" / "pages"
SITE = ROOT / "build" / "site"
#: Pages that stand elsewhere in the repository, and where the site has them.
ELSEWHERE = {
    "README.md": "index.md",
    "CHANGELOG.md": "changes.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "examples": "examples.md",
    "examples/lessons": "lessons/index.md",
}
FENCE = re.compile(r"^( *)```python\n.*?^\1```\n", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"(^ *```.*?^ *```\n|`[^`\n]*`)", re.DOTALL | re.MULTILINE)
DIRECTIVE = "::: tinygrad_mlp.{}\n    options:\n      heading: {}\n\n"
#: Where code in a table may end a line: inside a long name, before arguments, between shapes.
BREAK = re.compile(r"(?<=\w{2})[._](?=[A-Za-z]{3})|(?<=\w{4})\((?=[A-Za-z]\w)|,(?=\()")
#: Where a path in a table may end a line on a small screen.
SLASH = re.compile(r"(?<=\w{2})/(?=[A-Za-z]{3})")
#: Options, operators and exponents, which have hyphens but are not two words.
HYPHENS = re.compile(r"\de-\d+|[\w-]*-[A-Za-z=][\w-]*")
#: A letter with primes, as it is written for a formula.
PRIMED = re.compile(r"<msup>(<mi>[^<]*</mi>)(<mo>[′″‴]</mo>)</msup>")
#: What the page for missing pages says, and what it shall say.
NOT_FOUND = (
    "<h1>404 - Not found</h1>",
    '<h1>There is no such page</h1>\n<p><a href="/index.html">The first page</a> lists all.</p>',
)
#: What no line may part: ∂L/∂W, σ′(z), 1e-12, a short difference, a number and what it counts.
#: Before it stands what is left alone: code, formulas that are set, and tags.
WHOLE = re.compile(
    r"<(head|pre|code|math|script|svg)\b.*?</\1>|<[^>]*>"
    r"|(?P<whole>∂\w+/∂\w+|\b\w[′']\(\w+\)|\b\d+e-\d+|\b(?:[Ll]esson|[Ss]heet) \d+"
    r"|(?<![^\s(])\w{1,2}[²³]? − \w{1,2}[²³]?(?![^\s).,:;]))",
    re.DOTALL,
)
LINK = re.compile(r"\]\(([^()\s]+)\)")
PICTURE = re.compile(r"!\[[^]]*\]\(([^()\s]+)\)")

# ----- Pages -----


def write_pages() -> None:
    """Write all pages, with what their snippets write, and the navigation into build/pages."""
    shutil.rmtree(PAGES, ignore_errors=True)
    shutil.copytree(DOCS, PAGES, ignore=shutil.ignore_patterns("*.md"))
    shutil.copytree(Path(__file__).parent / "assets", PAGES, dirs_exist_ok=True)
    sources = {page: page.relative_to(DOCS).as_posix() for page in sorted(DOCS.rglob("*.md"))}
    sources |= {ROOT / name: place for name, place in ELSEWHERE.items() if place not in "index.md"}
    shown: dict[Path, str] = {}
    for source, place in sources.items():
        if source.is_file():
            text = with_pages_below_snippets(source.read_text(encoding="utf-8"), source, place)
            text = with_plain_bars(pycon(enlarged(relinked(text, source, place, shown))))
            # Markdown inside of HTML is shown as it was typed, unless it is marked.
            write(place, text.replace("\n<details>", "\n<details markdown>"))
    for source, place in shown.items():
        name = source.relative_to(ROOT).as_posix()
        text = source.read_text(encoding="utf-8")
        if source.suffix != ".md":
            text = f"# {name}\n\n````{source.suffix.lstrip('.') or 'text'}\n{text}````\n"
        write(place, text)
    write("SUMMARY.md", "---\nsearch:\n  exclude: true\n---\n" + navigation())
    link_names()


def write(place: str, text: str) -> None:
    """Write a page."""
    path = PAGES / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def relinked(text: str, source: Path, place: str, shown: dict[Path, str]) -> str:
    """Return the text with links that lead where the site has what they mean."""

    def target(match: re.Match[str]) -> str:
        path, mark, anchor = match[1].partition("#")
        aim = (source.parent / path).resolve()
        if not path or "://" in path or not aim.is_relative_to(ROOT):
            return match[0]
        name = aim.relative_to(ROOT).as_posix()
        if name in ELSEWHERE:
            wanted = ELSEWHERE[name]
        elif aim.is_relative_to(DOCS):
            wanted = aim.relative_to(DOCS).as_posix()
        else:
            # Files whose names begin with a dot would be left out.
            wanted = shown.setdefault(aim, f"files/{name.lstrip('.').removesuffix('.md')}.md")
        return f"]({os.path.relpath(wanted, PurePosixPath(place).parent)}{mark}{anchor})"

    parts = CODE.split(text)
    parts[::2] = [LINK.sub(target, part) for part in parts[::2]]
    return "".join(parts)


def enlarged(text: str) -> str:
    """Return the text with every picture a link to itself, for a column makes letters small."""
    parts = CODE.split(text)
    parts[::2] = [PICTURE.sub(r"[\g<0>](\1)", part) for part in parts[::2]]
    return "".join(parts)


def pycon(text: str) -> str:
    """Return the text with sessions marked as such, and without the words that only tests read."""
    text = re.sub(r"^( *)```python\n(?= *>>> )", r"\1```pycon\n", text, flags=re.MULTILINE)
    text = re.sub(r"^ *<BLANKLINE>$", "", text, flags=re.MULTILINE)
    return re.sub(r"  # doctest: .*$|^ *\.\.\. # doctest: .*\n", "", text, flags=re.MULTILINE)


def with_plain_bars(text: str) -> str:
    """Return the text with plain bars in the code of tables; only GitHub wants them escaped."""
    rows = re.compile(r"^\|.*$", re.MULTILINE)
    code = re.compile(r"`[^`\n]*`")
    return rows.sub(lambda row: code.sub(lambda found: found[0].replace("\\|", "|"), row[0]), text)


def with_pages_below_snippets(text: str, source: Path, place: str) -> str:
    """Run the snippets of a page that write pages for a browser; show these below them."""
    if not any(".html" in snippet[0] for snippet in FENCE.finditer(text)):
        return text
    folder = f"shown/{PurePosixPath(place).stem}"
    written = pages_written_by(source)
    if written:
        (PAGES / folder).mkdir(parents=True, exist_ok=True)
    for name, page in written.items():
        (PAGES / folder / name).write_text(page, encoding="utf-8")
    above = os.path.relpath(folder, PurePosixPath(place).parent)

    def with_frames(match: re.Match[str]) -> str:
        frames = ""
        for name in dict.fromkeys(re.findall(r'"([^"\n]*\.html)"', match[0])):
            pattern = re.sub(r"\\\{.*?\\\}", ".*", re.escape(name))
            for found in [found for found in written if re.fullmatch(pattern, found)]:
                title = re.search(r"<title>(.*?)</title>", written[found], re.DOTALL)
                words = title[1].strip() if title else found
                frames += f'\n<iframe loading="lazy" title="{words}" src="{above}/{found}">'
                frames += f"</iframe>\n\n[Open it alone: {words}]({above}/{found})\n"
        return match[0] + (frames if not match[1] else "")

    return FENCE.sub(with_frames, text)


def pages_written_by(source: Path) -> dict[str, str]:
    """Return the pages for a browser that the snippets of a page write, by name."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        failed, _ = doctest.testfile(str(source), module_relative=False, encoding="utf-8")
        if failed:
            sys.exit(f"{source}: a snippet does not print what it says")
        return {page.name: page.read_text("utf-8") for page in sorted(Path().glob("*.html"))}


# ----- Navigation -----


def navigation() -> str:
    """Return the four rooms that docs/index.md lists, for the navigation of the site."""
    lines, room = ["- [Home](index.md)"], ""
    text = relinked((DOCS / "index.md").read_text("utf-8"), DOCS / "index.md", "index.md", {})
    for line in text.splitlines():
        if heading := re.match(r"## (.*)", line):
            room = heading[1]
        elif entry := re.match(r"- \[(.*?)\]\((.*?)\)", line):
            if room:  # a section without a list is none
                lines.append(f"- {room}")
                room = ""
            if entry[2] == "lessons/index.md":
                lines += [f"    - {entry[1]}", f"        - [{entry[1]}]({entry[2]})"]
                lines += [f"        - [{title}]({place})" for title, place in lessons()]
            elif entry[2] == "api.md":
                lines += [f"    - {entry[1]}", f"        - [{entry[1]}]({entry[2]})"]
                lines += [f"        - [{title}]({place})" for title, place in write_api()]
            else:
                lines.append(f"    - [{entry[1]}]({entry[2]})")
    return "\n".join(lines) + "\n"


def lessons() -> list[tuple[str, str]]:
    """Return titles and places of the lessons, in order."""
    pages = sorted((DOCS / "lessons").glob("lesson*.md"))
    firsts = {page.name: page.read_text(encoding="utf-8").partition("\n")[0] for page in pages}
    return [(first.lstrip("# "), f"lessons/{name}") for name, first in firsts.items()]


def api() -> dict[str, list[str]]:
    """Return the public names that docs/api.md lists, by section: in tables, or as words."""
    found = {}
    for section in re.split(r"^## ", (DOCS / "api.md").read_text("utf-8"), flags=re.MULTILINE)[1:]:
        title, _, text = section.partition("\n")
        names = re.findall(r"^\| `([\w.]+)` \|", text, re.MULTILINE)
        found[title] = names or re.findall(r"`([\w.]+)`", text)
    return found


def link_names() -> None:
    """Make each name that the list of public names shows in a table a link to its docstring."""
    text = (PAGES / "api.md").read_text(encoding="utf-8")
    for title, names in api().items():
        for name in names:
            linked = f"| [`{spelled(name)}`]({place_of(title)}#tinygrad_mlp.{name}) |"
            text = text.replace(f"| `{name}` |", linked)
    tables, title, words = text.partition("## Operations\n")
    link = rf"[`\1`]({place_of('Operations')}#tinygrad_mlp.\1)"
    write("api.md", tables + title + re.sub(r"`([\w.]+)`(?=[,.])", link, words))


def spelled(name: str) -> str:
    """Return a public name as programs write it; ``reference`` is imported by itself."""
    return name if name.startswith("reference.") else f"tg.{name}"


def place_of(title: str) -> str:
    """Return where the docstrings of a section of public names stand."""
    return f"api/{re.sub(r'[^a-z]+', '_', title.lower())}.md"


def write_api() -> list[tuple[str, str]]:
    """Write a page of docstrings for every section of docs/api.md; return titles and places."""
    places = []
    for title, names in api().items():
        place = place_of(title)
        write(
            place,
            f"# {title}\n\n" + "".join(DIRECTIVE.format(name, spelled(name)) for name in names),
        )
        places.append((title, place))
    return places


# ----- The site -----


def build() -> None:
    """Build the site; exit with what is wrong, if anything is."""
    os.environ.pop(PROGRAM_VARIABLE, None)  # the pictures must not depend on the machine
    write_pages()
    shutil.rmtree(SITE, ignore_errors=True)
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    built = subprocess.run(command, cwd=ROOT, check=False)
    if built.returncode:
        sys.exit(built.returncode)
    (SITE / "SUMMARY.html").unlink()  # it is there for the navigation only
    for page in SITE.rglob("*.html"):
        text = page.read_text(encoding="utf-8").replace(*NOT_FOUND)
        # A parameter about which nothing is said needs no dash either.
        text = re.sub(r'\s*–\s*<div class="doc-md-description">\s*</div>', "", text)
        # No brackets stand away from what is in them.
        text = re.sub(r"\(\s+(?=<code>)|(?<=</code>)\s+\)", lambda found: found[0].strip(), text)
        page.write_text(with_wholes(with_breaks(with_mathml(text))), encoding="utf-8")
    if wrong := problems(SITE):
        sys.exit("\n".join(wrong))


def with_mathml(text: str) -> str:
    """Return a page with its formulas as MathML, which browsers set by themselves."""
    from math_core import LatexToMathML

    write_formula = LatexToMathML().convert_with_local_state

    def formula(match: re.Match[str]) -> str:
        block = match[1] == "div"
        source = html.unescape(match[2]).strip()
        return str(write_formula(source, displaystyle=block))

    pattern = r'<(span|div) class="arithmatex">\\[(\[](.*?)\\[)\]]</\1>'
    written = re.sub(pattern, formula, text, flags=re.DOTALL)
    # A prime is drawn as high and as small as it shall be: as an exponent it is lost above.
    return PRIMED.sub(r"<mrow>\1\2</mrow>", written)


def with_breaks(text: str) -> str:
    """Return a page with code that may break in tables and headings, but at no hyphen or unit."""

    def cell(match: re.Match[str]) -> str:
        inside = re.sub(r"(?<=\d) (?=(?:[nµm]?s|[kKM]i?B|bytes)\b|%)", "&nbsp;", match[0])
        return re.sub(r"<code>.*?</code>", code, inside)

    def code(match: re.Match[str]) -> str:
        whole = match[0].replace("-&gt;", '<wbr><span class="whole">-&gt;</span>')
        return SLASH.sub('/<wbr class="small">', BREAK.sub(r"\g<0><wbr>", whole))

    def whole(match: re.Match[str]) -> str:
        return HYPHENS.sub(r'<span class="whole">\g<0></span>', match[0])

    def heading(match: re.Match[str]) -> str:
        return match[1] + BREAK.sub(r"\g<0><wbr>", match[2])

    text = re.sub(r"(?<=<code>)[^<\n]+(?=</code>)", whole, text)
    text = re.sub(r'(<h2 [^>]*class="doc doc-heading"[^>]*>)([^<]*)', heading, text)
    return re.sub(r"<td.*?</td>", cell, text, flags=re.DOTALL)


def with_wholes(text: str) -> str:
    """Return a page whose lines part no short formula, and no number from what it counts."""

    def whole(match: re.Match[str]) -> str:
        return f'<span class="whole">{match[0]}</span>' if match["whole"] else match[0]

    return WHOLE.sub(whole, text)


def serve(port: int = 8000) -> None:
    """Serve the site on this machine alone, until Ctrl-C."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(SITE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        print(f"http://127.0.0.1:{server.server_port}/index.html, until Ctrl-C")
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


if __name__ == "__main__":
    build()
    print(f"built {SITE}/index.html")
    if "--serve" in sys.argv[1:]:
        serve()
