"""Derivatives of every elementwise row against SymPy's, to order 4, and to order 2 in ulps.

The numbers in derivatives.json were written by tools/derivatives_table.py.
"""

import decimal
import json
from decimal import Decimal
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.oracles import SLOPED

#: Row: for each of its options, those and pairs of arguments and derivatives by all of them.
TABLE: dict[str, list] = {}
for _name, _options, _at, _found in json.loads(
    Path(__file__).with_name("derivatives.json").read_text(encoding="utf-8")
):
    _several = TABLE.setdefault(_name, [])
    if not _several or _several[-1][0] != _options:
        _several.append((_options, []))
    _several[-1][1].append((_at, _found))

every_row = pytest.mark.parametrize("name", TABLE)

#: In units of the last place.
FEW = 12.0


@cache
def indices(count, order):
    """How often by each argument, in the order of the file."""
    every = (each for each in product(range(order + 1), repeat=count) if sum(each) <= order)
    return sorted(every, key=lambda i: (sum(i), i))


def derivatives(name, options, points, order, dtype=np.float64):
    """Yield the arguments that a row is differentiated by, in order, and the numbers."""
    values = [tg.Value(np.array(column, dtype)) for column in zip(*points, strict=True)]
    level = {(): tg.OPS[name](*values, **options)}
    for _ in range(order + 1):
        for by, out in level.items():
            yield by, out.data
        level = {
            (*by, place): tg.grad(tg.sum(out), values[place], create_graph=True)
            for by, out in level.items()
            for place in range(len(values))
        }


def ulps(got, wanted) -> float:
    """Distance from a number of many digits in units of the last place."""
    dtype = type(got)
    with decimal.localcontext() as context:
        context.prec = 60
        if abs(wanted) > Decimal(float(np.finfo(dtype).max)):
            return 0.0 if np.isinf(got) and (got > 0) == (wanted > 0) else np.inf
        if not np.isfinite(got):
            return np.inf
        unit = np.spacing(np.nextafter(np.abs(dtype(float(wanted))), dtype(0)))
        unit = max(float(unit), float(np.finfo(dtype).smallest_subnormal))
        return float(abs(Decimal(float(got)) - wanted) / Decimal(unit))


def test_every_elementwise_row_is_in_the_table():
    elementwise = {name for name, op in tg.OPS.items() if op.elementwise and name in SLOPED}
    assert elementwise - {"where"} == TABLE.keys()


@every_row
def test_derivatives_to_order_four_are_right_in_every_order_of_the_arguments(name):
    wrong = {}
    for options, lines in TABLE[name]:
        count = len(lines[0][0])
        near = [line for line in lines if len(line[1]) == len(indices(count, 4))]
        with np.errstate(all="ignore"):
            for by, got in derivatives(name, options, [at for at, _ in near], 4):
                index = tuple(by.count(place) for place in range(count))
                place = indices(count, 4).index(index)
                for (at, found), number in zip(near, got, strict=True):
                    if found[place] is None:
                        continue
                    wanted = float(found[place])
                    if not abs(number - wanted) <= 1e-12 * max(1.0, abs(wanted)):
                        wrong[str(options), *at, by] = number, wanted
    assert wrong == {}


@every_row
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_second_derivatives_are_exact_to_a_few_ulp_everywhere(name, dtype):
    wrong = {}
    for options, lines in TABLE[name]:
        if sum(options.values()) == 3 and name == "power_slope":
            continue  # there it is the fifth derivative of a power, which has zeros of its own
        count = len(lines[0][0])
        with np.errstate(all="ignore"):
            exact = [line for line in lines if all(float(dtype(a)) == a for a in line[0])]
            for by, got in derivatives(name, options, [at for at, _ in exact], 2, dtype):
                index = tuple(by.count(place) for place in range(count))
                place = indices(count, 2).index(index)
                for (at, found), number in zip(exact, got, strict=True):
                    if found[place] is not None and ulps(number, Decimal(found[place])) > FEW:
                        wrong[str(options), *at, by] = number, found[place]
    assert wrong == {}
