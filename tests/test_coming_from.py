"""Every row of the tables for those who come from elsewhere is run, and gives what it says."""

import ast
import doctest
import re
from pathlib import Path

import numpy as np
import pytest

import tinygrad_mlp as tg

PAGE = (Path(__file__).parents[1] / "docs" / "coming_from.md").read_text(encoding="utf-8")
SECTIONS = {text.partition("\n")[0]: text for text in PAGE.split("\n## ")[1:]}
ROWS = {
    name: re.findall(r"^\| (`.*) \| `(.*)` \|(?: `(.*)`)? \|$", text, re.MULTILINE)
    for name, text in SECTIONS.items()
}


@pytest.mark.parametrize("section", SECTIONS)
def test_every_row_runs_and_gives_what_it_says(section, capsys):
    text = SECTIONS[section]
    names = {"np": np, "tg": tg}
    for example in doctest.DocTestParser().get_examples(text):
        exec(example.source, names)
    assert len(ROWS[section]) == text.count("\n| `")
    for _, here, gives in ROWS[section]:
        tree = ast.parse(here)
        if gives:
            assert repr(eval(here, names)) == gives.replace(r"\n", "\n"), here
        else:
            exec(compile(tree, here, "exec"), names)


def test_what_is_written_there_runs_here_too_or_says_what_to_write():
    theirs = " ".join(there for rows in ROWS.values() for there, _, _ in rows)
    names = {*re.findall(r"\b(?:[acpwxz]|loss)\.(\w+)", theirs)}
    assert names >= {"_prev", "_value", "backward", "detach", "gather", "item", "view"}
    value = tg.Value([[1.0, 2.0]])
    for name in names:
        if not hasattr(value, name):
            with pytest.raises(AttributeError, match="did you mean"):
                getattr(value, name)
