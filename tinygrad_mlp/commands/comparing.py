"""``tinygrad-mlp train --compare``: the same data with several settings, in a table and a chart."""

from __future__ import annotations

import argparse
import copy
import shlex
import sys
from pathlib import Path

from tinygrad_mlp.commands.ending import Ending
from tinygrad_mlp.commands.running import Run, make_folder, prepared
from tinygrad_mlp.drawing import draw_curves

#: What belongs to all settings together.
_COMMON = (
    "data",
    "target",
    "categorical",
    "ignore",
    "delimiter",
    "out",
    "compare",
    "seed",
    "resume",
)


def compare(options: argparse.Namespace, ending: Ending) -> int:
    """Train with each setting, and print a table and write a chart of the test set."""
    settings = dict.fromkeys(options.compare)
    # The numbers tell settings apart whose ends the chart has no room for.
    runs = {
        f"{number} {setting}": prepared(_with(options, setting))
        for number, setting in enumerate(settings, start=1)
    }
    out = options.out or Path("out")
    make_folder(out)
    first = next(iter(runs.values()))
    name = first.score_name
    width = max(map(len, runs))
    print(f"{'  setting':{width}}  epochs  seconds  test loss  test {name}  loss")
    for setting, run in runs.items():
        with ending.waiting():
            run.fit(ending, is_told=False)
        print(f"{setting:{width}}  {_row(run)}")
        for warning in run.warnings:
            print(f"tinygrad-mlp: warning: {setting}: {warning}", file=sys.stderr)
    path = out / "comparison.svg"
    draw_curves(
        {setting: run.scores for setting, run in runs.items()},
        x={setting: run.marks for setting, run in runs.items()},
        title=f"The test set of {first.model.data}",
        x_label="epoch",
        y_label=name,
    ).save(path)
    print(f"wrote {path}: the {name} of each in the course of its training")
    return 0


def _row(run: Run) -> str:
    told = run.network.evaluate(run.data.x_test, run.data.y_test, metrics=[run.score])
    score = f"{told['score']:.3f}" if run.model.is_numbers else f"{told['score']:.1%}"
    column = len(f"test {run.score_name}")
    return (
        f"{run.made:>6}  {run.seconds:>7.1f}  {told['loss']:>9.4g}  {score:>{column}}  "
        f"{run.model.loss}"
    )


def _with(options: argparse.Namespace, setting: str) -> argparse.Namespace:
    """Return the options with those of a setting instead."""
    words = shlex.split(setting)
    for word in words:
        name = word.lstrip("-").partition("=")[0]
        if name in _COMMON:
            raise argparse.ArgumentError(None, f"--compare: --{name} is the same for all settings")
    changed = [f"--{word.lstrip('-')}" for word in words]
    found: argparse.Namespace = options.parser.parse_args(changed, copy.copy(options))
    return found
