"""Tests of questions for Moodle, read by a small parser of what Moodle documents for cloze."""

import base64
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest

import tinygrad_mlp as tg

# docs.moodle.org, "Embedded Answers (Cloze) question type": {points:TYPE:=answer:tolerance#...}
FIELD = re.compile(r"\{(\d*):([A-Z_]+):(.*?)(?<!\\)\}", re.DOTALL)
NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
NUMERICAL = re.compile(rf"=({NUMBER}):({NUMBER})")


def fields_in(text):
    """Points, answer and tolerance of every field of a cloze text."""
    found = []
    for points, kind, rest in FIELD.findall(text):
        assert kind in ("NUMERICAL", "NM"), kind
        answer, tolerance = map(float, NUMERICAL.fullmatch(rest).groups())
        found.append((int(points or 1), answer, tolerance))
    return found


class Tags(HTMLParser):
    """Whether the tags of a text are balanced, and its pictures and words."""

    def __init__(self, text):
        super().__init__()
        self.open, self.pictures, self.words = [], [], ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        if tag == "img":
            self.pictures.append(dict(attributes))
        elif tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert tag == self.open.pop()

    def handle_data(self, data):
        self.words += data


def saved(sheet, tmp_path):
    path = tmp_path / "sheet.xml"
    sheet.save(path)
    return ET.parse(path).getroot()


@pytest.mark.parametrize("numbers", ["integers", "tenths"])
def test_a_question_has_a_field_for_each_blank(two_paths, tmp_path, numbers):
    sheet = tg.exercise(two_paths, seed=3, difficulty=3, numbers=numbers)
    quiz = saved(sheet, tmp_path)
    assert "quiz" == quiz.tag
    (question,) = quiz
    assert "cloze" == question.get("type")
    fields = fields_in(question.findtext("questiontext/text"))
    assert [(1, answer) for answer in sheet.key.values()] == [field[:2] for field in fields]
    assert {0.00051} == {tolerance for *_, tolerance in fields}
    assert "Step by step" in question.findtext("generalfeedback/text")


def test_the_picture_is_embedded_and_shows_every_number(two_paths, tmp_path):
    sheet = tg.exercise(two_paths)
    question = saved(sheet, tmp_path)[0]
    file = question.find("questiontext/file")
    svg = ET.fromstring(base64.b64decode(file.text))
    boxes = [e.get("data-blank") for e in svg.iter() if e.get("data-blank")]
    assert {str(blank.number) for blank in sheet.blanks} == set(boxes)
    page = Tags(question.findtext("questiontext/text"))
    assert [] == page.open
    assert ["@@PLUGINFILE@@/" + file.get("name")] == [p["src"] for p in page.pictures]


def test_a_label_begins_no_field_and_no_tag(tmp_path):
    label = "{1:NUMERICAL:=5} <i> @@PLUGINFILE@@ }"
    sheet = tg.exercise(tg.square(tg.Value(2.0, label=label)), title=label, difficulty=3)
    question = saved(sheet, tmp_path)[0]
    text = question.findtext("questiontext/text")
    assert len(sheet.blanks) == len(fields_in(text))
    page = Tags(text)
    assert label[:16] in page.words
    assert [] == page.open
    assert 1 == text.count("@@PLUGINFILE@@")
