"""Every row of the tables for those who come from elsewhere is run, and gives what it says."""

import ast
import copy
import doctest
import pickle
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


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("compile", r"did you mean network\.fit\(x, y, loss="),
        ("eval", "layers know by themselves"),
        ("predict_proba", r"tg\.softmax\(network\.predict\(x, as_array=True\), axis=1\)"),
        ("zero_grad", r"tg\.zero_grad\(network\.parameters\(\)\)"),
        ("weihgts", "^'Network' object has no attribute 'weihgts'$"),
    ],
)
def test_names_of_networks_elsewhere_are_told(name, words):
    network = tg.Network([tg.FullyConnectedLayer(2, 1, rng=0)], verbose=False)
    assert not hasattr(network, name)
    with pytest.raises(AttributeError, match=words) as caught:
        getattr(network, name)
    assert (name, network) == (caught.value.name, caught.value.obj)
    copied = pickle.loads(pickle.dumps(copy.deepcopy(network)))
    assert copied([[1.0, 2.0]]) == network([[1.0, 2.0]])


def test_a_history_of_keras_is_told_to_be_curves():
    network = tg.Network([tg.FullyConnectedLayer(2, 1, rng=0)], verbose=False)
    history = network.fit([[1.0, 2.0]], [[1.0]], epochs=2, learning_rate=0.1)
    with pytest.raises(AttributeError, match=r"did you mean history\.curves\?"):
        history.history  # noqa: B018  the attribute is asked for
    again = pickle.loads(pickle.dumps(history))
    assert (history, history.curves) == (again, again.curves)
