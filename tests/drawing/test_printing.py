"""Tests of PNG and PDF from the built-in SVG: their size, their text, their fonts."""

import re
import shutil
import struct
import subprocess
import sys
import zlib
from functools import partial

import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.drawing import printing
from tinygrad_mlp.drawing.builtin.plan import layered_svg
from tinygrad_mlp.drawing.picture import Picture
from tinygrad_mlp.drawing.printing import can_print, printed
from tinygrad_mlp.drawing.style import checked
from tinygrad_mlp.errors import RenderError

typst = pytest.mark.skipif(not can_print(), reason="the package typst is not here")


@pytest.fixture
def svg(two_layers):
    return layered_svg(tg.Graph.of(two_layers))


def size_of_png(content):
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    return int.from_bytes(content[16:20]), int.from_bytes(content[20:24])


def size_of_svg(svg):
    return [float(n) for n in re.search(r'width="([\d.]+)" height="([\d.]+)"', svg).groups()]


def pixels_of(png):
    """The unpacked rows of a PNG, still filtered: enough to count how many bytes differ."""
    parts, place = [], 8
    while place < len(png):
        length = int.from_bytes(png[place : place + 4])
        if png[place + 4 : place + 8] == b"IDAT":
            parts.append(png[place + 8 : place + 8 + length])
        place += length + 12
    return zlib.decompress(b"".join(parts))


@typst
@pytest.mark.parametrize("scale", [0.5, 1, 2])
def test_a_png_has_as_many_pixels_as_wanted(svg, scale):
    wanted = [length * scale for length in size_of_svg(svg)]
    assert wanted == pytest.approx(size_of_png(printed(svg, "png", scale)), abs=1)


@typst
def test_a_picture_that_fits_its_page_fits_there_on_paper_too(two_layers, tmp_path):
    for name in ("small.svg", "small.png", "small.pdf", "small.tex"):
        tg.save_drawing(two_layers, tmp_path / name, page="column", direction="LR", max_nodes=None)
    width, height = size_of_svg((tmp_path / "small.svg").read_text(encoding="utf-8"))
    assert 336 == width
    pixels = size_of_png((tmp_path / "small.png").read_bytes())
    assert (2 * width, 2 * height) == pytest.approx(pixels, abs=1)
    box = re.search(rb"/MediaBox ?\[0 0 ([\d.]+) ", (tmp_path / "small.pdf").read_bytes())
    assert 252 == pytest.approx(float(box[1]), abs=0.1)
    tikz = (tmp_path / "small.tex").read_text(encoding="utf-8")
    unit = float(re.search(r"\[x=([\d.]+)bp", tikz)[1])
    right = max(float(x) for x in re.findall(r"rectangle \(([\d.]+),", tikz))
    left = float(re.search(r"\(([-\d.]+),[-\d.]+\) rectangle", tikz)[1])
    assert 252 == pytest.approx((right - left) * unit, rel=1e-3)


@typst
def test_letters_are_drawn(svg):
    """A renderer without fonts leaves text out and says nothing."""
    whole = pixels_of(printed(svg, "png"))
    silent = pixels_of(printed(re.sub("<text.*?</text>", "", svg), "png"))
    different = sum(one != other for one, other in zip(whole, silent, strict=True))
    assert different > 10_000


