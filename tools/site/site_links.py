"""What a built site loads and links to: nothing from elsewhere, nothing that is not there."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Reader(HTMLParser):
    """What a page refers to, what it loads, and the places in it that others may refer to."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one element."""
        of = {name: value or "" for name, value in attrs}
        self.anchors |= {of[name] for name in ("id", "name") if name in of}
        if "href" in of and of.get("rel") != "canonical":
            (self.links if tag == "a" else self.loads).append(of["href"])
        if "src" in of:
            self.loads.append(of["src"])


def problems(site: Path) -> list[str]:
    """Return what a built site loads from elsewhere, and which of its links lead nowhere."""
    pages = {}
    for path in sorted(site.resolve().rglob("*.html")):
        pages[path] = Reader()
        pages[path].feed(path.read_text(encoding="utf-8"))
    found = []
    for path, page in pages.items():
        name = path.relative_to(site.resolve()).as_posix()
        # The page for missing pages is shown at any address, so its links begin with a slash.
        home = site.resolve() if name == "404.html" else path.parent
        found += [
            f"{name} loads {link} from elsewhere" for link in page.loads if is_elsewhere(link)
        ]
        for link in page.links + page.loads:
            parts = urlsplit(link)
            if not parts.scheme and not parts.netloc:
                aim = (home / unquote(parts.path).lstrip("/")).resolve() if parts.path else path
                if not aim.is_file():
                    found.append(f"{name}: {link} leads nowhere")
                elif parts.fragment and aim in pages and parts.fragment not in pages[aim].anchors:
                    found.append(f"{name}: {link} names a place that is not there")
    return found


def is_elsewhere(link: str) -> bool:
    """Tell whether a link needs the network."""
    parts = urlsplit(link)
    return parts.scheme in {"http", "https"} or bool(parts.netloc)
