"""Draw eight subjects, from a neuron to 5,000 operations, with default options.

    python tools/eight_subjects.py FOLDER
    python tools/eight_subjects.py --check

Each picture is an SVG, and a PNG beside it where ``rsvg-convert`` is installed.  ``--check`` only
looks whether those that should fit a slide do.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

import tinygrad_mlp as tg
from tinygrad_mlp.drawing.builtin.fitting import arranged
from tinygrad_mlp.drawing.sheet import SHEETS
from tinygrad_mlp.drawing.style import DEFAULT
from tinygrad_mlp.graphs.fold import fold
from tinygrad_mlp.graphs.scopes import placed


def neuron() -> tg.Value:
    """Return the output of a neuron with two inputs, differentiated."""
    x1, x2 = tg.Value(2.0, label="x1"), tg.Value(0.0, label="x2")
    w1, w2 = tg.Value(-3.0, label="w1"), tg.Value(1.0, label="w2")
    n = x1 * w1 + x2 * w2 + tg.Value(6.88, label="b")
    n.label = "n"
    o = tg.tanh(n)
    o.label = "o"
    o.backward()
    return o


def network_loss(*sizes: int) -> tg.Value:
    """Return the loss of a network on one example, differentiated."""
    rng = np.random.default_rng(0)
    value = tg.Value(rng.normal(size=(1, sizes[0])), label="x")
    for number, (inputs, outputs) in enumerate(zip(sizes, sizes[1:], strict=False), start=1):
        with tg.scope(f"layer{number}"):
            W = tg.Value(rng.normal(size=(inputs, outputs)), label=f"W{number}")
            b = tg.Value(rng.normal(size=(1, outputs)), label=f"b{number}")
            value = tg.sigmoid(tg.affine(value, W, b))
    with tg.scope("loss"):
        loss = tg.mse(tg.Value(np.ones((1, sizes[-1])), label="y"), value)
    loss.label = "L"
    loss.backward()
    return loss


def two_three_one() -> tg.Value:
    """Return the loss of a network of 2, 3 and 1 neurons."""
    return network_loss(2, 3, 1)


def two_three_one_in_scalars() -> tg.Value:
    """Return the same, number by number."""
    loss = tg.expand(network_loss(2, 3, 1))
    loss.label = "L"
    loss.backward()
    return loss


def digits() -> tg.Value:
    """Return the cross-entropy of a network for handwritten digits, 784-128-10."""
    rng = np.random.default_rng(0)
    network = tg.Network(verbose=False)
    network.add(tg.FullyConnectedLayer(784, 128, rng=rng))
    network.add(tg.ActivationLayer("tanh"))
    network.add(tg.FullyConnectedLayer(128, 10, rng=rng))
    scores = network(tg.Value(rng.normal(size=(32, 784)), label="images"))
    labels = tg.Value(np.eye(10)[rng.integers(0, 10, 32)], label="labels")
    with tg.scope("loss"):
        loss = tg.softmax_cross_entropy(labels, scores)
    loss.label = "L"
    loss.backward()
    return loss


def skip_connection() -> tg.Value:
    """Return the sum of two steps with one weight, and of what passes them by."""
    rng = np.random.default_rng(0)
    x = tg.Value(rng.normal(size=(1, 4)), label="x")
    W = tg.Value(rng.normal(size=(4, 4)), label="W")
    h = x
    for number in (1, 2):
        with tg.scope(f"block{number}"):
            h = h + tg.tanh(h @ W)
    y = h.sum()
    y.label = "y"
    y.backward()
    return y


def square() -> tg.Value:
    """Return x * x."""
    x = tg.Value(3.0, label="x")
    y = x * x
    y.label = "y"
    y.backward()
    return y


def unrolled() -> tg.Value:
    """Return the last state of a recurrent network after twenty steps."""
    rng = np.random.default_rng(0)
    W, U = tg.Value(rng.normal(size=(4, 4)), "W"), tg.Value(rng.normal(size=(3, 4)), "U")
    h = tg.Value(np.zeros((1, 4)), label="h0")
    for step in range(1, 21):
        with tg.scope(f"step{step}"):
            h = tg.tanh(h @ W + tg.Value(rng.normal(size=(1, 3)), label=f"x{step}") @ U)
    h.label = "h"
    return h


def five_thousand() -> tg.Value:
    """Return a result of 5,000 operations on ten numbers."""
    rng = np.random.default_rng(0)
    values = [tg.Value(float(place), label=f"x{place}") for place in range(10)]
    for _ in range(5_000):
        one, other = rng.integers(max(0, len(values) - 40), len(values), 2)
        values.append(tg.tanh(values[one] + values[other]))
    return values[-1]


def attention() -> tg.Value:
    """Return one head of attention over five tokens."""
    rng = np.random.default_rng(0)
    x = tg.Value(rng.normal(size=(5, 8)), label="x")
    with tg.scope("attention"):
        Q, K, V = (
            x @ tg.Value(rng.normal(size=(8, 8)), label=name) for name in ("W_q", "W_k", "W_v")
        )
        Q.label, K.label, V.label = "Q", "K", "V"
        weights = tg.softmax(Q @ K.T / np.sqrt(8.0))
        weights.label = "A"
        result = weights @ V
    result.label = "out"
    return result


SUBJECTS: dict[str, Callable[[], tg.Value]] = {
    "1_neuron": neuron,
    "2_mlp_2_3_1": two_three_one,
    "2_mlp_2_3_1_scalars": two_three_one_in_scalars,
    "3_mlp_784_128_10": digits,
    "4_skip_connection": skip_connection,
    "5_square": square,
    "6_rnn_20_steps": unrolled,
    "7_five_thousand": five_thousand,
    "8_attention": attention,
}


#: What is larger than a slide, and drawn with letters of the usual size all the same.
LARGER = {"2_mlp_2_3_1_scalars", "6_rnn_20_steps"}


def main(folder: Path) -> None:
    """Draw all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in SUBJECTS.items():
        path = folder / f"{name}.svg"
        tg.save_drawing(make(), path)
        if shutil.which("rsvg-convert"):
            png = str(path.with_suffix(".png"))
            subprocess.run(["rsvg-convert", str(path), "-o", png], check=True)
        print(path)


def too_large() -> list[str]:
    """Return the names of those that should fit a slide in their natural size, and do not."""
    found = []
    for name in SUBJECTS.keys() - LARGER:
        width, height = arranged(fold(placed(tg.Graph.of(SUBJECTS[name]()))), DEFAULT).size
        if SHEETS["slide"].scale(width, height) < 1.0:
            found.append(f"{name} ({width:.0f} x {height:.0f})")
    return sorted(found)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if sys.argv[1] == "--check":
        large = too_large()
        sys.exit(f"larger than a slide: {', '.join(large)}" if large else 0)
    main(Path(sys.argv[1]))
