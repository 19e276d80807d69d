"""Tests of what is said about packages that are not there."""

import sys

import pytest

from tinygrad_mlp._support.extras import needed


def test_a_missing_package_is_named_with_the_extra_that_brings_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage", None)
    with pytest.raises(ModuleNotFoundError) as caught:
        needed("skimage", "scikit-image", "pictures", "this")
    assert "this needs scikit-image; pip install 'tinygrad-mlp[pictures]'" == str(caught.value)
    assert "skimage" == caught.value.name


def test_a_package_that_lacks_another_one_says_so_itself(tmp_path, monkeypatch):
    (tmp_path / "package_in_need.py").write_text("import not_anywhere_at_all", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="not_anywhere_at_all"):
        needed("package_in_need", "package-in-need", "all", "this")
