#!/bin/sh
# Everything one does with a checkout. Needs Python 3.11 or newer, and nothing else.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
PYTHON=${PYTHON:-python3}
VENV=${VENV:-.venv}
case $VENV in
    /*) venv=$VENV ;;
    *) venv=$root/$VENV ;;
esac
python=$venv/bin/python

usage() {
    cat <<'TEXT'
usage: ./run.sh COMMAND [ARGUMENT ...]

  demo      train a network on the digits; arguments go to `tinygrad-mlp train`
  test      run the tests; arguments go to pytest
  check     lint, format, types, then the tests; arguments go to pytest
  docs      build the documentation as a site, and show it; --build only builds
  thorough  look for new counterexamples, for so many minutes (default 30)
  help      print this text

The first run of a command installs what it needs into a virtual environment; later runs work
offline. PYTHON chooses the interpreter (default python3), VENV the folder (default .venv).
TEXT
}

say() { echo "run.sh: $*" >&2; }

fail() {
    say "$@"
    exit 1
}

# ----- The interpreter -----

python_version=unknown

find_python() {
    command -v "$PYTHON" >/dev/null 2>&1 ||
        fail "$PYTHON was not found; install Python 3.11 or newer, or name one: PYTHON=python3.12 $0"
    python_version=$("$PYTHON" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null) ||
        fail "$PYTHON does not run; install Python 3.11 or newer, or name one: PYTHON=python3.12 $0"
    "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "$PYTHON is Python $python_version, but 3.11 or newer is needed; name one: PYTHON=python3.12 $0"
}

can_make_venvs() { "$PYTHON" -c 'import ensurepip, venv' >/dev/null 2>&1; }

# Debian and Ubuntu ship Python without the part that makes virtual environments.
find_venv_module() {
    can_make_venvs && return
    command -v apt-get >/dev/null 2>&1 ||
        fail "$PYTHON has no venv and ensurepip modules; install them, or name another: PYTHON=... $0"
    package=python3-venv
    [ "$PYTHON" = python3 ] || package=python${python_version%.*}-venv
    [ "$(id -u)" -eq 0 ] ||
        fail "$PYTHON cannot make virtual environments; run: sudo apt-get update && sudo apt-get install -y $package"
    say "installing $package, without which $PYTHON cannot make virtual environments"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -q && apt-get install -q -y "$package"; } >&2 && can_make_venvs ||
        fail "$PYTHON still cannot make virtual environments after: apt-get install $package"
}

# ----- The virtual environment -----

# Three files in it tell how far it came:
#   .run-sh             this script made the folder, so this script may delete it
#   .run-sh-unfinished  something is being installed; if still there at the next start, start afresh
#   .run-sh-COMMAND     what was installed for COMMAND

runs_our_python() {
    [ "$("$python" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null)" = "$python_version" ]
}

make_venv() {
    if [ -e "$venv" ] && [ ! -e "$venv/.run-sh" ]; then
        # Somebody else's folder: used when it fits, and never deleted.
        runs_our_python && "$python" -m pip --version >/dev/null 2>&1 && return
        fail "$venv is no virtual environment of Python $python_version with pip; remove it, or choose another folder: VENV=.venv-run $0"
    fi
    if [ ! -e "$venv/.run-sh-unfinished" ] && runs_our_python; then
        return
    fi
    find_venv_module
    say "making $venv with Python $python_version"
    rm -rf -- "$venv"
    mkdir -p -- "$venv"
    : >"$venv/.run-sh"
    : >"$venv/.run-sh-unfinished"
    "$PYTHON" -m venv "$venv" || fail "$PYTHON could not make $venv"
    rm -- "$venv/.run-sh-unfinished"
}

pip_install() {
    (cd "$root" && "$python" -m pip install --quiet --no-input --disable-pip-version-check "$@")
}

install_demo() { pip_install --editable .; }

install_test() { pip_install --editable '.[test]'; }

install_docs() { pip_install --editable '.[docs]'; }

# The pip of a new virtual environment may be too old to read dependency groups by itself.
install_check() {
    "$python" -c '
import sys, tomllib
with open(sys.argv[1], "rb") as file:
    print(*tomllib.load(file)["dependency-groups"]["dev"], sep="\n")
' "$root/pyproject.toml" >"$venv/.run-sh-dev.txt" &&
        pip_install --editable '.[test]' --requirement "$venv/.run-sh-dev.txt"
}

# What was installed is still right while this text stays the same.
stamp_of() {
    "$python" -c '
import hashlib, pathlib, sys
root, command = sys.argv[1:]
print(command, sys.version, root, sep="\n")
print(hashlib.sha256(pathlib.Path(root, "pyproject.toml").read_bytes()).hexdigest())
' "$root" "$1"
}

prepare() {
    find_python
    make_venv
    stamp=$(stamp_of "$1")
    if [ -e "$venv/.run-sh-$1" ] && [ "$(cat -- "$venv/.run-sh-$1")" = "$stamp" ]; then
        return
    fi
    say "installing what $1 needs into $venv (once)"
    # A signal leaves the mark, so a half-made environment is not taken for a whole one. A pip that
    # gives up by itself has changed nothing: it downloads everything before it installs anything.
    trap 'exit 130' HUP INT TERM
    : >"$venv/.run-sh-unfinished"
    rm -f -- "$venv/.run-sh-$1"
    status=0
    "install_$1" || status=$?
    if [ "$status" -ne 0 ]; then
        [ "$status" -gt 128 ] || rm -- "$venv/.run-sh-unfinished"
        fail "the installation failed; a first run needs the package index"
    fi
    printf '%s\n' "$stamp" >"$venv/.run-sh-$1"
    # The tools of check include those of test.
    [ "$1" != check ] || stamp_of test >"$venv/.run-sh-test"
    rm -- "$venv/.run-sh-unfinished"
    trap - HUP INT TERM
}

# ----- The commands -----

run_tests() { (cd "$root" && "$python" -m pytest "$@"); }

# The slow tests once, then the property tests, file by file, with other examples every time.
look_for_counterexamples() {
    end=$(($(date +%s) + 60 * $1))
    failed=0
    run_tests -q -m thorough || [ $? -eq 5 ] || failed=1 # 5: there are none
    while :; do
        files=$(cd "$root" && "$python" -c '
import pathlib, random, re
files = pathlib.Path("tests").rglob("test_*.py")
decorated = re.compile("^ *@given", re.MULTILINE)
files = [f.as_posix() for f in files if decorated.search(f.read_text(encoding="utf-8"))]
random.shuffle(files)
print(*files)
')
        for file in $files; do
            [ "$(date +%s)" -lt "$end" ] || return "$failed"
            seed=$("$python" -c 'import secrets; print(secrets.randbelow(2**32))')
            set -- -m hypothesis --hypothesis-profile=thorough --hypothesis-seed="$seed" "$file"
            say "test $*"
            run_tests -q "$@" || failed=1
        done
    done
}

command=${1:-help}
[ $# -eq 0 ] || shift
case $command in
    demo)
        prepare demo
        # In the caller's folder, so that relative paths mean what the caller typed.
        exec "$python" -m tinygrad_mlp train "$@"
        ;;
    test)
        prepare test
        run_tests "$@"
        ;;
    check)
        prepare check
        cd "$root"
        "$python" -m ruff check .
        "$python" -m ruff format --check .
        "$python" -m mypy --strict
        run_tests "$@"
        ;;
    docs)
        case $* in
            '') set -- --serve ;;
            --build) set -- ;;
            *)
                say "docs takes --build or nothing, got '$*'"
                exit 2
                ;;
        esac
        prepare docs
        cd "$root"
        exec "$python" tools/site/documentation.py "$@"
        ;;
    thorough)
        minutes=${1:-30}
        case $minutes in
            *[!0-9]* | '')
                say "minutes must be a whole number, got '$minutes'"
                exit 2
                ;;
        esac
        prepare test
        look_for_counterexamples "$minutes"
        ;;
    help | -h | --help)
        usage
        ;;
    *)
        say "unknown command '$command'; there are demo, test, check, docs, thorough and help"
        exit 2
        ;;
esac
