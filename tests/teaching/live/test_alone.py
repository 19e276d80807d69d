"""Tests of what Python in a browser needs: no threads, no processes, nothing compiled."""

import subprocess
import sys
from pathlib import Path

import tinygrad_mlp as tg

PROGRAM = """
import os, subprocess, sys, threading

def refuse(*args, **options):
    raise OSError("there are none in a browser")

subprocess.Popen.__init__ = threading.Thread.start = refuse
os.fork = os.posix_spawn = refuse
import tinygrad_mlp as tg
tg.save_page(lambda x: tg.sin(x) * x, sys.argv[1], inputs={"x": 2.0})
"""


def test_a_page_is_written_without_threads_and_processes(tmp_path):
    path = tmp_path / "wave.html"
    subprocess.run([sys.executable, "-c", PROGRAM, str(path)], check=True)
    assert path.exists()


def test_the_package_is_pure_python():
    kinds = {path.suffix for path in Path(tg.__file__).parent.rglob("*.*") if path.is_file()}
    assert not kinds & {".so", ".pyd", ".dll", ".dylib", ".c", ".pyx"}
