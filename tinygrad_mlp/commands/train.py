"""The command ``tinygrad-mlp train``: a network learns a data set, and is drawn."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

from tinygrad_mlp.commands import recipes
from tinygrad_mlp.commands.draw import at_least
from tinygrad_mlp.commands.ending import Ending
from tinygrad_mlp.drawing import draw_network, save_drawing
from tinygrad_mlp.drawing.charts.curves import line_chart_svg
from tinygrad_mlp.drawing.picture import Picture
from tinygrad_mlp.nn import ActivationLayer, Network
from tinygrad_mlp.ops.losses import mse

#: What ``train`` writes, and what each file is.
_FILES = {
    "graph.svg": "the graph of the loss of one test sample, with every value and gradient",
    "graph.dot": "the same, for Graphviz",
    "network.svg": "the trained network: blue weights are positive, orange ones negative",
    "loss.svg": "the learning curve",
    "weights.npz": "the weights, for Network.load_weights and numpy.load",
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
            "Train a multilayer perceptron by gradient descent on half the squared error.\n\n"
            "In each epoch one random batch is taken, the gradient of its loss is computed by\n"
            "walking the graph of the computation backwards, and every weight moves a little\n"
            "against it: weight = weight - learning_rate * gradient / batch_size.\n"
            "Ctrl-C, or kill, saves the weights of the last complete step."
        ),
        epilog=(
            f"data sets:\n{data_sets}\n"
            "  FOLDER   a folder of MNIST's four files, plain or .gz\n\n"
            f"activations:\n{activations}\n\n"
            f"what it writes into the output folder:\n{_list_of_files()}\n\n"
            "examples:\n"
            "  tinygrad-mlp train\n"
            "  tinygrad-mlp train --data spirals --layers 2-32-16-3 --activation tanh\n"
            "  tinygrad-mlp train --data xor --learning-rate 0.5   # watch it learn too slowly"
        ),
    )
    add = train_parser.add_argument
    add("--data", default="digits", metavar="NAME", help="a data set (default: digits)")
    add("--layers", type=_sizes, metavar="SIZES", help="such as 64-32-10: inputs, hidden, outputs")
    add("--activation", default="sigmoid", choices=list(recipes.MANNERS), help="default: sigmoid")
    add("--epochs", type=at_least(0), metavar="N", help="how many batches to learn from")
    add("--learning-rate", type=_rate, metavar="X", help="default: what suits the activation")
    add("--batch-size", type=at_least(1), metavar="N", help="samples in a batch (default: 64)")
    add("--seed", type=at_least(0), default=1, metavar="N", help="same seed, same run (default: 1)")
    add("--out", type=Path, default=Path("out"), metavar="FOLDER", help="(default: out)")


def train(options: argparse.Namespace, ending: Ending) -> int:
    """Train as the options say, and write the pictures and the weights."""
    if options.data in recipes.RECIPES:
        recipe = recipes.RECIPES[options.data]
    elif Path(options.data).is_dir():
        recipe = recipes.folder(options.data)
    else:
        known = ", ".join(recipes.RECIPES)
        raise argparse.ArgumentError(
            None, f"--data must be one of {known}, or a folder, got {options.data!r:.80}"
        )
    rng = np.random.default_rng(options.seed)
    data = recipe.load(rng)
    x_train, y_train, x_test, y_test = data
    sizes = _fitting_sizes(options.layers, x_train.shape[1], recipe.hidden, y_train.shape[1])
    if options.activation == "softmax" and sizes[-1] == 1:
        raise argparse.ArgumentError(
            None,
            f"--activation softmax needs two outputs or more, and {options.data} has one, of "
            "which softmax would make 1 whatever comes in; sigmoid is for one output",
        )
    network = recipes.build(sizes, options.activation, rng)
    epochs = recipe.epochs if options.epochs is None else options.epochs
    batch_size = options.batch_size or recipe.batch_size
    rate = options.learning_rate or recipes.learning_rate(options.activation, network, x_train)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise argparse.ArgumentError(
            None, f"--out must be a folder, and {options.out} is a file"
        ) from None

    curve = recipes.Curve([], [], [])
    weights = options.out / "weights.npz"
    with ending.waiting():
        try:
            _announce(options, data, sizes, network)
            print(
                f"training  {epochs:,} batches of {min(batch_size, len(x_train))}, rate {rate:.3g}"
            )
            with np.errstate(over="ignore", invalid="ignore"):  # fit stops at what is not finite
                network.fit(
                    x_train,
                    y_train,
                    epochs=epochs,
                    learning_rate=rate,
                    batch_size=batch_size,
                    rng=rng,
                    callback=_progress(network, data, epochs, curve, ending),
                )
        except KeyboardInterrupt as end:
            end.add_note(f"{weights} has the last complete step")
            raise
        finally:  # whatever happened, and whatever happens to the pictures
            network.save_weights(weights)
    shares = [recipes.accuracy(network, x, y) for x, y in ((x_train, y_train), (x_test, y_test))]
    print("accuracy  {:.1%} of the training set, {:.1%} of the test set".format(*shares))
    _warn_of_chance(options, shares[0], recipes.chance(y_train))
    _write(options.out, network, (x_test[-1:], y_test[-1:]), curve)
    return 0


def _announce(
    options: argparse.Namespace, data: tuple[Any, ...], sizes: tuple[int, ...], network: Network
) -> None:
    x_train, _, x_test, _ = data
    count = sum(parameter.size for parameter in network.parameters())
    kinds = " then ".join(
        dict.fromkeys(
            layer.activation for layer in network.layers if isinstance(layer, ActivationLayer)
        )
    )
    print(f"data      {options.data}: {len(x_train)} samples to learn from, {len(x_test)} to test")
    print(f"network   {'-'.join(map(str, sizes))}, {kinds}, {count:,} parameters")


def _warn_of_chance(options: argparse.Namespace, share: float, chance: float) -> None:
    """Say it plainly if a network is hardly better than always naming the commonest class."""
    if share >= chance + (1 - chance) / 10:
        return
    other = "--activation" if options.activation == "identity" else "--learning-rate"
    print(
        "tinygrad-mlp: warning: the network has learned next to nothing: always naming the "
        f"commonest class is right for {chance:.1%}.  Try another {other}, more --epochs, or other "
        "--layers.",
        file=sys.stderr,
    )


def _progress(
    network: Network, data: tuple[Any, ...], epochs: int, curve: recipes.Curve, ending: Ending
) -> Any:
    """Return a callback that fills the curve, prints ten lines, and ends where a signal asks."""
    _, _, x_test, y_test = data
    marks = {round(epochs * tenth / 10) for tenth in range(1, 11)}
    every = max(1, epochs // 200)
    errors: list[float] = []  # since the last point of the curve
    printed: list[float] = []  # since the last line

    def callback(epoch: int, error: float) -> None:
        ending.check()
        done = epoch + 1
        errors.append(error)
        printed.append(error)
        if done % every == 0 or done == epochs:
            curve.epochs.append(done)
            curve.train.append(float(np.mean(errors)))
            curve.test.append(float(mse(y_test, network(x_test))))
            errors.clear()
        if done in marks:
            share = recipes.accuracy(network, x_test, y_test)
            mean = float(np.mean(printed))
            printed.clear()
            print(f"epoch {done:>6}/{epochs}   error {mean:.6f}   test accuracy {share:6.1%}")

    return callback


# ----- The files -----


def _list_of_files() -> str:
    return "\n".join(f"  {name:<12} {what}" for name, what in _FILES.items())


def _write(out: Path, network: Network, sample: tuple[Any, Any], curve: recipes.Curve) -> None:
    loss = recipes.sample_loss(network, *sample)
    save_drawing(loss, out / "graph.svg")
    save_drawing(loss, out / "graph.dot")
    draw_network(network).save(out / "network.svg")
    curves = line_chart_svg(
        {"training batches": curve.train, "test set": curve.test},
        x=curve.epochs,
        title="Learning curve",
        x_label="epoch",
        y_label="mean squared error / 2",
        logarithmic=True,
    )
    Picture(curves).save(out / "loss.svg")
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


def _fitting_sizes(
    given: tuple[int, ...] | None, inputs: int, hidden: tuple[int, ...], outputs: int
) -> tuple[int, ...]:
    if given is None:
        return (inputs, *hidden, outputs)
    if (given[0], given[-1]) != (inputs, outputs):
        raise argparse.ArgumentError(
            None,
            f"--layers must begin with {inputs} and end with {outputs} for this data, "
            f"such as {inputs}-{'-'.join(map(str, hidden))}-{outputs}, "
            f"got {'-'.join(map(str, given))}",
        )
    return given


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = np.nan
    if not 0 < rate < np.inf:
        raise argparse.ArgumentTypeError(f"wanted a positive number, got {text!r:.80}")
    return rate
