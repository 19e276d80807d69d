"""Node runs JavaScript outside of a browser, and numbers are compared."""

import json
import math
import subprocess

import numpy as np

LOOP = """
const told = (key, x) => (typeof x === "number" && !Number.isFinite(x) ? String(x) : x);
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { source, name, given } = JSON.parse(line);
  let answer;
  try {
    answer = { result: new Function(`"use strict"; ${source}; return ${name};`)()(...given) };
  } catch (error) {
    answer = { error: String(error) };
  }
  console.log(JSON.stringify(answer, told));
});
"""


def plain(x):
    """Arrays and tuples as lists, for JSON."""
    if isinstance(x, dict):
        return {key: plain(part) for key, part in x.items()}
    if isinstance(x, list | tuple):
        return [plain(part) for part in x]
    return x.tolist() if isinstance(x, np.ndarray | np.generic) else x


def differ(got, wanted, tolerance=1e-12):
    """The largest difference, in units of the tolerance at each number; 1 is as far as allowed."""
    wanted = plain(wanted)
    if isinstance(wanted, dict):
        assert list(got) == list(wanted)
        return max((differ(got[key], wanted[key], tolerance) for key in wanted), default=0.0)
    if isinstance(wanted, list):
        assert isinstance(got, list)
        assert len(got) == len(wanted)
        return max((differ(a, b, tolerance) for a, b in zip(got, wanted)), default=0.0)
    if isinstance(wanted, str) or wanted is None:
        return 0.0 if got == wanted else math.inf
    got, wanted = float(got), float(wanted)
    if math.isnan(wanted) or math.isinf(wanted):
        return 0.0 if got == wanted or (math.isnan(got) and math.isnan(wanted)) else math.inf
    return abs(got - wanted) / (tolerance * max(abs(wanted), 1.0))


class Node:
    """A process of Node that calls printed sources."""

    def __init__(self, program):
        self.process = subprocess.Popen(
            [program, "-e", LOOP],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            bufsize=1,
        )

    def __call__(self, source, *given):
        """What the function of a source returns."""
        given = [*given, *([source.constants] if source.constants else [])]
        asked = {"source": str(source), "name": source.name, "given": plain(given)}
        self.process.stdin.write(json.dumps(asked) + "\n")
        answer = json.loads(self.process.stdout.readline())
        assert "error" not in answer, f"{answer['error']}\n{source}"
        return answer["result"]

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(10)
