"""Tests of what users import: the names, and what importing costs and does."""

import builtins
import json
import subprocess
import sys

import pytest

import tinygrad_mlp as tg
from tinygrad_mlp.core.functions import FUNCTIONS, no_rule


def run(program, *options):
    """Run a program in a fresh interpreter and return what it prints."""
    return subprocess.run(
        [sys.executable, *options, "-c", program], capture_output=True, text=True, check=True
    ).stdout


#: What only the rules of other rows and drawings are made of: nothing that a person would learn.
HELPERS = [
    "added_at",
    "assemble",
    "bell",
    "direction",
    "divide_or_zero",
    "eigenvectors",
    "elements_at",
    "function_call",
    "inside",
    "larger_share",
    "left_singular_vectors",
    "logabsdet",
    "max_share",
    "one_minus_square",
    "orthonormal_columns",
    "overlap_add",
    "polygamma",
    "power_by_base",
    "power_by_exponent",
    "power_slope",
    "product_of_others",
    "question",
    "relu_prime",
    "right_singular_vectors",
    "sign_of_det",
    "sinc_slope",
    "sorted_by",
    "sum_of_others",
    "sum_to",
    "unit",
    "unsorted_by",
]


def test_every_function_of_the_table_is_public_except_the_helpers_of_rules():
    helpers = {name for name, f in FUNCTIONS.items() if not getattr(f, "public", True)}
    assert {*HELPERS} == helpers
    special = {name: getattr(tg.special, name) for name in tg.special.__all__}
    homes = vars(tg), vars(tg.linalg), special
    assert helpers == {
        name for name, f in FUNCTIONS.items() if not any(home.get(name) is f for home in homes)
    }


@pytest.mark.parametrize("name", HELPERS)
def test_a_helper_is_no_name_of_the_package_and_no_advice(name):
    assert not hasattr(tg, name)
    assert name not in tg.__all__
    assert f"tg.{name}" not in str(no_rule(f"np.{name}", name))


@pytest.mark.parametrize("name", sorted({*HELPERS} & tg.OPS.keys()))
def test_a_helper_stays_a_row_of_the_table(name):
    assert tg.OPS[name] is FUNCTIONS[name]


def test_all_lists_every_public_name_but_those_of_python_itself():
    public = {
        name
        for name in dir(tg)
        if not name.startswith("_") and type(getattr(tg, name)) is not type(tg)
    }
    public = (public | {"datasets", "linalg", "special"}) - {"Any", "TYPE_CHECKING"}
    assert {name for name in public if not hasattr(builtins, name)} == set(tg.__all__)


def test_a_star_import_leaves_the_builtins_alone():
    program = "from tinygrad_mlp import *; print(sum([1, 2]), max(1, 2), abs(-1), min(1, 2))"
    assert "3 2 1 1\n" == run(program)


def test_importing_loads_nothing_but_numpy_and_the_standard_library():
    program = """
import sys, json
import numpy
before = set(sys.modules)
import tinygrad_mlp
new = {name.partition(".")[0] for name in set(sys.modules) - before}
print(json.dumps(sorted(new - set(sys.stdlib_module_names))))
"""
    assert {"tinygrad_mlp"} == set(json.loads(run(program))) - {"numpy"}


def test_importing_loads_no_slow_module_that_numpy_did_not():
    program = """
import sys, json
import numpy
before = set(sys.modules)
import tinygrad_mlp
print(json.dumps(sorted(set(sys.modules) - before)))
"""
    slow = {"argparse", "dataclasses", "inspect", "subprocess", "tempfile", "gzip", "zipfile"}
    slow |= {"pathlib", "numpy.typing", "xml.etree", "graphviz", "difflib"}
    assert set() == slow & set(json.loads(run(program)))


def test_importing_changes_no_state_of_numpy_or_python():
    program = """
import warnings, numpy, sys
def state():
    return numpy.geterr(), numpy.get_printoptions(), warnings.filters[:], sys.getrecursionlimit()
before = state()
import tinygrad_mlp
print(before == state())
"""
    assert "True\n" == run(program)


@pytest.mark.parametrize("options", [("-W", "error"), ("-O",), ("-OO",), ("-X", "dev")])
def test_the_package_works_under_other_interpreter_options(options):
    program = """
import tinygrad_mlp as tg
x = tg.Value(3.0)
y = tg.sigmoid(x * x)
y.backward()
try:
    tg.Value("a")
except TypeError as error:
    print(float(x.grad), error)
"""
    number, message = run(program, *options).split(" ", 1)
    assert abs(float(number) - 0.0007402) < 1e-6
    assert "real numbers" in message


def test_the_version_is_that_of_the_changelog():
    from pathlib import Path

    changelog = (Path(__file__).parents[1] / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = next(line for line in changelog.splitlines() if line.startswith("## "))
    assert tg.__version__ == newest.split()[1]
