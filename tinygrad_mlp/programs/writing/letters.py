"""LaTeX formulas in letters, for comments."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_LETTERS: Mapping[str, str] = {
    r"\odot": "⊙",
    r"\cdot": "·",
    r"\sum": "Σ",
    r"\prod": "Π",
    r"\infty": "∞",
    r"\geq": "≥",
    r"\leq": "≤",
    r"\le": "≤",
    r"\_": "_",
    r"\ne": "≠",
    r"\lVert ": "‖",
    r" \rVert": "‖",
    r"\lfloor ": "⌊",
    r" \rfloor": "⌋",
    r"\lceil ": "⌈",
    r" \rceil": "⌉",
    r"\sigma": "σ",
    r"\tfrac{1}{2}": "½",
    r"^\mathsf{T}": "ᵀ",
    "'": "′",
}


def in_letters(latex: str) -> str:
    r"""Return a formula as it can be written in a comment.

    >>> in_letters(r"dz = \left(\frac{a}{b + c}\right)^2 \odot \sigma'(z)")
    'dz = (a / (b + c))² ⊙ σ′(z)'
    """
    text = latex.replace(r"\left", "").replace(r"\right", "")
    text = re.sub(r"\^2(?!\d)|\^\{2\}", "²", text)
    text = re.sub(r"\\begin\{cases\}(.*?) & (.*?)\\\\(.*?)\\end\{cases\}", r"(\1 if \2, \3)", text)
    for command, letter in sorted(_LETTERS.items(), key=lambda pair: -len(pair[0])):
        end = r"(?![a-z])" if command[-1].isalpha() else ""
        text = re.sub(re.escape(command) + end, letter, text)
    text = re.sub(r"\\(operatorname|mathrm|mathsf)\{([^{}]*)\}", r"\2", text)
    text = _without_braces(text)
    return re.sub(r"\\([A-Za-z]+)", r"\1", text)


def _without_braces(text: str) -> str:
    """Resolve braces, innermost first."""
    patterns: list[tuple[str, Callable[[re.Match[str]], str]]] = [
        (r"\\t?frac\{([^{}]*)\}\{([^{}]*)\}", lambda m: f"{_whole(m[1])} / {_whole(m[2])}"),
        (r"\\sqrt\[3\]\{([^{}]*)\}", lambda m: f"∛({m[1]})"),
        (r"\\sqrt\{([^{}]*)\}", lambda m: f"√({m[1]})"),
        (r"\^\{([^{}]*)\}", lambda m: f"^{_whole(m[1])}"),
        (r"_\{([^{}]*)\}", lambda m: f"_{_whole(m[1])}"),
        (r"(?<!frac)\{([^{}]*)\}(?!\{)", lambda m: m[1]),
    ]
    while True:
        for pattern, replacement in patterns:
            text, count = re.subn(pattern, replacement, text, count=1)
            if count:
                break
        else:
            return text


def _whole(text: str) -> str:
    return f"({text})" if re.search(r"[ ^²]|^-", text) else text
