"""Print how long a classifier trains, as Markdown: a pass over the data, against other libraries.

    python benchmarks/training.py [--quick]

Softmax regression on one hidden layer of relus, batches of 64 in the same order for all, plain
descent and Adam.  Contenders are processes of their own and take turns, after a check that they
end with the same weights (see ``measuring``); scikit-learn draws an order of its own.  Times are
those of the processor; a ratio is the median of ratios taken side by side, below 1 is faster.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from measuring import Entry, compare, machine, ratio

BATCH, RATE = 64, {"SGD": 0.1, "Adam": 0.001}
#: Passes of one run, which are one call of ``fit``.
PASSES = 5
PROBLEMS = (([64, 32, 10], 1_437, "float64"), ([784, 128, 10], 10_000, "float32"))
ENTRIES = (
    Entry("NumPy by hand, in place", "training:start_by_hand", steps=PASSES),
    Entry("fit", "training:start_fit", steps=PASSES),
    Entry("PyTorch", "training:start_torch", steps=PASSES),
    Entry("scikit-learn", "training:start_sklearn", steps=PASSES, is_checked=False),
)

Run = Callable[[], Any]


# ----- What all of them train on -----


def data(sizes: list[int], count: int, dtype: str) -> tuple[Any, Any, list[Any]]:
    """Return samples, numbers of classes, and weights to begin with."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(count, sizes[0])).astype(dtype)
    labels = (x @ rng.normal(size=(sizes[0], sizes[-1]))).argmax(1)
    weights = []
    for inputs, outputs in zip(sizes, sizes[1:], strict=False):
        scale = np.sqrt(2 / inputs)
        weights.append((scale * rng.normal(size=(inputs, outputs))).astype(dtype))
        weights.append(np.zeros((1, outputs), dtype))
    return x, labels, weights


def batches(rng: Any, count: int) -> Iterator[Any]:
    """Yield the rows of each batch of some passes, in the order that ``fit`` draws."""
    for _ in range(PASSES):
        order = rng.random(count).argsort()
        for start in range(0, count, BATCH):
            yield order[start : start + BATCH]


# ----- The contenders: each returns the weights after some passes -----


def start_fit(sizes: list[int], count: int, dtype: str, optimizer: str) -> Run:
    import tinygrad_mlp as tg

    x, labels, weights = data(sizes, count, dtype)
    network = tg.Network(verbose=False)
    for inputs, outputs in zip(sizes, sizes[1:], strict=False):
        network.add(tg.FullyConnectedLayer(inputs, outputs, rng=0, dtype=dtype))
        network.add(tg.ActivationLayer("relu"))
    del network.layers[-1]
    for parameter, numbers in zip(network.parameters(), weights, strict=True):
        parameter.data = numbers
    rng = np.random.default_rng(1)
    rule = getattr(tg.optimizers, optimizer)()

    def run() -> Any:
        network.fit(
            x,
            labels,
            epochs=PASSES,
            learning_rate=RATE[optimizer],
            batch_size=BATCH,
            full_pass=True,
            rng=rng,
            loss="softmax_cross_entropy",
            optimizer=rule,
        )
        return [parameter.data for parameter in network.parameters()]

    return run


def start_by_hand(sizes: list[int], count: int, dtype: str, optimizer: str) -> Run:
    x, labels, weights = data(sizes, count, dtype)
    W1, b1, W2, b2 = weights
    y = np.eye(sizes[-1], dtype=dtype)[labels]
    rng = np.random.default_rng(1)
    rooms: dict[int, tuple[Any, ...]] = {}
    mean, square, one, two = ([np.zeros_like(w) for w in weights] for _ in range(4))
    slopes = [np.zeros_like(w) for w in weights]
    rate, steps = RATE[optimizer], 0

    def room(n: int) -> tuple[Any, ...]:
        if n not in rooms:
            widths = sizes[0], sizes[-1], sizes[1], sizes[1], sizes[-1]
            rooms[n] = tuple(np.empty((n, width), dtype) for width in widths)
        return rooms[n]

    def run() -> Any:
        nonlocal steps
        for rows in batches(rng, count):
            inputs, targets, hidden, back, out = room(len(rows))
            x.take(rows, 0, inputs, "clip")
            y.take(rows, 0, targets, "clip")
            np.matmul(inputs, W1, hidden)
            hidden += b1
            np.maximum(hidden, 0, hidden)
            np.matmul(hidden, W2, out)
            out += b2
            out -= out.max(1, keepdims=True)
            np.exp(out, out)
            out /= out.sum(1, keepdims=True)
            out -= targets
            out /= len(rows)
            np.matmul(hidden.T, out, slopes[2])
            out.sum(0, keepdims=True, out=slopes[3])
            np.matmul(out, W2.T, back)
            back *= hidden > 0
            np.matmul(inputs.T, back, slopes[0])
            back.sum(0, keepdims=True, out=slopes[1])
            steps += 1
            if optimizer == "SGD":
                for w, g in zip(weights, slopes, strict=True):
                    g *= rate
                    w -= g
                continue
            size, root = rate / (1 - 0.9**steps), np.sqrt(1 - 0.999**steps)
            for arrays in zip(weights, slopes, mean, square, one, two, strict=True):
                adam(*arrays, size, root)
        return weights

    return run


