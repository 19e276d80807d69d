"""The command ``tinygrad-mlp``: train a network, and see it and any graph drawn."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tinygrad_mlp import __version__, draw_command, training
from tinygrad_mlp.engine import Value
from tinygrad_mlp.nn import Network
from tinygrad_mlp.nn.layers import ACTIVATIONS, FullyConnectedLayer
from tinygrad_mlp.ops.losses import half_squared_error, mse

_INTERRUPTED = 130  # what a shell reports for a program that Ctrl-C ended


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit code: 0 well, 1 failed, 2 misused, 130 interrupted."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a folder may have any name
    if options.command is None:
        parser.print_help()
        return 0
    try:
        return draw_command.draw(options) if options.command == "draw" else train(options)
    except KeyboardInterrupt:
        print("\ninterrupted")
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader has gone; a second complaint at exit would only repeat it.
        sys.stdout = None
        return 1
    except (OSError, ValueError, TypeError, ArithmeticError, RuntimeError, MemoryError) as error:
        print(f"tinygrad-mlp: error: {' '.join(str(error).split())}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tinygrad-mlp",
        description="A multilayer perceptron whose gradients come from a graph that one can see.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="command")
    data_sets = "\n".join(
        f"  {name:<8} {recipe.about}" for name, recipe in training.RECIPES.items()
    )
    train_parser = commands.add_parser(
        "train",
        help="train a network on a data set, and draw it",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=(
            "Train a multilayer perceptron by gradient descent on half the squared error.\n\n"
            "In each epoch one random batch is taken, the gradient of its loss is computed by\n"
            "walking the graph of the computation backwards, and every weight moves a little\n"
            "against it: weight = weight - learning_rate * gradient / batch_size."
        ),
        epilog=(
            f"data sets:\n{data_sets}\n"
            "  FOLDER   a folder of MNIST's four files, plain or .gz\n\n"
            "what it writes into the output folder:\n"
            "  graph.svg, graph.dot  the computation graph of a small network's loss, with every\n"
            "                        value and gradient (M. Mazur's worked example)\n"
            "  network.svg           the trained network: blue weights are positive\n"
            "  loss.svg              the learning curve\n"
            "  weights.npz           the weights, for Network.load_weights and numpy.load\n\n"
            "examples:\n"
            "  tinygrad-mlp train\n"
            "  tinygrad-mlp train --data spirals --layers 2-32-16-3 --activation tanh\n"
            "  tinygrad-mlp train --data xor --learning-rate 0.5   # watch it learn too slowly"
        ),
    )
    add = train_parser.add_argument
    add("--data", default="digits", metavar="NAME", help="a data set (default: digits)")
    add("--layers", type=_sizes, metavar="SIZES", help="such as 64-32-10: inputs, hidden, outputs")
    add("--activation", default="sigmoid", choices=list(ACTIVATIONS), help="(default: sigmoid)")
    add("--epochs", type=_at_least(0), metavar="N", help="how many batches to learn from")
    add("--learning-rate", type=_rate, metavar="X", help="how far each step goes")
    add("--batch-size", type=_at_least(1), metavar="N", help="samples in a batch (default: 64)")
    add(
        "--seed", type=_at_least(0), default=1, metavar="N", help="same seed, same run (default: 1)"
    )
    add("--out", type=Path, default=Path("out"), metavar="FOLDER", help="(default: out)")
    draw_command.add_parser(commands)
    return parser


# ----- Training -----


def train(options: argparse.Namespace) -> int:
    """Train as the options say, and write the pictures and the weights."""
    if options.data in training.RECIPES:
        recipe = training.RECIPES[options.data]
    elif Path(options.data).is_dir():
        recipe = training.folder(options.data)
    else:
        known = ", ".join(training.RECIPES)
        raise ValueError(f"--data must be one of {known}, or a folder, got {options.data!r:.80}")
    rng = np.random.default_rng(options.seed)
    data = recipe.load(rng)
    x_train, y_train, x_test, y_test = data
    sizes = _fitting_sizes(options.layers, x_train.shape[1], recipe.hidden, y_train.shape[1])
    network = training.build(sizes, options.activation, rng)
    epochs = recipe.epochs if options.epochs is None else options.epochs
    options.out.mkdir(parents=True, exist_ok=True)

    curve = training.Curve([], [], [])
    try:
        _announce(options, data, sizes, network)
        network.fit(
            x_train,
            y_train,
            epochs=epochs,
            learning_rate=options.learning_rate or recipe.learning_rate,
            batch_size=options.batch_size or recipe.batch_size,
            rng=rng,
            callback=_progress(network, data, epochs, curve),
        )
    except KeyboardInterrupt:
        print(f"\ninterrupted; {options.out / 'weights.npz'} has the last complete step")
        return _INTERRUPTED
    finally:  # whatever happened, and whatever happens to the pictures
        network.save_weights(options.out / "weights.npz")
    train_share, test_share = (
        training.accuracy(network, x, y) for x, y in ((x_train, y_train), (x_test, y_test))
    )
    print(f"accuracy  {train_share:.1%} of the training set, {test_share:.1%} of the test set")
    _write(options.out, network, curve)
    return 0


def _announce(
    options: argparse.Namespace, data: tuple[Any, ...], sizes: tuple[int, ...], network: Network
) -> None:
    x_train, _, x_test, _ = data
    count = sum(parameter.size for parameter in network.parameters())
    print(f"data      {options.data}: {len(x_train)} samples to learn from, {len(x_test)} to test")
    print(f"network   {'-'.join(map(str, sizes))}, {options.activation}, {count:,} parameters")


def _progress(network: Network, data: tuple[Any, ...], epochs: int, curve: training.Curve) -> Any:
    """Return a callback that fills the curve and prints a line ten times in a training."""
    _, _, x_test, y_test = data
    marks = {round(epochs * tenth / 10) for tenth in range(1, 11)}
    every = max(1, epochs // 200)
    errors: list[float] = []  # since the last point of the curve
    printed: list[float] = []  # since the last line

    def callback(epoch: int, error: float) -> None:
        done = epoch + 1
        errors.append(error)
        printed.append(error)
        if done % every == 0 or done == epochs:
            curve.epochs.append(done)
            curve.train.append(float(np.mean(errors)))
            curve.test.append(float(mse(y_test, network(x_test))))
            errors.clear()
        if done in marks:
            share = training.accuracy(network, x_test, y_test)
            mean = float(np.mean(printed))
            printed.clear()
            print(f"epoch {done:>6}/{epochs}   error {mean:.6f}   test accuracy {share:6.1%}")

    return callback


# ----- The files -----


def _write(out: Path, network: Network, curve: training.Curve) -> None:
    from tinygrad_mlp.drawing import draw_network, save_drawing  # here: --help needs no drawing
    from tinygrad_mlp.drawing.chart import line_chart_svg
    from tinygrad_mlp.files import atomic_file

    loss = small_graph()
    save_drawing(loss, out / "graph.svg")
    save_drawing(loss, out / "graph.dot")
    pictures = {
        "network.svg": draw_network(network).svg,
        "loss.svg": line_chart_svg(
            {"training batches": curve.train, "test set": curve.test},
            x=curve.epochs,
            title="Learning curve",
            x_label="epoch",
            y_label="mean squared error / 2",
            logarithmic=True,
        ),
    }
    for name, svg in pictures.items():
        with atomic_file(out / name) as file:
            file.write(svg.encode())
    print(f"wrote     graph.svg, graph.dot, network.svg, loss.svg, weights.npz into {out}/")


def small_graph() -> Value:
    """Return the differentiated loss of a 2-2-2 network, small enough to check by hand.

    The numbers are those of M. Mazur, *A Step by Step Backpropagation Example* (2015).

    Examples
    --------
    >>> round(small_graph().item(), 9)
    0.298371109
    """
    network = training.build((2, 2, 2), "sigmoid", rng=0)
    first, second = (layer for layer in network.layers if isinstance(layer, FullyConnectedLayer))
    first.weights, first.bias = [[0.15, 0.25], [0.20, 0.30]], [[0.35, 0.35]]
    second.weights, second.bias = [[0.40, 0.50], [0.45, 0.55]], [[0.60, 0.60]]
    x, y = Value([[0.05, 0.10]], label="x"), Value([[0.01, 0.99]], label="y")
    output = network(x)
    output.label = "ŷ"
    loss: Value = half_squared_error(y, output)
    loss.label = "L"
    loss.backward()
    return loss


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
        raise ValueError(
            f"--layers must begin with {inputs} and end with {outputs} for this data, "
            f"such as {inputs}-{'-'.join(map(str, hidden))}-{outputs}, "
            f"got {'-'.join(map(str, given))}"
        )
    return given


def _at_least(minimum: int) -> Any:
    def whole(text: str) -> int:
        number = int(text) if text.isascii() and text.lstrip("-").isdigit() else minimum - 1
        if number < minimum:
            raise argparse.ArgumentTypeError(
                f"wanted a whole number from {minimum}, got {text!r:.80}"
            )
        return number

    return whole


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = np.nan
    if not 0 < rate < np.inf:
        raise argparse.ArgumentTypeError(f"wanted a positive number, got {text!r:.80}")
    return rate
