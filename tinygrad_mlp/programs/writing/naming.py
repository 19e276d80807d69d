"""Names for the values of a program: identifiers, each used once, that shadow nothing."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from inspect import isfunction

from tinygrad_mlp import kernels
from tinygrad_mlp.core.op import Row
from tinygrad_mlp.core.record import OPS
from tinygrad_mlp.programs.writing.letters import in_letters

#: What a reader would call the result of an operation; others are called as the operation.
WORDS = {
    operation: word
    for word, operations in {
        "z": "affine matmul",
        "a": "sigmoid tanh relu softplus",
        "p": "softmax",
        "log_p": "log_softmax",
        "slope": "sigmoid_prime tanh_prime relu_prime power_by_base power_by_exponent power_slope",
        "loss": "half_squared_error mse binary_cross_entropy softmax_cross_entropy",
        "total": "add sum sum_to",
        "totals": "cumsum",
        "products": "cumprod",
        "rest": "remainder fmod",
        "difference": "subtract",
        "product": "multiply prod",
        "ratio": "divide divide_or_zero",
        "negated": "negative",
        "exponential": "exp",
        "logarithm": "log",
        "squared": "square",
        "root": "sqrt",
        "powered": "power",
        "size": "abs",
        "length": "norm",
        "average": "mean",
        "largest": "max",
        "smallest": "min",
        "larger": "maximum",
        "smaller": "minimum",
        "share": "larger_share inside max_share",
        "cosine": "direction",
        "direction": "unit",
        "chosen": "where",
        "mask": "question",
        "part": "getitem elements_at",
        "windows": "sliding_window_view",
        "convolved": "convolve",
        "placed": "place overlap_add added_at",
        "joined": "concatenate stack",
        "reshaped": "reshape",
        "squeezed": "squeeze",
        "expanded": "expand_dims",
        "turned": "transpose",
        "repeated": "broadcast_to",
        "converted": "astype",
        "ordered": "sort sorted_by",
        "restored": "unsorted_by",
    }.items()
    for operation in operations.split()
}


def _functions(latex: str) -> list[str]:
    """Return the words in the formula of a row, those for its arguments left out."""
    text = in_letters(latex.format_map(defaultdict(lambda: "1")))
    return re.findall(r"[a-z]{2,}\d*", text)


#: What formulas call by a word, such as log: a variable of that name would be read as the function.
FUNCTIONS = frozenset(word for row in OPS.values() for word in _functions(row.latex))
#: What a variable must not be called.
RESERVED = frozenset(
    (
        *FUNCTIONS,
        "np",
        *dir(builtins),
        *keyword.kwlist,
        *keyword.softkwlist,
        *(name for name, item in vars(kernels).items() if isfunction(item)),
    )
)


def identifier(label: str) -> str:
    """Return the identifier nearest to a label.

    >>> identifier("W1"), identifier("hidden layer"), identifier("lambda"), identifier("2nd")
    ('W1', 'hidden_layer', 'lambda_', 'x2nd')
    """
    plain = unicodedata.normalize("NFKC", label)
    name = "".join(c if f"x{c}".isidentifier() else "_" for c in plain).strip("_")
    if not name:
        return "x"
    if not name.isidentifier():
        name = f"x{name}"
    return f"{name}_" if name in RESERVED else name


def word_for(row: Row) -> str:
    """Return what to call the result of an operation; never as a function is called.

    >>> word_for(OPS["affine"]), word_for(OPS["log2"]), word_for(OPS["tan"])
    ('z', 'log2', 't')
    """
    word = WORDS.get(row.name, row.name)
    return "t" if word in RESERVED or word in _functions(row.latex) else word


class Names:
    """Gives out every name once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._numbers: dict[str, int] = {}  # by word, one below which all forms are taken

    def forbid(self, names: Iterable[str]) -> None:
        """Give out none of these.

        >>> names = Names()
        >>> names.forbid(["x"])
        >>> names.take("x")
        'x2'
        """
        self._taken.update(names)

    def take(self, wanted: str) -> str:
        """Return the name, or the first of its numbered forms that is free.

        >>> names = Names()
        >>> names.take("x"), names.take("x"), names.take("z1"), names.take("z1")
        ('x', 'x2', 'z1', 'z1_2')
        """
        name = identifier(wanted)
        number = 1
        numbered = name
        while numbered in self._taken:
            number += 1
            numbered = f"{name}{'_' if name[-1].isdigit() else ''}{number}"
        self._taken.add(numbered)
        return numbered

    def take_all(self, wanted: Mapping[str, str]) -> dict[str, str]:
        """Return a name for each key; those that are called alike are numbered.

        >>> Names().take_all({"v0": "W", "v1": "W", "v2": "b"})
        {'v0': 'W1', 'v1': 'W2', 'v2': 'b'}
        """
        counts = Counter(map(identifier, wanted.values()))
        return {
            key: self.take_numbered(wish)
            if counts[identifier(wish)] > 1 and not wish[-1].isdigit()
            else self.take(wish)
            for key, wish in wanted.items()
        }

    def take_numbered(self, word: str) -> str:
        """Return the word with the first number from 1 on that is free.

        >>> names = Names()
        >>> names.take_numbered("z"), names.take_numbered("z")
        ('z1', 'z2')
        """
        word = identifier(word).rstrip("_")
        number = self._numbers.get(word, 1)
        while f"{word}{number}" in self._taken:
            number += 1
        self._numbers[word] = number
        return self.take(f"{word}{number}")
