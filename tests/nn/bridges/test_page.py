"""Tests of the page on bridges: what needs an extra is run where the extra is there."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs" / "bridges.md"


def program_of(heading):
    """Return the program below a heading, in one block or more, and what it says that it prints."""
    part = PAGE.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    program = "\n".join(re.findall(r"```python\n(.*?)```", part, flags=re.DOTALL))
    return program, re.findall(r"^print\(.*\)  # (.*)$", program, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("heading", "module"),
    [("safetensors", "safetensors"), ("ONNX", "onnx"), ("scikit-learn", "sklearn")],
)
def test_the_program_prints_what_the_page_says(heading, module, tmp_path, monkeypatch, capsys):
    pytest.importorskip(module, reason=f"needs {module}")
    monkeypatch.chdir(tmp_path)
    program, said = program_of(heading)
    assert said
    exec(compile(program, f"{PAGE.name}: {heading}", "exec"), {})
    assert said == capsys.readouterr().out.splitlines()
