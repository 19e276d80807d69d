"""The digits that come with the package."""

import hashlib
from importlib.resources import files

import numpy as np
import pytest

from tinygrad_mlp.datasets import load_digits

FIRST_IMAGE = [
    [0, 0, 5, 13, 9, 1, 0, 0],
    [0, 0, 13, 15, 10, 15, 5, 0],
    [0, 3, 15, 2, 0, 11, 8, 0],
    [0, 4, 12, 0, 0, 8, 8, 0],
    [0, 5, 8, 0, 0, 9, 8, 0],
    [0, 4, 11, 0, 1, 12, 7, 0],
    [0, 2, 14, 5, 10, 12, 0, 0],
    [0, 0, 6, 13, 10, 0, 0, 0],
]


def test_every_number_is_that_of_the_source():
    pixels, labels = load_digits()
    table = np.column_stack([pixels * 16, labels]).astype(np.uint8)
    digest = hashlib.sha256(table.tobytes()).hexdigest()
    assert digest == "68aea062d35a127749050fa0e52dca09d6569ac08092c925610e0954e172dde2"


def test_pixels_are_from_zero_to_one_and_labels_are_digits():
    pixels, labels = load_digits()
    assert ((1797, 64), np.float64) == (pixels.shape, pixels.dtype)
    assert ((1797,), np.int64) == (labels.shape, labels.dtype)
    assert (0.0, 1.0) == (pixels.min(), pixels.max())
    counts = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert counts == np.bincount(labels).tolist()


def test_the_first_image_is_a_zero():
    pixels, labels = load_digits()
    assert (pixels[0].reshape(8, 8) * 16).tolist() == FIRST_IMAGE
    assert labels[0] == 0


def test_every_call_gives_arrays_of_its_own_that_may_be_changed():
    pixels, labels = load_digits()
    pixels[:] = -1.0
    labels[:] = -1
    again, again_labels = load_digits()
    assert again.min() == 0.0
    assert again_labels.min() == 0


@pytest.mark.parametrize("name", ["digits.gz", "ATTRIBUTION.md"])
def test_the_data_and_its_attribution_are_small_files_of_the_package(name):
    size = len(files("tinygrad_mlp.datasets").joinpath(name).read_bytes())
    assert 500 < size < 100_000


def test_the_attribution_names_authors_source_licence_and_changes():
    text = files("tinygrad_mlp.datasets").joinpath("ATTRIBUTION.md").read_text("utf-8")
    for needed in (
        "Alpaydin",
        "Kaynak",
        "1998",
        "10.24432/C50P49",
        "CC BY 4.0",
        "What was changed",
    ):
        assert needed in text