def adam(w: Any, g: Any, m: Any, s: Any, t: Any, u: Any, size: float, root: float) -> None:
    """Move one parameter as Adam does, in place; ``t`` and ``u`` are room to compute in."""
    m *= 0.9
    np.multiply(g, 0.1, t)
    m += t
    s *= 0.999
    np.multiply(g, g, t)
    t *= 0.001
    s += t
    np.sqrt(s, t)
    t /= root
    t += 1e-8
    np.divide(m, t, u)
    u *= size
    w -= u


def start_torch(sizes: list[int], count: int, dtype: str, optimizer: str) -> Run:
    import torch

    torch.set_num_threads(1)
    x, labels, weights = data(sizes, count, dtype)
    layers: list[Any] = []
    kind = getattr(torch, dtype)
    for inputs, outputs in zip(sizes, sizes[1:], strict=False):
        layers += [torch.nn.Linear(inputs, outputs, dtype=kind), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    with torch.no_grad():
        for parameter, numbers in zip(model.parameters(), weights, strict=True):
            parameter.copy_(torch.tensor(numbers.T if len(numbers) > 1 else numbers[0]))
    inputs, targets = torch.tensor(x), torch.tensor(labels)
    rule = getattr(torch.optim, optimizer)(model.parameters(), lr=RATE[optimizer])
    rng = np.random.default_rng(1)

    def run() -> Any:
        for rows in batches(rng, count):
            picked = torch.from_numpy(rows)
            loss = torch.nn.functional.cross_entropy(model(inputs[picked]), targets[picked])
            rule.zero_grad()
            loss.backward()
            rule.step()
        return [p.detach().t().contiguous() for p in model.parameters()]

    return run


def start_sklearn(sizes: list[int], count: int, dtype: str, optimizer: str) -> Run:
    from sklearn.neural_network import MLPClassifier

    x, labels, _ = data(sizes, count, dtype)
    model = MLPClassifier(
        tuple(sizes[1:-1]),
        solver=optimizer.lower(),
        alpha=0.0,
        batch_size=BATCH,
        learning_rate_init=RATE[optimizer],
        momentum=0.0,
        nesterovs_momentum=False,
        random_state=0,
    )
    classes = np.arange(sizes[-1])

    def run() -> Any:
        for _ in range(PASSES):
            model.partial_fit(x, labels, classes=classes)  # makes one pass
        return model.coefs_

    return run


def main() -> None:
    quick = "--quick" in sys.argv[1:]
    titles = [entry.title for entry in ENTRIES]
    print(f"| network, samples, type, optimizer | {' | '.join(titles)} |")
    print("| --- " * (len(titles) + 1) + "|")
    for sizes, count, dtype in PROBLEMS:
        for optimizer in RATE:
            tolerance = 1e-9 if dtype == "float64" else 5e-2
            times = compare(
                ENTRIES,
                [sizes, count, dtype, optimizer],
                rounds=3 if quick else 15,
                span=0.1,
                steps=PASSES,
                tolerance=tolerance,
            )
            base = times[0]
            assert base is not None
            cells = [f"{1e3 * sorted(base)[len(base) // 2]:.1f} ms"]
            cells += ["-" if t is None else f"{ratio(t, base):.2f}" for t in times[1:]]
            name = f"{'-'.join(map(str, sizes))}, {count:,}, {dtype}, {optimizer}"
            print(f"| {name} | {' | '.join(cells)} |", flush=True)
    print(f"\n{machine()}")


if __name__ == "__main__":
    main()
