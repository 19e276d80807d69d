"""The commands ``evaluate`` and ``predict``: what a trained network makes of data."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

from tinygrad_mlp.commands import recipes
from tinygrad_mlp.commands.encoding import Model
from tinygrad_mlp.nn import Network
from tinygrad_mlp.nn.metrics import metrics_of
from tinygrad_mlp.nn.objectives import CLASSIFYING, Objective, Samples

_DIFFERENT = "the network learned from a table, so --data must be a CSV file with its columns"


#: What both say in their help.
_ABOUT = {
    "evaluate": "Print how good a network is, that `train` wrote: loss, accuracy, r2 of numbers.",
    "predict": "Print an answer for each sample, a class by its name or a number.",
}
_WITHOUT_DATA = "Without --data it looks at what the training kept back for the test."


def add_parsers(commands: Any) -> None:
    """Add both commands to those of the program."""
    for name, about in _ABOUT.items():
        parser = commands.add_parser(
            name, help=about.partition(",")[0].lower(), description=f"{about}  {_WITHOUT_DATA}"
        )
        add = parser.add_argument
        add("folder", type=Path, metavar="FOLDER", help="what `tinygrad-mlp train` wrote")
        add("--data", metavar="FILE", help="a CSV file, an IDX folder or a data set by name")
        if name == "evaluate":
            add_metrics(add)


def add_metrics(add: Any) -> None:
    """Add the option that both ``train`` and ``evaluate`` have."""
    add("--metrics", type=_metrics, default=(), metavar="NAMES", help="such as accuracy,top_2")


def _metrics(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    try:
        metrics_of(names)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return names


def evaluate(options: argparse.Namespace) -> int:
    """Print how good the network is."""
    model, network = loaded(options.folder)
    x, y = samples(model, options.data)
    if not len(y):
        raise ValueError(f"{options.data} has no column of targets, so nothing can be compared")
    output = network(x)
    print(f"samples   {len(x)}")
    print(f"loss      {Objective(model.loss).mean(Samples(x, y), output):.6g}")
    if not model.is_numbers:
        middle = 0.0 if model.loss in CLASSIFYING else 0.5
        print(f"accuracy  {recipes.right(y, output, middle):.1%}")
    names = options.metrics or (("r2",) if model.is_numbers else ())
    for name, metric in metrics_of(names, model.loss).items():
        print(f"{name:9} {metric(y, output):.6g}")
    return 0


def predict(options: argparse.Namespace) -> int:
    """Print one answer for each sample."""
    model, network = loaded(options.folder)
    output = network(samples(model, options.data)[0])
    if model.encoding is not None:
        answers = model.encoding.answers(output)
    elif output.shape[1] > 1:
        answers = [str(number) for number in output.argmax(axis=1)]
    else:
        middle = 0.0 if model.loss in CLASSIFYING else 0.5
        answers = [str(int(number > middle)) for number in output[:, 0]]
    sys.stdout.write("".join(f"{answer}\n" for answer in answers))
    return 0


def loaded(folder: Path) -> tuple[Model, Network]:
    """Return the network in a folder that ``train`` wrote."""
    model = Model.load(folder / "model.json")
    return model, Network.load(folder / "network.npz")


def samples(model: Model, data: str | None) -> tuple[Any, Any]:
    """Return inputs and targets: of a file, or those that the training kept back."""
    if data is None:
        kept = recipes.data_of(model)
        return kept.x_test, kept.y_test
    if model.encoding is None:
        if data not in recipes.RECIPES and not Path(data).is_dir():
            known = ", ".join(recipes.RECIPES)
            raise ValueError(f"--data must be one of {known}, or an IDX folder, got {data!r:.80}")
        found = recipes.named(data).load(np.random.default_rng(model.seed))
        return found.x_test, found.y_test
    if not Path(data).is_file():
        raise ValueError(f"{_DIFFERENT}; got {data!r:.80}")
    table = model.encoding.read(data)
    targets = model.encoding.targets(table.y) if len(table.y) else table.y
    return model.encoding.inputs(table.x), targets
