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
#: What a search and the build server need besides a shell; the two first commands do not.
developers = pytest.mark.skipif(
    not all(map(shutil.which, ["env", "expr", "ln", "mktemp", "tail", "tee", "wc"])),
    reason="tools of a developer's machine are missing",
)
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
    assert ["demo", "test", "check", "docs", "thorough", "help"] == re.findall(
        r"^  (\w+)  ", ran.stdout, re.MULTILINE
    )


def test_an_unknown_command_is_refused_in_one_line():
    ran = run("tset")
    assert (2, "") == (ran.returncode, ran.stdout)
    assert (
        ran.stderr
        == "run.sh: unknown command 'tset'; there are demo, test, check, docs, thorough and help\n"
    )


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


# ----- The search for counterexamples -----


@pytest.fixture
def searched(checkout):
    """The checkout with two property tests, a pytest that only prints, and a clock that jumps."""
    stamp(checkout, "test")
    (checkout / "pytest.py").write_text(
        "import sys; print(*sys.argv[1:]); sys.exit('one' in sys.argv[-1])"
    )
    (checkout / "tests" / "deeper").mkdir(parents=True)
    texts = {"test_one": "@given", "deeper/test_two": "@given", "test_none": "x = '@given'"}
    for name, text in texts.items():
        (checkout / "tests" / f"{name}.py").write_text(text)
    (checkout / "bin").mkdir()
    clock = checkout / "bin" / "date"
    clock.write_text(
        f'#!/bin/sh\necho tick >>"{checkout}/ticks"\nexpr 15 "*" $(wc -l <"{checkout}/ticks")'
    )
    clock.chmod(0o755)
    return checkout


def search(searched, *minutes):
    path = f"{searched / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return run("thorough", *minutes, script=searched / "run.sh", PATH=path)


@developers
def test_a_search_prints_a_fresh_seed_for_every_file_until_the_time_is_over(searched):
    first, *found = search(searched, "2").stdout.splitlines()
    assert first == "-q -m thorough"
    assert len(found) == 7  # a tick of 15 seconds before each file, and one at the start
    pattern = r"-q -m hypothesis --hypothesis-profile=thorough --hypothesis-seed=(\d+) tests/(.*)"
    seeds, files = zip(*(re.fullmatch(pattern, line).groups() for line in found))
    assert len(set(seeds)) == 7
    assert {"test_one.py", "deeper/test_two.py"} == set(files)


@developers
def test_a_search_says_how_to_try_the_same_examples_again(searched):
    ran = search(searched, "1")
    said = [line.removeprefix("run.sh: test ") for line in ran.stderr.splitlines()]
    assert said == [line.removeprefix("-q ") for line in ran.stdout.splitlines()[1:]]


@developers
def test_a_search_that_found_something_fails_when_the_time_is_over(searched):
    assert search(searched, "1").returncode == 1
    (searched / "tests" / "test_one.py").unlink()
    (searched / "ticks").unlink()
    assert search(searched, "1").returncode == 0


@pytest.mark.parametrize("minutes", ["soon", "-1", "1.5"])
def test_a_search_for_no_number_of_minutes_is_refused_in_one_line(minutes):
    ran = run("thorough", minutes)
    assert (2, "") == (ran.returncode, ran.stdout)
    assert ran.stderr == f"run.sh: minutes must be a whole number, got '{minutes}'\n"


@pytest.mark.parametrize("arguments", [("--serve",), ("--build", "now")])
def test_other_words_for_the_documentation_are_refused_in_one_line(arguments):
    ran = run("docs", *arguments)
    assert (2, "") == (ran.returncode, ran.stdout)
    said = f"run.sh: docs takes --build or nothing, got '{' '.join(arguments)}'\n"
    assert ran.stderr == said


# ----- The build server -----


def build(tmp_path, commands, **environment):
    """Run commands behind the definitions of .ci/run."""
    if shutil.which("bash") is None:
        pytest.skip("no bash here")
    whole = (ROOT / ".ci" / "run").read_text()
    script = tmp_path / ".ci" / "part"
    script.parent.mkdir()
    script.write_text(f"{whole[: whole.index('# ----- All of it -----')]}\n{commands}\n")
    return subprocess.run(
        ["bash", str(script)],
        capture_output=True,
        text=True,
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"], "PYTHON": sys.executable}
        | environment,
        check=False,
    )


