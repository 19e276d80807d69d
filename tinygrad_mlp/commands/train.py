"""The command ``tinygrad-mlp train``: a network learns a data set, and is drawn."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

from tinygrad_mlp.commands import recipes
from tinygrad_mlp.commands.applying import add_metrics
from tinygrad_mlp.commands.comparing import compare
from tinygrad_mlp.commands.draw import at_least
from tinygrad_mlp.commands.ending import Ending
from tinygrad_mlp.commands.running import OPTIMIZERS, Run, make_folder, prepared, resumed
from tinygrad_mlp.drawing import draw_curves, draw_network, save_drawing
from tinygrad_mlp.nn import ActivationLayer
from tinygrad_mlp.nn.metrics import metrics_of
from tinygrad_mlp.nn.objectives import LOSSES

#: What ``train`` writes, and what each file is.
_FILES = {
    "graph.svg": "the graph of the loss of one test sample, with every value and gradient",
    "graph.dot": "the same, for Graphviz",
    "network.svg": "the trained network: blue weights are positive, orange ones negative",
    "loss.svg": "the learning curve",
    "weights.npz": "the weights, for Network.load_weights and numpy.load",
    "network.npz": "the whole network, for Network.load and for --resume",
    "model.json": "what else `evaluate` and `predict` need to know",
}


def add_parser(commands: Any) -> None:
    """Add the command to those of the program."""
    data_sets = "\n".join(f"  {name:<8} {recipe.about}" for name, recipe in recipes.RECIPES.items())
    activations = "\n".join(
        f"  {name:<8} {manner.hidden} after hidden layers, {manner.last} after the last layer"
        for name, manner in recipes.MANNERS.items()
    )
    train_parser = commands.add_parser(
        "train",
        help="train a network on a data set, and draw it",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=(
            "Train a multilayer perceptron by gradient descent, unless told otherwise on half the\n"
            "squared error.\n\n"
            "In each epoch one random batch is taken, the gradient of its loss is computed by\n"
            "walking the graph of the computation backwards, and every weight moves a little\n"
            "against it: weight = weight - learning_rate * gradient / batch_size.\n"
            "Ctrl-C, or kill, saves the weights of the last complete step."
        ),
        epilog=(
            f"data sets:\n{data_sets}\n"
            "  FOLDER   a folder of MNIST's four files, plain or .gz\n"
            "  FILE     a table as CSV, whose first line names the columns\n\n"
            f"activations:\n{activations}\n"
            "  Of logits and numbers nothing comes after the last layer.\n\n"
            "settings to compare: options without their dashes, several in quotes, such as\n"
            "  --compare optimizer=sgd 'optimizer=adam learning-rate=0.01'\n\n"
            f"what it writes into the output folder:\n{_list_of_files()}\n\n"
            "examples:\n"
            "  tinygrad-mlp train\n"
            "  tinygrad-mlp train --data spirals --layers 2-32-16-3 --activation tanh\n"
            "  tinygrad-mlp train --data xor --learning-rate 0.5   # watch it learn too slowly\n"
            "  tinygrad-mlp train --data flowers.csv --target kind --validation 0.2 --patience 20\n"
            "  tinygrad-mlp train --compare activation=tanh activation=relu 'layers=64-10'"
        ),
    )
    add = train_parser.add_argument
    add("--data", metavar="NAME", help="a data set (default: digits)")
    add("--layers", type=_sizes, metavar="SIZES", help="such as 64-32-10: inputs, hidden, outputs")
    add("--activation", choices=list(recipes.MANNERS), help="default: sigmoid; of tables, tanh")
    add("--epochs", type=at_least(0), metavar="N", help="how many batches to learn from, or passes")
    add("--full-pass", action="store_true", help="an epoch is a pass over all samples")
    add("--learning-rate", type=_rate, metavar="X", help="default: what suits the activation")
    add("--batch-size", type=at_least(1), metavar="N", help="samples in a batch (default: 64)")
    add("--loss", choices=list(LOSSES), help="default: half_squared_error; of tables, what suits")
    add("--optimizer", choices=list(OPTIMIZERS), help="default: sgd; of tables, adam")
    add("--validation", type=_share, metavar="SHARE", help="keep this share back, such as 0.1")
    add("--patience", type=at_least(1), metavar="N", help="stop after N epochs without progress")
    add_metrics(add)
    add("--seed", type=at_least(0), metavar="N", help="same seed, same run (default: 1)")
    add("--out", type=Path, metavar="FOLDER", help="(default: out)")
    add("--resume", type=Path, metavar="FOLDER", help="go on with the training in this folder")
    add("--compare", nargs="+", default=(), metavar="SETTING", help="train with each, and compare")
    add = train_parser.add_argument_group("tables").add_argument
    add("--target", metavar="COLUMN", help="what to predict (default: the last column)")
    add("--categorical", type=_names, default=(), metavar="COLUMNS", help="numbers that are names")
    add("--ignore", type=_names, default=(), metavar="COLUMNS", help="to leave out")
    add("--delimiter", default=",", metavar="C", help="what stands between cells (default: ,)")
    train_parser.set_defaults(parser=train_parser)


def train(options: argparse.Namespace, ending: Ending) -> int:
    """Train as the options say, and write the pictures and the weights."""
    if options.compare and options.resume is None:
        return compare(options, ending)
    run = prepared(options) if options.resume is None else resumed(options)
    out = options.out or options.resume or Path("out")
    make_folder(out)
    weights, run.saved = out / "weights.npz", out / "network.npz"
    with ending.waiting():
        try:
            _announce(run)
            run.model.save(out / "model.json")
            run.fit(ending, is_told=True)
        except KeyboardInterrupt as end:
            end.add_note(f"{weights} has the last complete step")
            raise
        finally:  # whatever happened, and whatever happens to the pictures
            run.network.save_weights(weights)
            run.network.save(run.saved)
    if run.stopped:
        print(f"stopped   after {run.made} epochs by {run.stopped}")
    data, outputs = run.data, [run.network(x) for x in (run.data.x_train, run.data.x_test)]
    scores = [run.score(y, o) for y, o in zip((data.y_train, data.y_test), outputs, strict=True)]
    form = "{:9} {:.3f}" if run.model.is_numbers else "{:9} {:.1%}"
    print(form.format(run.score_name, scores[0]), "of the training set,", end=" ")
    print(form.format("", scores[1]).strip(), "of the test set")
    for name, metric in metrics_of(options.metrics, run.model.loss).items():
        print(f"{name:9} {metric(data.y_test, outputs[1]):.6g} on the test set")
    _warn(options, run, scores[0])
    _write(out, run)
    return 0


def _announce(run: Run) -> None:
    model, data = run.model, run.data
    count = sum(parameter.size for parameter in run.network.parameters())
    kinds = " then ".join(
        dict.fromkeys(
            layer.activation for layer in run.network.layers if isinstance(layer, ActivationLayer)
        )
    )
    tested = f"{len(data.x_test)} to test"
    print(f"data      {model.data}: {len(data.x_train)} samples to learn from, {tested}")
    print(f"network   {'-'.join(map(str, model.sizes))}, {kinds}, {count:,} parameters")
    what = f"passes in batches of {model.batch_size}"
    if not model.full_pass:
        what = f"batches of {model.batch_size}"
    rate = "" if run.learning_rate is None else f", rate {run.learning_rate:.3g}"
    told = [] if model.loss == "half_squared_error" else [model.loss]
    told += [] if model.optimizer == "sgd" else [model.optimizer]
    print(f"training  {run.epochs:,} {'' if run.rng else 'further '}{what}{rate}", *told, sep=", ")


def _warn(options: argparse.Namespace, run: Run, share: float) -> None:
    """Say it plainly if a network is hardly better than always naming the commonest class."""
    told = run.warnings
    if not told and not run.model.is_numbers:
        chance = recipes.chance(run.data.y_train)
        if share < chance + (1 - chance) / 10:
            other = "--activation" if options.activation == "identity" else "--learning-rate"
            text = (
                "the network has learned next to nothing: always naming the commonest class is "
                f"right for {chance:.1%}.  Try another {other}, more --epochs, or other --layers."
            )
            told = [text]
    for text in told:
        print(f"tinygrad-mlp: warning: {text}", file=sys.stderr)


# ----- The files -----


def _list_of_files() -> str:
    return "\n".join(f"  {name:<12} {what}" for name, what in _FILES.items())


def _write(out: Path, run: Run) -> None:
    sample = run.data.x_test[-1:], run.data.y_test[-1:]
    loss = recipes.sample_loss(run.network, *sample, run.model.loss)
    save_drawing(loss, out / "graph.svg")
    save_drawing(loss, out / "graph.dot")
    draw_network(run.network).save(out / "network.svg")
    is_default = run.model.loss == "half_squared_error"
    draw_curves(
        {"training batches": run.train, "test set": run.test},
        x=run.marks,
        title="Learning curve",
        x_label="epoch",
        y_label="mean squared error / 2" if is_default else run.model.loss.replace("_", " "),
        logarithmic=True,
    ).save(out / "loss.svg")
    print(f"wrote into {out}:\n{_list_of_files()}")


# ----- Options -----


def _sizes(text: str) -> tuple[int, ...]:
    parts = text.replace(",", "-").split("-")
    whole = all(part.isascii() and part.isdigit() and len(part) < 7 for part in parts)
    if len(parts) < 2 or not whole or not all(int(part) for part in parts):
        raise argparse.ArgumentTypeError(
            f"wanted sizes such as 64-32-10, each from 1 to 999999, got {text!r:.80}"
        )
    return tuple(int(part) for part in parts)


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = np.nan
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(f"wanted a share such as 0.1, got {text!r:.80}")
    return share


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = np.nan
    if not 0 < rate < np.inf:
        raise argparse.ArgumentTypeError(f"wanted a positive number, got {text!r:.80}")
    return rate
