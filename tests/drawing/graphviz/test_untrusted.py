"""Tests of what other programs drew: ill-formed, scripted, and fine."""

import pytest

from tinygrad_mlp.drawing.graphviz.untrusted import fault_of

SVG = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
HEAD = (
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<!DOCTYPE svg PUBLIC '
    '"-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n'
)


@pytest.mark.parametrize(
    "text",
    [
        "<svg/>",
        f"{HEAD}<!-- made --><svg {SVG}><g><title>a&#45;&gt;b</title></g></svg>\n\n",
        f'<svg {SVG}><a xlink:href="https://example.org/?a=1&amp;b:c" xlink:title="q"/></svg>',
        f'<svg {SVG}><a xlink:href="page.html#part"/><a xlink:href="/a:b"/></svg>',
        f'<svg {SVG}><image xlink:href="data:image/png;base64,AA=="/></svg>',
        '<svg><text x="1">javascript:alert(1) onload=</text></svg>',
        '<svg><path style="stroke:red"/><text>σ′ ⊙ x₁ ‌</text></svg>',
    ],
)
def test_a_picture_is_a_picture(text):
    assert "" == fault_of(text.encode(), "svg")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "no whole SVG"),
        ("nonsense", "no whole SVG"),
        ("<svg>", "no whole SVG"),
        ("<svg></svg><svg></svg>", "no whole SVG"),
        ("<svg><g></svg></g>", "no whole SVG"),
        ("<svg>a & b</svg>", "no whole SVG"),
        ('<svg><a xlink:href="#"/></svg>', "no whole SVG"),  # the prefix is not declared
        ("<svg>\0</svg>", "no whole SVG"),
        ("<html/>", "<html>"),
        ("<svg><script/></svg>", "<script>"),
        ('<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:script/></s:svg>', "<script>"),
        ('<svg><h:script xmlns:h="http://www.w3.org/1999/xhtml"/></svg>', "<script>"),
        ("<svg><foreignObject/></svg>", "<foreignObject>"),
        ("<svg><style>*{}</style></svg>", "<style>"),
        ('<svg><a><set attributeName="href" to="javascript:1"/></a></svg>', "<set>"),
        ("<svg><animate/></svg>", "<animate>"),
        ('<svg onload="a()"/>', "onload="),
        ('<svg><g OnClick="a()"/></svg>', "OnClick="),
        ('<svg><a href="javascript:a()"/></svg>', "a link to javascript:"),
        (f'<svg {SVG}><a xlink:href=" Java&#10;Script:a()"/></svg>', "a link to JavaScript:"),
        ('<svg><a href="data:text/html,x"/></svg>', "a link to data:"),
        ('<?xml-stylesheet href="a.xsl"?><svg/>', "an instruction"),
        ('<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>', "an entity"),
        (f"{HEAD}<svg>&nbsp;</svg>", "an entity"),
    ],
)
def test_what_could_do_more_than_be_looked_at_is_refused(text, word):
    assert word in fault_of(text.encode(), "svg")


def test_other_encodings_are_refused():
    assert "no whole SVG" in fault_of("<svg>ü</svg>".encode("latin-1"), "svg")
    assert "no whole SVG" in fault_of("<svg/>".encode("utf-16"), "svg")


def test_entities_that_grow_are_refused_at_once():
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE svg [<!ENTITY e0 "ha">{levels}]><svg>&e11;</svg>'
    assert "an entity" in fault_of(bomb.encode(), "svg")


@pytest.mark.parametrize(
    ("content", "kind", "whole"),
    [
        (b"\x89PNG\r\n\x1a\n...IEND\xaeB`\x82", "png", True),
        (b"\x89PNG\r\n\x1a\n...", "png", False),
        (b"...IEND\xaeB`\x82", "png", False),
        (b"%PDF-1.7 ... %%EOF\n", "pdf", True),
        (b"%PDF-1.7 ...", "pdf", False),
        (b"", "pdf", False),
    ],
)
def test_other_formats_must_be_there_from_the_beginning_to_the_end(content, kind, whole):
    assert ("" if whole else f"wrote no whole {kind.upper()}") == fault_of(content, kind)