@developers
def test_the_full_run_sees_no_variable_that_a_fresh_machine_lacks(tmp_path):
    ran = build(
        tmp_path,
        'programs_without_dot "$scratch/bin"; fresh env | sort',
        CI="1",
        OPENBLAS_CORETYPE="Nehalem",
        PYTHONUNBUFFERED="1",
        VENV="elsewhere",
        PIP_INDEX_URL="https://example.org",
        https_proxy="http://example.org:8080",
    )
    names = [line.split("=")[0] for line in ran.stdout.split("=== seconds")[0].splitlines()]
    assert ["HOME", "PATH", "PIP_INDEX_URL", "PYTHON", "https_proxy"] == sorted(names)


@developers
def test_the_full_run_finds_every_program_but_dot(tmp_path):
    for folder, name in [("first", "dot"), ("first", "tool"), ("second", "tool")]:
        (tmp_path / folder).mkdir(exist_ok=True)
        program = tmp_path / folder / name
        program.write_text(f"#!/bin/sh\necho {folder} {name}\n")
        program.chmod(0o755)
    folders = [tmp_path / "first", tmp_path / "second", os.environ["PATH"]]
    commands = (
        'programs_without_dot "$scratch/bin"; fresh tool; fresh sh -c "type dot" || echo none'
    )
    ran = build(tmp_path, commands, PATH=os.pathsep.join(map(str, folders)))
    lines = ran.stdout.splitlines()
    assert ["first tool", "none"] == [line for line in lines[:3] if "not found" not in line]
    assert (tmp_path / "first" / "dot").exists()


def test_programs_are_never_gathered_in_a_folder_that_exists(tmp_path):
    (tmp_path / "dot").write_text("precious")
    ran = build(tmp_path, f'programs_without_dot "{tmp_path}"')
    assert ran.returncode != 0
    assert {".ci", "dot"} == {path.name for path in tmp_path.iterdir()}


@developers
def test_each_leg_tells_its_seconds_and_the_last_line_is_the_summary(tmp_path):
    ran = build(tmp_path, 'leg "a short one" true; echo "2 passed in 0.1s" >"$scratch/full.log"')
    said = ran.stdout.splitlines()
    assert said[0] == "=== a short one"
    assert re.fullmatch(r" +\d+ a short one", said[-3])
    assert re.fullmatch(r" +\d+ in all", said[-2])
    assert said[-1] == "2 passed in 0.1s"


@developers
def test_a_leg_that_fails_ends_the_run_and_is_told_in_the_last_line(tmp_path):
    ran = build(tmp_path, 'leg "bad" false; leg "never" true')
    assert ran.returncode == 1
    assert "never" not in ran.stdout
    assert ran.stdout.splitlines()[-1].startswith("FAILED in the leg 'bad'; the full run: ")


@developers
@pytest.mark.parametrize(
    ("first", "second", "bad"),
    [("true", "true", ""), ("true", "false", "two"), ("false", "true", "one")],
)
def test_legs_run_side_by_side_and_each_that_fails_is_told(tmp_path, first, second, bad):
    commands = (
        f'one() {{ leg "one" sleep 0.3; leg "one" {first}; }}; '
        f'two() {{ leg "two" {second}; leg "after two" true; }}; side_by_side one two'
    )
    ran = build(tmp_path, commands)
    last = ran.stdout.splitlines()[-1]
    assert (ran.returncode != 0) == bool(bad)
    assert last.startswith(f"FAILED in the leg '{bad}'; the full run: " if bad else "no tests")
    assert ("=== after two" in ran.stdout) == (not bad)


# ----- What is needed -----


def test_every_requirement_has_a_lowest_version_that_can_be_installed():
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    needed = project["dependencies"] + project["optional-dependencies"]["test"]
    assert [] == [line for line in needed if not re.fullmatch(r"[\w-]+>=[\d.]+", line)]


def test_the_groups_of_tools_include_what_the_tests_need():
    with (ROOT / "pyproject.toml").open("rb") as file:
        settings = tomllib.load(file)
    needed = settings["project"]["optional-dependencies"]["test"]
    assert set(needed) <= set(settings["dependency-groups"]["dev"])


def test_the_build_server_is_sent_to_tests_that_are_there():
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    words = re.findall(r"tests/[\w/.{},]+", text)
    paths = []
    for word in words:
        before, brace, rest = word.partition("{")
        inside, _, after = rest.partition("}")
        paths += [before + name + after for name in inside.split(",")] if brace else [word]
    assert len(paths) > 15
    assert [] == [path for path in paths if not (ROOT / path).exists()]
