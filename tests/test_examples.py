"""Tests of what examples find out; ``test_documents.py`` runs each of them as it is."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tinygrad_mlp as tg

EXAMPLES = Path(__file__).parents[1] / "examples"


def printed(folder, name, *arguments):
    done = subprocess.run(
        [sys.executable, "-W", "error", EXAMPLES / name, *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (0, "") == (done.returncode, done.stderr)
    return done.stdout


def percent(text):
    return float(re.search(r"([\d.]+)%", text)[1])


@pytest.fixture(scope="module")
def mnist(tmp_path_factory):
    """A folder in MNIST's format, with few and small pictures."""
    folder = tmp_path_factory.mktemp("mnist")
    pixels, digits = tg.datasets.load_digits()
    for part, rows in (("train", slice(0, 1500)), ("t10k", slice(1500, None))):
        images = (pixels[rows] * 255).astype(np.uint8).reshape(-1, 8, 8)
        for name, array in (
            ("images-idx3", images),
            ("labels-idx1", digits[rows].astype(np.uint8)),
        ):
            header = bytes([0, 0, 8, array.ndim])
            header += b"".join(n.to_bytes(4, "big") for n in array.shape)
            (folder / f"{part}-{name}-ubyte").write_bytes(header + array.tobytes())
    return folder


def test_xor_is_learned(tmp_path):
    assert 4 == len(re.findall(r"-> (\d) wanted \1", printed(tmp_path, "xor.py")))


def test_the_moons_are_told_apart(tmp_path):
    assert percent(printed(tmp_path, "moons.py")) > 95


def test_about_98_of_a_hundred_digits_are_read(tmp_path):
    assert percent(printed(tmp_path, "digits.py")) > 97.4  # of 359, one is 0.3 %
    assert (tmp_path / "digits.svg").exists()


def test_the_table_is_written_and_learned(tmp_path):
    text = printed(tmp_path, "regression.py")
    assert "age sex=female sex=male bmi" in text
    assert float(re.search(r"r2 of the test part ([\d.]+)", text)[1]) > 0.3


def test_fashion_mnist_is_read_from_its_folder(tmp_path, mnist):
    text = printed(tmp_path, "fashion_mnist.py", mnist, 2)
    assert "no folder" not in text
    assert "epoch 2: loss" in text
    assert "epoch 3" not in text


def test_nielsens_recipe_is_run_on_a_folder(tmp_path, mnist):
    text = printed(tmp_path, "nielsen.py", mnist, 12)
    assert "Epoch 11: " in text
    assert percent(text) > 80


def test_a_search_finds_a_network_that_reads_digits(tmp_path):
    pytest.importorskip("sklearn", reason="the package scikit-learn is missing")
    lines = printed(tmp_path, "search.py").splitlines()
    assert len(lines) == 9  # all that were tried, and the best
    shares = [percent(line) for line in lines]
    assert shares[:8] == sorted(shares[:8], reverse=True)
    assert shares[8] > 95


def test_one_process_runs_the_example_for_several(tmp_path):
    text = printed(tmp_path, "mpi.py")
    if text.startswith("this needs"):
        pytest.skip("the package mpi4py, or an MPI, is missing")
    assert text.startswith("1 processes")
    assert percent(text) > 93


@pytest.mark.parametrize(("name", "package"), [("search.py", "sklearn"), ("mpi.py", "mpi4py")])
def test_an_example_says_what_it_needs(name, package, tmp_path):
    program = f"import sys, runpy; sys.modules[{package!r}] = None; runpy.run_path({name!r})"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=EXAMPLES, capture_output=True, text=True, check=False
    )
    assert (0, "") == (done.returncode, done.stderr)
    assert done.stdout.startswith("this needs ")
    assert "pip install 'tinygrad-mlp[" in done.stdout


def numbers(text, line):
    return [float(x) for x in re.findall(r"-?\d[\d.]*(?:e-?\d+)?", re.search(line, text)[0])]


def test_derivatives_of_solutions_are_those_of_differences(tmp_path):
    text = printed(tmp_path, "implicit.py")
    for line in ("slope by .*", "curvature by .*"):
        *_, found, by_differences = numbers(text, line)
        assert abs(found - by_differences) < 1e-6
    assert "learned: [0.5 0.5 0.5 0.5 0.5]" in text
    # The point 5 (1, 0.75) / 1.25: by the radius (0.8, 0.6), by the slope -+ 4 (0.75, 1) 0.64.
    assert "[[ 0.8  -1.92]\n [ 0.6   2.56]]" in text or "SciPy is not installed" in text


def test_a_differential_equation_is_learned(tmp_path):
    text = printed(tmp_path, "ode.py", 40)
    assert numbers(text, "off by .*")[0] < 1e-6
    (before,), (_, after) = numbers(text, r"loss \d.*"), numbers(text, "loss after .*")
    assert after < before


def test_the_optimizers_of_scipy_find_what_is_known(tmp_path):
    pytest.importorskip("scipy")
    text = printed(tmp_path, "scipy_optimizers.py")
    assert numbers(text, "L-BFGS-B: .*")[-1] < 1e-4
    assert numbers(text, "trust-ncg: .*")[-1] < 1e-6
    assert numbers(text, r"\[.*\] for") == pytest.approx([2.0, 0.7, 3.0], abs=0.05)
    assert "root: [2. 1.]" in text
