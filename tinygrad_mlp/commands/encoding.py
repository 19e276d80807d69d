"""How a table becomes what a network takes and gives, kept in the file ``model.json``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from tinygrad_mlp import datasets
from tinygrad_mlp._support.files import write_whole
from tinygrad_mlp.errors import FileFormatError

if TYPE_CHECKING:
    from pathlib import Path

    from tinygrad_mlp.datasets import Table

Array = Any
#: What the file begins with.
FORMAT = "tinygrad_mlp model 1"


class Encoding(NamedTuple):
    """The columns of a table, and their means and standard deviations where a network learns.

    Parameters
    ----------
    table : Table
        What was read from the file.
    x_mean, x_spread : (features,) arrays
        Of the inputs that are learned from.
    y_mean, y_spread : float
        Of the targets, if they are numbers.
    delimiter : str
        What stands between the cells of the file.
    """

    table: Table
    x_mean: Array
    x_spread: Array
    y_mean: float
    y_spread: float
    delimiter: str

    @classmethod
    def of(cls, table: Table, x: Array, y: Array, delimiter: str) -> Self:
        """Return the encoding of a table, of which some rows are learned from."""
        spread = x.std(axis=0)
        moments = (0.0, 1.0) if table.classes else (float(y.mean()), float(y.std()) or 1.0)
        return cls(table, x.mean(axis=0), np.where(spread > 0, spread, 1.0), *moments, delimiter)

    def inputs(self, x: Array) -> Array:
        """Return inputs of mean 0 and standard deviation 1."""
        return (x - self.x_mean) / self.x_spread

    def targets(self, y: Array) -> Array:
        """Return targets that a network can learn."""
        if self.table.classes:
            return datasets.one_hot(y, len(self.table.classes))
        return (y - self.y_mean) / self.y_spread

    def answers(self, output: Array) -> list[str]:
        """Return what outputs of the network mean, in the words and numbers of the table."""
        if self.table.classes:
            return [self.table.classes[number] for number in output.argmax(axis=1)]
        return [f"{number:.10g}" for number in output[:, 0] * self.y_spread + self.y_mean]

    def read(self, path: str) -> Table:
        """Return another table with the same columns."""
        return datasets.load_csv(path, like=self.table, delimiter=self.delimiter)


class Model(NamedTuple):
    """What is to be known of a trained network besides itself: its data, and how it learned."""

    data: str
    sizes: tuple[int, ...]
    activation: str
    loss: str
    optimizer: str
    epochs: int
    batch_size: int
    full_pass: bool
    seed: int
    encoding: Encoding | None

    @property
    def is_numbers(self) -> bool:
        """Whether targets are numbers, and not classes."""
        return self.encoding is not None and not self.encoding.table.classes

    def save(self, path: Path) -> None:
        """Write it as JSON."""
        told = {"format": FORMAT, **self._asdict(), "encoding": None}
        if self.encoding is not None:
            table = self.encoding.table._asdict()
            told["encoding"] = {
                **self.encoding._asdict(),
                "x_mean": self.encoding.x_mean.tolist(),
                "x_spread": self.encoding.x_spread.tolist(),
                "table": {name: table[name] for name in _KEPT},
            }
        write_whole(path, json.dumps(told, indent=1).encode())

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read it from a file that ``save`` wrote.

        Raises
        ------
        FileFormatError
            If it is none.
        """
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            if told.pop("format") != FORMAT:
                raise FileFormatError(f"{path} is not of this version, wanted {FORMAT!r}")
            encoding = told.pop("encoding")
            sizes = tuple(int(size) for size in told.pop("sizes"))
            return cls(**told, sizes=sizes, encoding=encoding and _encoding(encoding))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if isinstance(error, FileFormatError):
                raise
            raise FileFormatError(f"{path} does not describe a model: {error!r:.80}") from None


_KEPT = ("feature_names", "classes", "target", "columns")


def _encoding(told: dict[str, Any]) -> Encoding:
    kept = told["table"]
    columns = {name: tuple(words) for name, words in kept["columns"].items()}
    features = tuple(kept["feature_names"])
    table = datasets.Table(
        np.zeros((0, len(features))),
        np.zeros(0),
        features,
        tuple(kept["classes"]),
        kept["target"],
        columns,
    )
    moments = [np.array(told[name], float) for name in ("x_mean", "x_spread")]
    numbers = [float(told[name]) for name in ("y_mean", "y_spread")]
    return Encoding(table, moments[0], moments[1], numbers[0], numbers[1], told["delimiter"])
