"""Writes published.json: 50 steps of each optimizer and schedule of PyTorch.

Run by hand where PyTorch is installed.  The parameters begin at
fixed numbers, and the gradients are those of a fixed function, which the tests compute again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

STEPS = 50
FILE = Path(__file__).with_suffix(".json")
STARTS = [[[0.5, -1.25], [2.0, 0.125], [-0.75, 1.5]], [[0.25, -0.5]]]
OPTIMIZERS: dict[str, tuple[str, dict[str, Any]]] = {
    "SGD": ("SGD", {"lr": 0.1}),
    "SGD(weight_decay=0.1)": ("SGD", {"lr": 0.1, "weight_decay": 0.1}),
    "SGD(momentum=0.9)": ("SGD", {"lr": 0.01, "momentum": 0.9}),
    "SGD(momentum=0.9, nesterov=True, weight_decay=0.01)": (
        "SGD",
        {"lr": 0.01, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
    ),
    "RMSProp": ("RMSprop", {}),
    "RMSProp(smoothing=0.9, epsilon=1e-3, momentum=0.5, centered=True, weight_decay=0.1)": (
        "RMSprop",
        {"alpha": 0.9, "eps": 1e-3, "momentum": 0.5, "centered": True, "weight_decay": 0.1},
    ),
    "Adam": ("Adam", {}),
    "Adam(betas=(0.5, 0.9), epsilon=1e-3, weight_decay=0.1)": (
        "Adam",
        {"lr": 0.01, "betas": (0.5, 0.9), "eps": 1e-3, "weight_decay": 0.1},
    ),
    "AdamW": ("AdamW", {}),
    "AdamW(weight_decay=0.5)": ("AdamW", {"lr": 0.05, "weight_decay": 0.5}),
    "Adagrad": ("Adagrad", {}),
    "Adagrad(initial=0.5, weight_decay=0.1)": (
        "Adagrad",
        {"lr": 0.1, "initial_accumulator_value": 0.5, "weight_decay": 0.1},
    ),
    "chain(ClipByNorm(0.5), SGD())": ("norm", {"lr": 0.1}),
    "chain(ClipByValue(0.5), SGD())": ("value", {"lr": 0.1}),
}
SCHEDULES: dict[str, tuple[str, dict[str, Any]]] = {
    "StepDecay(0.5, every=7, factor=0.3)": ("StepLR", {"step_size": 7, "gamma": 0.3}),
    "CosineDecay(0.5, steps=50, final=0.01)": ("CosineAnnealingLR", {"T_max": 50, "eta_min": 0.01}),
    "OneCycle(0.5, steps=50)": ("OneCycleLR", {"max_lr": 0.5, "total_steps": 50}),
    "OneCycle(0.5, steps=50, rising=0.5, start=4.0, end=100.0)": (
        "OneCycleLR",
        {"max_lr": 0.5, "total_steps": 50, "pct_start": 0.5, "div_factor": 4.0,
         "final_div_factor": 100.0},
    ),
}  # fmt: skip


def loss(parameters: list[Any]) -> Any:
    """Return a function of all parameters, neither convex nor even: sum of w⁴/4 - w² + sin w."""
    return sum((w**4 / 4 - w**2 + torch.sin(w)).sum() for w in parameters)


def trained(kind: str, options: dict[str, Any], dtype: Any) -> dict[str, Any]:
    """Return the rate, and the parameters after steps 1, 2, 10 and 50."""
    parameters = [torch.tensor(x, dtype=dtype, requires_grad=True) for x in STARTS]
    clip = kind if kind in {"norm", "value"} else None
    optimizer = getattr(torch.optim, "SGD" if clip else kind)(parameters, foreach=False, **options)
    after = {}
    for step in range(1, STEPS + 1):
        optimizer.zero_grad()
        loss(parameters).backward()
        if clip == "norm":
            torch.nn.utils.clip_grad_norm_(parameters, 0.5)
        elif clip == "value":
            torch.nn.utils.clip_grad_value_(parameters, 0.5)
        optimizer.step()
        if step in {1, 2, 10, STEPS}:
            after[step] = [w.tolist() for w in parameters]
    return {"rate": optimizer.param_groups[0]["lr"], "after": after}


def rates(kind: str, options: dict[str, Any]) -> list[float]:
    """Return the rates of all steps."""
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.5)
    schedule = getattr(torch.optim.lr_scheduler, kind)(optimizer, **options)
    found = []
    for _ in range(STEPS):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return found


if __name__ == "__main__":
    content = {
        "made_with": f"torch {torch.__version__}, tests/nn/optimizers/published.py",
        "starts": STARTS,
        "float64": {name: trained(*how, torch.float64) for name, how in OPTIMIZERS.items()},
        "float32": {name: trained(*how, torch.float32) for name, how in OPTIMIZERS.items()},
        "schedules": {name: rates(*how) for name, how in SCHEDULES.items()},
    }
    FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
