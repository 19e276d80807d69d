"""The commands ``evaluate`` and ``predict``: what a trained network makes of data."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp.commands import recipes
from tinygrad_mlp.commands.encoding import Model
from tinygrad_mlp.nn.metrics import metrics_of
from tinygrad_mlp.nn.objectives import CLASSIFYING, Objective, Samples

if TYPE_CHECKING:
    from tinygrad_mlp.nn import Network

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
            name, help=about.partition(",")[0], description=f"{about}  {_WITHOUT_DATA}"
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
    is_numbers = model.encoding is not None and not model.encoding.table.classes
    print(f"samples   {len(x)}")
    print(f"loss      {Objective(model.loss).mean(Samples(x, y), output):.6g}")
    if not is_numbers:
        middle = 0.0 if model.loss in CLASSIFYING else 0.5
        print(f"accuracy  {recipes.right(y, output, middle):.1%}")
    for name, metric in metrics_of(options.metrics or (("r2",) if is_numbers else ())).items():
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
    is_linear = model.loss in CLASSIFYING or (
        model.encoding is not None and not model.encoding.table.classes
    )
    network = recipes.build(model.sizes, model.activation, 0, is_linear=is_linear)
    network.load_weights(folder / "weights.npz")
    return model, network


def samples(model: Model, data: str | None) -> tuple[Any, Any]:
    """Return inputs and targets: of a file, or those that the training kept back."""
    if model.encoding is None:
        name = model.data if data is None else data
        if name not in recipes.RECIPES and not Path(name).is_dir():
            known = ", ".join(recipes.RECIPES)
            raise ValueError(f"--data must be one of {known}, or an IDX folder, got {name!r:.80}")
        recipe = recipes.RECIPES[name] if name in recipes.RECIPES else recipes.folder(name)
        found = recipe.load(np.random.default_rng(model.seed))
        return found.x_test, found.y_test
    if data is None:
        table = model.encoding.read(model.data)
        # The same seed keeps the same rows back.
        split = recipes.split_of(table, np.random.default_rng(model.seed))
        x, y = split.x_test, split.y_test
    elif not Path(data).is_file():
        raise ValueError(f"{_DIFFERENT}; got {data!r:.80}")
    else:
        table = model.encoding.read(data)
        x, y = table.x, table.y
    return model.encoding.inputs(x), model.encoding.targets(y) if len(y) else y
