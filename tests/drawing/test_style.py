"""Tests of the words in drawings: whatever a user writes is shown, and breaks nothing."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.builtin.plan import layered_svg
from tinygrad_mlp.drawing.graphviz.dot import to_dot
from tinygrad_mlp.graphs.graph import Graph
from tinygrad_mlp.graphs.node import Node

# Every text there is, lone surrogates included.
any_text = st.text(st.characters(codec=None), max_size=60)


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ('say "hi"', 'say "hi"'),
        ("<b>bold</b>", "<b>bold</b>"),
        ("{a|b}", "{a|b}"),
        (r"C:\new", r"C:\new"),
        ("end\\", "end\\"),
        ("  two  spaces  ", "  two  spaces  "),
        ("two\nlines\ttab\0", "two␊lines␉tab␀"),
        ("\x7f\x85\u2028\ufeff", "␡���"),
        ("😀 👩\u200d💻 ñ 漢字", "😀 👩\u200d💻 ñ 漢字"),
        ("\ud800 lone", "� lone"),
        ("\u202eevil", "�evil"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\u200fאב\u200e long\u00adword \u061c", "אב longword "),
        ("\uffff\ufffe", "��"),
    ],
)
def test_a_label_is_shown_literally_or_visibly_replaced(label, shown):
    assert shown == style.readable(label)


def test_a_long_label_is_cut_where_one_sees_it():
    shown = style.readable("x" * 20_000)
    assert style.LABEL_LIMIT == len(shown)
    assert shown.endswith("x…")


def test_a_label_of_just_the_longest_length_is_whole():
    assert "x" * style.LABEL_LIMIT == style.readable("x" * style.LABEL_LIMIT)


@given(any_text)
def test_what_is_readable_and_escaped_reads_back_from_xml(text):
    shown = style.readable(text)
    element = ET.fromstring(f'<a b="{style.escape(shown)}">{style.escape(shown)}</a>')
    assert shown == (element.text or "")
    assert len(shown) <= style.LABEL_LIMIT
    assert "\n" not in shown


def node(**fields):
    return Node("v0", fields.pop("role", "input"), fields.pop("value", np.float64(2.0)), **fields)


def test_a_box_tells_what_was_asked_for_and_nothing_else():
    full = node(label="x", gradient=np.float64(5.0), value=np.ones((1, 2)))
    assert ("x", "(1, 2)", ["1 1"], ["grad 5"], "") == tuple(style.words(full, style.SHOWN))
    assert ("x", "", [], [], "") == tuple(style.words(full, ["label"]))
    assert ("", "(1, 2)", [], [], "") == tuple(style.words(full, ["shape"]))
    assert ("", "", ["1 1"], [], "") == tuple(style.words(full, ["value"]))
    assert ("", "", [], ["grad 5"], "") == tuple(style.words(full, ["grad"]))


def test_a_gradient_that_was_not_computed_is_called_so():
    assert ["grad not computed"] == style.words(node(), ["grad"]).gradient


def test_a_constant_has_no_gradient_to_tell_of():
    assert [] == style.words(node(role="constant"), style.SHOWN).gradient


def test_the_rows_of_a_gradient_stand_below_each_other():
    gradient = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert ["grad 1 2", "     3 4"] == style.words(node(gradient=gradient), ["grad"]).gradient


def test_a_box_that_would_be_empty_tells_the_id():
    assert "v0" == style.words(node(), ["op"]).label


def test_a_row_that_is_added_to_a_box_is_drawn_by_every_printer(monkeypatch):
    graph = Graph.of(tg.Value(2.0, "x"))
    rows = style.Words.rows.fget
    added = [style.Row(["one more", "row"], "quiet_ink")]
    before = layered_svg(graph).count("<path")
    monkeypatch.setattr(style.Words, "rows", property(lambda words: [*rows(words), *added]))
    assert "one more<BR/>row" in to_dot(graph)
    svg = layered_svg(graph)
    assert ">one more</text>" in svg
    assert ">row</text>" in svg
    assert before + 1 == svg.count("<path")


def test_choices_that_do_not_exist_are_refused_with_those_that_do():
    with pytest.raises(
        ValueError, match=r"direction must be one of auto, LR, TB, RL, BT, got 'XY'"
    ):
        style.checked("XY", ())
    with pytest.raises(ValueError, match=r"label, op, shape, value, grad, local; got 'colour'"):
        style.checked("LR", ["label", "colour"])
    assert ("value",) == style.checked("LR", "value").show


def test_a_constant_has_its_number_whatever_is_shown():
    half = node(role="constant", value=np.float64(0.5))
    for show in (["op"], ["label"], ["label", "op", "shape"], ["grad"]):
        assert ["0.5"] == style.words(half, show).value
        assert "" == style.words(half, show).label
    row = node(role="constant", value=np.array([1.0, 2.0]))
    assert ("", "", ["1 2"], [], "") == tuple(style.words(row, ["op"]))
    assert ("", "(2,)", [], [], "") == tuple(style.words(row, ["shape"]))
    assert ("v0", "", [], [], "") == tuple(style.words(row, ["op"], named=True))


def test_what_something_else_speaks_of_has_a_name():
    assert "x" == style.words(node(label="x"), ["value"], named=True).label
    assert "v0" == style.words(node(), ["value"], named=True).label


def test_a_compact_box_has_the_operation_in_its_head():
    x = tg.Value([1.0, 2.0], "x")
    y = tg.tanh(x)
    y.label = "y"
    graph = Graph.of(y)
    assert "tanh → y (2,)" == style.checked(compact=True).words(graph["v1"]).title_text
    assert "x (2,)" == style.checked(compact=True).words(graph["v0"]).title_text
    assert (
        "y (2,)"
        == style.checked(show=["label", "shape"], compact=True).words(graph["v1"]).title_text
    )
    bare = style.checked(show=["op", "value"], compact=True)
    assert "tanh" == bare.words(graph["v1"]).title_text
    assert not bare.has_op(graph["v1"])


def test_numbers_have_as_many_digits_as_asked_for():
    third = node(value=np.float64(1 / 3), gradient=np.array([2 / 3, 1.0]))
    said = style.checked(digits=2).words(third)
    assert (["0.33"], ["grad 0.67 1"]) == (said.value, said.gradient)
    with pytest.raises(ValueError, match="digits must be at least 1, got 0"):
        style.checked(digits=0)