@typst
def test_a_pdf_has_its_fonts_its_title_and_its_text_in_it(svg, tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(printed(svg, "pdf"))
    assert b"DejaVuSansMono" in path.read_bytes()
    if shutil.which("pdffonts") is None:
        pytest.skip("pdffonts and pdftotext are not here")

    def told(*command):
        return subprocess.run(command, capture_output=True, check=True, text=True).stdout

    fonts = told("pdffonts", path).splitlines()[2:]
    assert fonts
    for line in fonts:
        assert "yes yes yes" in line  # embedded, a subset, with Unicode
    text = told("pdftotext", "-layout", path, "-")
    for word in ("W1 (2, 2)", "affine", "σ", "0.298371", "layer2"):
        assert word in text
    width, height = (length * 0.75 for length in size_of_svg(svg))
    size = re.search(r"Page size: +([\d.]+) x ([\d.]+) pts", told("pdfinfo", path))
    assert (width, height) == pytest.approx(tuple(map(float, size.groups())), abs=1)


@typst
def test_a_page_is_no_longer_than_readers_must_know():
    y = tg.Value(1.0)
    for _ in range(100):
        y = tg.tanh(y)
    pdf = printed(layered_svg(tg.Graph.of(y), checked("LR")), "pdf")
    (box,) = re.findall(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert float(box[0]) == pytest.approx(14_400, abs=0.1)


@typst
def test_the_same_drawing_is_the_same_bytes_in_another_process(svg, tmp_path):
    (tmp_path / "a.svg").write_text(svg, encoding="utf-8")
    program = """
import hashlib, pathlib, sys
from tinygrad_mlp.drawing.printing import printed
svg = pathlib.Path(sys.argv[1]).read_text("utf-8")
print(*(hashlib.sha256(printed(svg, kind)).hexdigest() for kind in ("png", "pdf")))
"""
    command = [sys.executable, "-c", program, tmp_path / "a.svg"]
    outputs = {subprocess.run(command, capture_output=True, check=True).stdout for _ in range(2)}
    assert 1 == len(outputs)


@typst
def test_what_anybody_has_written_is_only_text():
    label = '#panic("no") </text> & "quoted" \\ $x$ \u2028 日本 😀'
    svg = layered_svg(tg.Graph.of(tg.Value(1.0, label)))
    assert printed(svg, "png")
    assert printed(svg, "pdf").startswith(b"%PDF-")


@pytest.mark.parametrize("kind", ["png", "pdf"])
def test_a_missing_package_is_named_with_its_extra(no_typst, svg, kind):
    with pytest.raises(RenderError, match=r"typst: pip install 'tinygrad-mlp\[pictures\]'"):
        printed(svg, kind)


def test_a_png_that_fills_the_memory_is_refused(svg, monkeypatch):
    monkeypatch.setattr(printing, "MAXIMUM_PIXELS", 1000)
    with pytest.raises(RenderError, match=r"pixels; fold .*smaller scale.*\.pdf"):
        printed(svg, "png")


@typst
def test_a_picture_of_a_network_is_printed_like_a_graph(tmp_path):
    network = tg.Network(verbose=False)
    network.add(tg.FullyConnectedLayer(2, 3, rng=0))
    picture = tg.draw_network(network)
    picture.save(tmp_path / "a.png", scale=1)
    wanted = size_of_svg(picture.svg)
    assert wanted == pytest.approx(size_of_png((tmp_path / "a.png").read_bytes()), abs=1)
    picture.save(tmp_path / "a.pdf")
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("scale", "error"),
    [(0, ValueError), (-1, ValueError), (float("nan"), ValueError), ("2", TypeError)],
)
def test_a_scale_that_is_none_is_refused(tmp_path, scale, error):
    with pytest.raises(error, match="scale must be"):
        Picture("<svg/>").save(tmp_path / "a.png", scale=scale)
    with pytest.raises(error, match="scale must be"):
        tg.save_drawing(tg.Value(1.0), tmp_path / "a.png", scale=scale)
    assert [] == list(tmp_path.iterdir())


def density_of(png):
    """Pixels for each metre, as the chunk pHYs says."""
    place = png.index(b"pHYs")
    length = struct.unpack(">I", png[place - 4 : place])[0]
    across, down, unit = struct.unpack(">IIB", png[place + 4 : place + 4 + length])
    assert (
        zlib.crc32(png[place : place + 4 + length])
        == struct.unpack(">I", png[place + 4 + length : place + 8 + length])[0]
    )
    assert across == down
    assert unit == 1
    assert place < png.index(b"IDAT")
    return across


@typst
@pytest.mark.parametrize("layout", ["builtin", "graphviz"])
@pytest.mark.parametrize(("choice", "dpi"), [({"dpi": 300}, 300), ({"scale": 3}, 288), ({}, 192)])
def test_a_png_is_as_large_on_paper_as_the_svg(tmp_path, layout, choice, dpi):
    if layout == "graphviz" and not shutil.which("dot"):
        pytest.skip("no layout program is here")
    x = tg.Value(3.0, "x")
    tg.save_drawing(x * x, tmp_path / "a.png", layout=layout, **choice)
    png = (tmp_path / "a.png").read_bytes()
    assert density_of(png) == pytest.approx(dpi / 0.0254, abs=1)
    if layout == "builtin":
        tg.save_drawing(x * x, tmp_path / "a.svg")
        wanted = [length * dpi / 96 for length in size_of_svg((tmp_path / "a.svg").read_text())]
        assert wanted == pytest.approx(size_of_png(png), abs=1)


@typst
def test_a_picture_takes_dpi_too(tmp_path, svg):
    Picture(svg).save(tmp_path / "a.png", dpi=144)
    assert (tmp_path / "a.png").read_bytes() == printed(svg, "png", 1.5)


@pytest.mark.parametrize("save", [Picture("<svg/>").save, partial(tg.save_drawing, tg.Value(1.0))])
def test_a_resolution_that_is_none_is_refused(tmp_path, save):
    with pytest.raises(ValueError, match="dpi must be at least 1"):
        save(tmp_path / "a.png", dpi=0)
    with pytest.raises(TypeError, match="dpi must be"):
        save(tmp_path / "a.png", dpi="300")
    with pytest.raises(ValueError, match="give either scale or dpi"):
        save(tmp_path / "a.png", dpi=300, scale=2)
    assert [] == list(tmp_path.iterdir())
