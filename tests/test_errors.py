"""The exception tree."""

import builtins
import inspect

import pytest

import tinygrad_mlp as tg
from tinygrad_mlp import errors

CLASSES = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if kind.__module__ == errors.__name__
]


@pytest.mark.parametrize("kind", CLASSES)
def test_one_base_catches_everything(kind):
    assert issubclass(kind, errors.TinygradError)


@pytest.mark.parametrize("kind", [kind for kind in CLASSES if kind is not errors.TinygradError])
def test_every_error_is_also_one_of_pythons(kind):
    package, python = kind.__bases__
    assert package is errors.TinygradError
    assert getattr(builtins, python.__name__) is python


def test_the_drawn_tree_is_the_real_one():
    drawn = [line.split()[1] for line in errors.__doc__.splitlines() if "──" in line]
    real = [
        f"{kind.__name__}({kind.__bases__[1].__name__})" for kind in CLASSES if kind.__bases__[1:]
    ]
    assert sorted(drawn) == sorted(real)


@pytest.mark.parametrize(
    ("wrong", "python", "ours"),
    [
        (lambda: tg.Value("text"), TypeError, errors.DataTypeError),
        (lambda: tg.Value([1.0, 2.0]) * [1.0, 2.0, 3.0], ValueError, errors.ShapeError),
        (lambda: tg.Value([1.0, 2.0]).backward(), RuntimeError, errors.GraphError),
    ],
)
def test_both_names_catch_the_same_error(wrong, python, ours):
    for kind in (python, ours, errors.TinygradError):
        with pytest.raises(kind):
            wrong()
