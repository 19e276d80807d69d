"""Writes published.json: activations and normalizing layers of PyTorch, in float64.

Run by hand where PyTorch is installed.  Inputs are written down too, so that nothing is random.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional

FILE = Path(__file__).with_suffix(".json")
ACTIVATIONS: dict[str, Any] = {
    "leaky_relu": functional.leaky_relu,
    "leaky_relu(0.25)": lambda x: functional.leaky_relu(x, 0.25),
    "elu": functional.elu,
    "elu(1.5)": lambda x: functional.elu(x, 1.5),
    "selu": functional.selu,
    "silu": functional.silu,
    "gelu": lambda x: functional.gelu(x, approximate="tanh"),
}
POINTS = [-1000.0, -40.0, -6.5, -3.0, -1.0, -0.3, -1e-9, 0.0, 1e-9, 0.2, 1.0, 2.5, 7.0, 50.0, 1e4]
BATCHES = 4
SIZES = 5, 3, 4, 2


def table(*shape: int) -> Any:
    """Return numbers of no pattern, from a sine."""
    count = torch.Size(shape).numel()
    return torch.sin(torch.arange(1.0, count + 1.0) ** 2).reshape(shape)


def activation(function: Any) -> list[list[float]]:
    """Return values, slopes and second derivatives at the points."""
    x = torch.tensor(POINTS, requires_grad=True)
    y = function(x)
    (slope,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    second = torch.zeros_like(x)
    if slope.requires_grad:
        (second,) = torch.autograd.grad(slope.sum(), x)
    return [y.tolist(), slope.tolist(), second.tolist()]


def normalized(layer: Any) -> list[dict[str, Any]]:
    """Return what a layer makes of some batches, gradients, and what it keeps after each."""
    with torch.no_grad():
        layer.weight.copy_(1.0 + 0.5 * table(3))
        layer.bias.copy_(table(3).flip(0))
    found = []
    for number in range(BATCHES):
        x = (2.0 * table(5, 3) + number).requires_grad_()
        upstream = table(3, 5).T
        layer.train()
        y = layer(x)
        gradients = torch.autograd.grad(y, [x, layer.weight, layer.bias], upstream)
        layer.eval()
        told = {"x": x, "upstream": upstream, "y": y, "predicted": layer(x)}
        told |= dict(zip(("by_x", "by_gain", "by_shift"), gradients, strict=True))
        told |= {name: b for name, b in layer.named_buffers() if b.ndim}
        found.append({name: tensor.tolist() for name, tensor in told.items()})
    return found


def trained() -> dict[str, Any]:
    """Return a training of a network with batch normalization, and what it predicts."""
    inputs, hidden, rows, outputs = SIZES
    network = nn.Sequential(
        nn.Linear(inputs, hidden), nn.BatchNorm1d(hidden), nn.Tanh(), nn.Linear(hidden, outputs)
    )
    starts = {}
    with torch.no_grad():
        for place, (name, parameter) in enumerate(network.named_parameters()):
            if not name.startswith("1."):
                parameter.copy_(table(*parameter.shape) + 0.1 * place)
            starts[name] = parameter.tolist()
    x, y = table(rows, inputs), table(rows, outputs)
    descent = torch.optim.SGD(network.parameters(), lr=0.1)
    for _ in range(20):
        descent.zero_grad()
        (0.5 * (network(x) - y).square().sum() / rows).backward()
        descent.step()
    network.eval()
    state = {name: tensor.tolist() for name, tensor in network.state_dict().items()}
    return {"starts": starts, "x": x.tolist(), "y": y.tolist(), "state": state,
            "predicted": network(x).tolist()}  # fmt: skip


def main() -> None:
    """Write the file."""
    torch.set_default_dtype(torch.float64)
    told = {
        "torch": torch.__version__,
        "points": POINTS,
        "activations": {name: activation(f) for name, f in ACTIVATIONS.items()},
        "BatchNorm": normalized(nn.BatchNorm1d(3)),
        "BatchNorm(momentum=0.3, epsilon=0.01)": normalized(
            nn.BatchNorm1d(3, momentum=0.3, eps=0.01)
        ),
        "LayerNorm": normalized(nn.LayerNorm(3)),
        "trained": trained(),
    }
    FILE.write_text(json.dumps(told, indent=None, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
