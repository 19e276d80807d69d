"""What the package of data sets offers."""

import subprocess
import sys

from tinygrad_mlp import datasets


def test_every_public_name_is_there_and_has_a_docstring():
    assert datasets.__all__ == sorted(datasets.__all__)
    for name in datasets.__all__:
        assert getattr(datasets, name).__doc__


def test_the_modules_of_this_package_do_not_import_the_engine():
    program = (
        "import sys, types, pathlib, importlib.util\n"
        "folder = importlib.util.find_spec('tinygrad_mlp').submodule_search_locations\n"
        "package = types.ModuleType('tinygrad_mlp')\n"
        "package.__path__ = list(folder)\n"
        "sys.modules['tinygrad_mlp'] = package\n"
        "import tinygrad_mlp.datasets\n"
        "print(sorted({m.split('.')[1] for m in sys.modules if m.startswith('tinygrad_mlp.')}"
        " - {'datasets'}))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "['_support', 'errors']"
