"""What run.sh and .ci/run say and decide; nothing is installed here."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SCRIPTS = ["run.sh", ".ci/run"]

pytestmark = pytest.mark.skipif(shutil.which("sh") is None, reason="no POSIX shell here")


def run(*arguments, script=ROOT / "run.sh", folder=ROOT, **environment):
    return subprocess.run(
        ["sh", str(script), *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"PYTHON": sys.executable, "VENV": ".venv"} | environment,
        stdin=subprocess.DEVNULL,
        check=False,
    )


@pytest.fixture
def checkout(tmp_path):
    """A checkout of its own, with a virtual environment that has no pip and so cannot install."""
    for name in ("run.sh", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    venv = tmp_path / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    (venv / ".run-sh").touch()
    return tmp_path


def stamp(checkout, command):
    """Write the stamp that the script would write after an installation for the command."""
    whole = (checkout / "run.sh").read_text()
    definitions = whole[: whole.index("# ----- The commands -----")]
    script = checkout / "stamp.sh"
    script.write_text(f'{definitions}\nstamp_of {command} >"$venv/.run-sh-{command}"\n')
    assert run(script=script).returncode == 0


def installs(checkout, command="test", **environment):
    """Tell whether the command would install something; it cannot, and says so."""
    said = run(command, script=checkout / "run.sh", **environment).stderr
    return f"installing what {command} needs" in said


# ----- What it says -----


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_scripts_are_executable_and_of_valid_syntax(script):
    path = ROOT / script
    assert os.access(path, os.X_OK)
    shell = path.read_text().splitlines()[0].split("/")[-1].split()[-1]
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    checked = subprocess.run([shell, "-n", str(path)], capture_output=True, text=True, check=False)
    assert (0, "") == (checked.returncode, checked.stderr)


@pytest.mark.parametrize("arguments", [(), ("help",), ("--help",), ("-h",)])
def test_help_lists_every_command(arguments, tmp_path):
    ran = run(*arguments, folder=tmp_path)
    assert (0, "") == (ran.returncode, ran.stderr)
    assert ["demo", "test", "check", "help"] == re.findall(r"^  (\w+)  ", ran.stdout, re.MULTILINE)


def test_an_unknown_command_is_refused_in_one_line():
    ran = run("tset")
    assert (2, "") == (ran.returncode, ran.stdout)
    assert ran.stderr == "run.sh: unknown command 'tset'; there are demo, test, check and help\n"


def python_that(folder, behaviour):
    python = folder / "python"
    python.write_text(f"#!/bin/sh\n{behaviour}\n")
    python.chmod(0o755)
    return str(python)


@pytest.mark.parametrize(
    ("behaviour", "complaint"),
    [
        ("exit 127", "does not run"),
        ('case "$2" in *print*) echo 3.10.13 ;; *) exit 1 ;; esac', "is Python 3.10.13, but 3.11"),
    ],
)
def test_a_python_that_is_broken_or_too_old_is_refused_in_one_line(tmp_path, behaviour, complaint):
    python = python_that(tmp_path, behaviour)
    ran = run("test", PYTHON=python, VENV=str(tmp_path / "venv"))
    assert ran.returncode == 1
    assert ran.stderr.startswith(f"run.sh: {python} {complaint}")
    assert ran.stderr.count("\n") == 1
    assert not (tmp_path / "venv").exists()


def test_a_missing_python_is_refused_in_one_line(tmp_path):
    ran = run("test", PYTHON="no-such-python", VENV=str(tmp_path / "venv"))
    assert ran.returncode == 1
    assert ran.stderr.startswith("run.sh: no-such-python was not found; install Python 3.11")
    assert ran.stderr.count("\n") == 1


# ----- What it decides -----


def test_a_folder_that_it_did_not_make_is_refused_and_kept(tmp_path):
    precious = tmp_path / "thesis.txt"
    precious.write_text("ten years of work")
    ran = run("test", VENV=str(tmp_path))
    assert ran.returncode == 1
    assert "is no virtual environment" in ran.stderr
    assert precious.read_text() == "ten years of work"


def test_what_was_installed_is_not_installed_again(checkout):
    assert installs(checkout)
    stamp(checkout, "test")
    assert not installs(checkout)
    assert not installs(checkout)


def test_a_changed_pyproject_is_installed_anew(checkout):
    stamp(checkout, "test")
    with (checkout / "pyproject.toml").open("a") as file:
        file.write("\n")
    assert installs(checkout)


def test_every_command_has_a_stamp_of_its_own(checkout):
    stamp(checkout, "test")
    assert installs(checkout, "demo")
    assert not installs(checkout, "test")


def test_a_moved_checkout_is_installed_anew(checkout):
    stamp(checkout, "test")
    moved = checkout.with_name("moved")
    checkout.rename(moved)
    assert installs(moved)


def test_an_installation_that_failed_leaves_no_stamp(checkout):
    assert installs(checkout)
    assert sorted(path.name for path in (checkout / ".venv").glob(".run-sh*")) == [".run-sh"]


def test_an_installation_that_was_interrupted_starts_afresh(checkout):
    stamp(checkout, "test")
    (checkout / ".venv" / ".run-sh-unfinished").touch()
    python = python_that(checkout, f'[ "$2" != venv ] || exit 1; exec "{sys.executable}" "$@"')
    ran = run("test", script=checkout / "run.sh", PYTHON=python)
    assert "run.sh: making " in ran.stderr
    assert f"run.sh: {python} could not make {checkout / '.venv'}\n" in ran.stderr
    assert not (checkout / ".venv" / ".run-sh-test").exists()


def test_the_groups_of_tools_include_what_the_tests_need():
    with (ROOT / "pyproject.toml").open("rb") as file:
        settings = tomllib.load(file)
    needed = settings["project"]["optional-dependencies"]["test"]
    assert set(needed) <= set(settings["dependency-groups"]["dev"])
