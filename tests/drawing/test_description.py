"""Tests of the two sentences that stand for a drawing."""

import tinygrad_mlp as tg
from tinygrad_mlp.commands import small_graph
from tinygrad_mlp.drawing.description import described
from tinygrad_mlp.graphs.fold import fold


def test_what_goes_in_what_happens_and_what_comes_out_is_said():
    title, description = described(tg.Graph.of(small_graph()))
    assert title.startswith("Computation graph of ")
    for words in ("Inputs: x, y.", "Parameters: W1, b1, W2, b2.", "2 affine, 2 σ", "Outputs: L."):
        assert words in description


def test_many_names_are_counted_and_the_fold_is_told():
    values = [tg.Value(float(place), label=f"x{place}") for place in range(20)]
    _, description = described(tg.Graph.of(tg.stack(values)))
    assert "x7 and 12 more." in description
    y = tg.Value(1.0)
    for _ in range(500):
        y = tg.tanh(y)
    _, description = described(fold(tg.Graph.of(y)))
    assert "Boxes of many: 499 times tanh." in description
    assert description.endswith("499 of 501 nodes folded into 1 box")
