"""Processes that train one network together: each has a share of every batch (extra mpi)."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from zlib import crc32

import numpy as np

from tinygrad_mlp._support.extras import needed
from tinygrad_mlp._support.structures import leaves
from tinygrad_mlp.nn.blocks import Block
from tinygrad_mlp.nn.layer import Array, Layer
from tinygrad_mlp.nn.stack import is_leaf, parts_of
from tinygrad_mlp.nn.training_pass import TrainingPass

_Begin = Callable[[], dict[str, tuple[Any, str]]]
#: How many seconds a rank that failed waits for the others to fail too.
PATIENCE = 3.0


class Alone:
    """One process, which trains by itself.

    Attributes
    ----------
    rank, size : int
        The number of this process, and how many there are.
    """

    rank, size = 0, 1

    def share(self, rows: Array) -> Array:
        """Return those rows of a batch that this process computes."""
        return rows

    def share_of_drawn(self, drawn: list[Any], count: int, example: Sequence[Any]) -> list[Any]:
        """Return the share of what was drawn for ``count`` rows, of the forms of an example."""
        return drawn

    def total(self, gradients: Block, loss: Any) -> Any:
        """Sum gradients over all processes, in their place, and return the sum of the losses."""
        return loss

    def summed(self, loss: Any, moves: list[Any]) -> tuple[Any, list[Any]]:
        """Return the sums over all processes of losses and of arrays."""
        return loss, moves

    def eager_source(self, source: Any) -> Any:
        """Return what layers draw from that are not compiled."""
        return source

    def checked(self, training: TrainingPass) -> TrainingPass:
        """Return the pass through a share, or raise for one that should have seen the batch."""
        return training

    def agreed(self, x: Any) -> Any:
        """Return what the first process has here."""
        return x

    def check(self, layers: Sequence[Layer], begin: _Begin) -> None:
        """Raise for layers that need whole batches, and where processes begin differently."""

    @contextmanager
    def guarded(self) -> Iterator[Alone]:
        """Let no process wait for one that failed."""
        yield self


#: The process that knows of no others.
ALONE = Alone()


class Ranks(Alone):
    """The processes of an MPI communicator.

    Each makes every step, on its share of the batch, from the sums over all shares; so all have
    the same weights at any time.

    Parameters
    ----------
    comm : mpi4py.MPI.Comm
        ``MPI.COMM_WORLD``, or a part of it.
    """

    def __init__(self, comm: Any) -> None:
        self._in_place = needed("mpi4py.MPI", "mpi4py", "mpi", "fit(comm=)").IN_PLACE
        # Of our own, so that what others send does not get in between.
        self._comm, self._failed = comm.Dup(), comm.Dup()
        self.rank, self.size = comm.Get_rank(), comm.Get_size()

    def share(self, rows: Array) -> Array:
        """Return those rows of a batch that this process computes; perhaps none."""
        count = len(rows)
        return rows[count * self.rank // self.size : count * (self.rank + 1) // self.size]

    def share_of_drawn(self, drawn: list[Any], count: int, example: Sequence[Any]) -> list[Any]:
        """Return the share of what was drawn for ``count`` rows, of the forms of an example."""
        found = []
        for whole, mine in zip(drawn, example, strict=True):
            shape, wanted = np.shape(whole), np.shape(mine)
            own = whole
            if shape != wanted and shape[:1] == (count,):
                own = self.share(whole)
            if np.shape(own) != wanted:
                raise TypeError(
                    f"fit: a layer draws numbers of shape {shape} for a batch, and {wanted} for a "
                    "share of it, so it is not one row for each sample; train without comm="
                )
            found.append(own)
        return found

    def total(self, gradients: Block, loss: Any) -> Any:
        """Sum gradients over all processes, in their place, and return the sum of the losses.

        The loss travels in the same message, behind the gradients.
        """
        gradients.spare[0] = loss
        for room in gradients.rooms:
            self._comm.Allreduce(self._in_place, room)
        return gradients.spare[0]

    def summed(self, loss: Any, moves: list[Any]) -> tuple[Any, list[Any]]:
        """Return the sums over all processes of losses and of arrays."""
        block = Block(moves, spare=1)
        for part, move in zip(block.parts, moves, strict=True):
            part[...] = move
        return self.total(block, loss), block.form.split(block.wholes)

    def eager_source(self, source: Any) -> Any:
        """Return what refuses to give numbers: only a program knows those of the whole batch."""
        return _Closed()

    def checked(self, training: TrainingPass) -> TrainingPass:
        """Return the pass through a share, or raise TypeError if something was measured in it."""
        if training.told:
            raise TypeError(
                "fit: a layer says training.after_step, and with comm= each process has only a "
                "share of the batch to measure; train in one process"
            )
        return training

    def agreed(self, x: Any) -> Any:
        """Return what the first process has here."""
        return self._comm.bcast(x, root=0)

    def check(self, layers: Sequence[Layer], begin: _Begin) -> None:
        """Raise for layers that need whole batches, and where processes begin differently.

        Parameters
        ----------
        layers : sequence of Layer
            What is trained.
        begin : function that returns a dict of str to tuple
            What must be the same everywhere, by name, each with what to do about it.
        """
        for path, layer in parts_of(layers):
            if is_leaf(layer) and layer.statistics():
                raise ValueError(
                    f"fit: {path}, {layer!r}, measures whole batches, and with comm= each process "
                    "has only a share; take tg.LayerNorm, or train in one process"
                )
            for parameter in layer.parameters():
                if parameter.dtype not in (np.float32, np.float64):
                    raise TypeError(
                        f"fit: {parameter.described()} is {parameter.dtype}, and with comm= it "
                        "must be float32 or float64, which MPI can sum"
                    )
        told = begin()
        everywhere = self._comm.allgather({n: _mark(thing) for n, (thing, _) in told.items()})
        for rank, marks in enumerate(everywhere):
            for name, (_, way) in told.items():
                if marks[name] != everywhere[0][name]:
                    raise ValueError(f"fit: {name} of rank {rank} differ from rank 0; {way}")

    @contextmanager
    def guarded(self) -> Iterator[Alone]:
        """Let no process wait for one that failed: what fails in one of them ends all.

        What fails in all alike, such as a training that diverges, is an ordinary error in each.
        """
        try:
            yield self
        except BaseException:
            if not self._all_fail():
                traceback.print_exc()
                print(  # noqa: T201  nobody could catch an exception any more
                    f"fit: rank {self.rank} of {self.size} failed, as told above, and ends all",
                    file=sys.stderr,
                    flush=True,
                )
                self._comm.Abort(1)
            raise
        finally:
            self._comm.Free()
            self._failed.Free()

    def _all_fail(self) -> bool:
        """Return whether all processes have come here, for which this one waits a little."""
        all_here, start = self._failed.Ibarrier(), time.monotonic()
        while not all_here.Test():
            if time.monotonic() - start > PATIENCE:
                return False
            time.sleep(0.01)
        return True


class _Closed:
    """A source of random numbers that gives none."""

    def __getattr__(self, name: str) -> Any:
        raise TypeError(
            f"training.rng.{name}: with comm= layers draw for the whole batch, which only a "
            "compiled step can do; say compiled=True"
        )


def ranks_of(comm: Any) -> Alone:
    """Return the processes of a communicator, or raise TypeError for what is none.

    >>> ranks_of(None).size
    1
    """
    if comm is None:
        return ALONE
    if not all(hasattr(comm, name) for name in ("Get_rank", "Get_size", "Allreduce", "Dup")):
        raise TypeError(
            f"comm must be a communicator of mpi4py, such as MPI.COMM_WORLD, got {comm!r:.80}"
        )
    return Ranks(comm) if comm.Get_size() > 1 else ALONE


def _mark(thing: Any) -> int:
    """Return a number that tells a structure of arrays and numbers from others."""
    mark = 0
    for leaf in leaves(thing):
        if isinstance(leaf, np.ndarray):
            mark = crc32(np.ascontiguousarray(leaf).data.cast("B") if leaf.size else b"", mark)
            leaf = leaf.shape, leaf.dtype.str
        mark = crc32(repr(leaf).encode(), mark)
    return mark
