"""Readers of formulas, in LaTeX or in letters, who compute what they mean."""

import re

import numpy as np


def slope(z):
    """The derivative of the logistic function."""
    return np.exp(-z) / (1 + np.exp(-z)) ** 2


# ----- A reader of formulas, in LaTeX or in letters -----

READ = {
    "log": np.log, "log_2": np.log2, "log_{10}": np.log10, "log_10": np.log10, "sin": np.sin,
    "cos": np.cos, "arctan": np.arctan, "tanh": np.tanh, "sqrt": np.sqrt, "√": np.sqrt,
    "sum": np.sum, "Σ": np.sum, "mean": np.mean, "sigma": lambda z: 1 / (1 + np.exp(-z)),
    "σ": lambda z: 1 / (1 + np.exp(-z)), "max": np.maximum, "sign": np.sign, "prod": np.prod,
    "Π": np.prod, "tanh'": lambda z: 1 - np.tanh(z) ** 2, "sigma'": slope,
}  # fmt: skip
TOKEN = re.compile(
    r"\\operatorname\{(\w+)\}|\\mathrm\{[\w\\]+\}|\\?(log_\{10\}|log_\w+)|\\[A-Za-z]+|\d+(\.\d+)?"
    r"|[A-Za-z]\w*(_\{[^{}]*\})?|[^\W\d_]|\S| "
)


class Reader:
    """Computes what a formula means.

    ``greedy`` says whether a function without parentheses takes all factors behind it or one, and
    a sum all terms: people read both ways, so both must give the same number.
    """

    def __init__(self, text, names, greedy):
        text = re.sub(r"\\(left|right)(?=[()\[\]])", "", text).replace("²", "^2")
        text = text.replace(r"\\", " ; ").replace(r"\,", " ")  # a thin space is only a space
        self.tokens = [found[0] for found in TOKEN.finditer(text)]
        self.names, self.greedy = names, greedy
        self.opened = ""  # the innermost bracket

    def ends(self):
        """Whether a product ends here; a bar that closes nothing begins a factor."""
        token = self.next()
        return not token or (token in "+-)}],|>=&" and (token != "|" or self.opened == "|"))

    def value(self):
        result = self.sum()
        assert not self.tokens, self.tokens
        return result

    def next(self, skip=True):
        while skip and self.tokens and self.tokens[0] == " ":
            self.tokens.pop(0)
        return self.tokens[0] if self.tokens else ""

    def take(self, wanted=None):
        token = self.next()
        assert wanted in (None, token), (wanted, self.tokens)
        return self.tokens.pop(0)

    def sum(self):
        sign = 1.0
        if self.next() == "-":
            self.take()
            sign = -1.0
        total = sign * self.product()
        while self.next() in ("+", "-"):
            total = total + self.product() if self.take() == "+" else total - self.product()
        return total

    def product(self):
        result = self.factor()
        while not self.ends() and self.next() not in STOPS[2:]:
            sign = self.take() if self.next() in (r"\odot", r"\cdot", "⊙", "·", "/") else ""
            other = self.factor()
            result = result / other if sign == "/" else result * other
        return result

    def factor(self):
        base = self.atom()
        while self.next(skip=False) == "^":
            self.take()
            base = base ** self.atom()
        return base

    def atom(self):
        token = self.take()
        closing = {"(": ")", "{": "}", "[": "]", "|": "|"}.get(token)
        if closing:
            outer, self.opened = self.opened, token
            inside = self.sum()
            self.opened = outer
            if token == "[":
                self.take(">")
                inside = (inside > self.sum()) * 1.0
            self.take(closing)
            return np.abs(inside) if token == "|" else inside
        if token[0].isdigit():
            return float(token)
        if token == r"\begin":
            return self.cases()
        if token == "½":
            return 0.5
        if token in (r"\frac", r"\tfrac"):
            return self.atom() / self.atom()
        if token in self.names:
            return self.names[token]
        if token == "e":
            return np.e
        return self.called(token)

    def cases(self):
        """One of two values, by whether something holds for the first."""
        self.tokens = self.tokens[self.tokens.index("}") + 1 :]
        first = self.sum()
        self.take("&")
        condition = self.sum()
        self.take(";")
        second = self.sum()
        self.tokens = self.tokens[self.tokens.index("}") + 1 :]
        return np.where(condition, first, second)

    def called(self, token):
        """What a function gives, with parentheses or without."""
        name = token.removeprefix(r"\operatorname{").removeprefix("\\").removesuffix("}")
        name = token.removeprefix("\\") if "log_" in token else name
        while self.next(skip=False) == "'":
            name += self.take()
        function = READ[name]
        if self.next(skip=False) == "(":
            self.take()
            arguments = [self.sum()]
            while self.next() == ",":
                self.take()
                arguments.append(self.sum())
            self.take(")")
            return function(*arguments)
        if self.next(skip=False) == "{":
            return function(self.atom())
        if self.greedy and function in (np.sum, np.prod):
            return function(self.sum())
        return function(self.product() if self.greedy else self.factor())


# ----- Whole arrays: x y is the product of matrices -----


class ArrayReader(Reader):
    """Computes what a formula of whole arrays means; sums keep the axes that they go over."""

    def product(self):
        result = self.matrices()
        while self.next() in (r"\odot", r"\cdot"):
            self.take()
            result = result * self.matrices()
        return result

    def matrices(self):
        result = self.factor()
        while not self.ends() and self.next() not in STOPS:
            other = self.factor()
            both = np.ndim(result) and np.ndim(other)
            result = result @ other if both else result * other
        return result

    def factor(self):
        base = self.atom()
        while self.next(skip=False) == "^":
            self.take()
            if self.tokens[:2] == ["{", r"\mathsf"] or self.tokens[:1] == [r"\mathsf"]:
                self.tokens = self.tokens[self.tokens.index("}") + 1 :]
                base = base.T
            else:
                base = base ** self.atom()
        return base

    def atom(self):
        if self.next() == r"\begin":
            return self.array()
        if self.tokens[:3] == [r"\sum", "_", "{"]:
            axes = "".join(self.tokens[3 : self.tokens.index("}")]).replace(" ", "").split(",")
            self.tokens = self.tokens[self.tokens.index("}") + 1 :]
            inside = self.sum() if self.greedy else self.factor()
            return np.sum(inside, axis=tuple("nj".index(axis) for axis in axes), keepdims=True)
        return super().atom()

    def array(self):
        self.tokens = self.tokens[self.tokens.index("}") + 1 :]
        rows = [[]]
        while self.next() != r"\end":
            if self.next() == ";":
                self.take()
                rows.append([])
            elif self.next() == "&":
                self.take()
            else:
                rows[-1].append(self.sum())
        self.tokens = self.tokens[self.tokens.index("}") + 1 :]
        return np.array(rows)


STOPS = (r"\odot", r"\cdot", r"\end", ";")


# ----- Elements: every letter is an axis -----

GROUP = r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}"
PARTIAL = rf"\\frac\{{\\partial (\w)\}}({GROUP})"
SYMBOL = re.compile(
    r"(D\d+|\\mathrm\{[\w\\]+\}|\\(?:alpha|beta|delta|lambda)|[A-Za-z])(\^\{\(\w+\)\})?"
    r"(_\{[^{}]*\}|_\w)?"
)


class ElementReader(Reader):
    """Computes what a formula of elements means, for all values of its indices at once."""

    def __init__(self, text, arrays, greedy, letters):
        super().__init__("", {}, greedy)
        self.letters = letters
        self.extents = {}
        self.sizes(text, arrays)
        self.tokens = []
        place = 0
        text = re.sub(r"\\(left|right)(?=[()\[\]])", "", text).replace(r"\\", " ; ")
        while place < len(text):
            summed = re.compile(r"\\(sum|prod|max)_\{([^{}]*)\}").match(text, place)
            found = SYMBOL.match(text, place)
            name = found and (found[1] + (found[2] or ""))
            if summed:
                self.tokens.append((summed[1], re.findall(r"\w'*", summed[2])))
                place = summed.end()
            elif found and found[0] in arrays:  # a scalar with a number, such as w_1
                self.tokens.append(("array", self.spread(arrays[found[0]], [])))
                place = found.end()
            elif found and name in arrays and name not in READ:
                indices = indices_of(found[3])
                self.tokens.append(("array", self.spread(arrays[name], indices)))
                place = found.end()
            else:
                token = TOKEN.match(text, place)
                self.tokens.append(token[0])
                place = token.end()

    def sizes(self, text, arrays):
        symbols = re.sub(r"\\(?!alpha|beta|delta|lambda|mathrm)[A-Za-z]+", " ", text)
        for found in SYMBOL.finditer(symbols):
            array = arrays.get(found[1] + (found[2] or "")) if found[0] not in arrays else None
            indices = indices_of(found[3]) if array is not None else []
            for letter, length in zip(indices, np.shape(array)):
                assert self.extents.setdefault(letter, length) == length
        self.order = [*self.letters, *(x for x in self.extents if x not in self.letters)]

    def spread(self, array, indices):
        """An array whose axes are those of all letters, in order."""
        assert len(indices) == np.ndim(array)
        places = [self.order.index(x) for x in indices]
        assert len(set(places)) == len(places)
        array = np.transpose(array, np.argsort(places)) if places else array
        lengths = [self.extents[x] if x in indices else 1 for x in self.order]
        return np.reshape(array, lengths)

    def next(self, skip=True):
        token = super().next(skip)
        return "array" if isinstance(token, tuple) else token

    def atom(self):
        self.next()
        if isinstance(self.tokens[0], str):
            return super().atom()
        kind, what = self.tokens.pop(0)
        if kind == "array":
            return what
        body = self.product()  # a sum ends before what does not have its index
        for letter in what:
            axis = self.order.index(letter)
            lengths = [*np.shape(body)] or [1] * len(self.order)
            lengths[axis] = self.extents[letter]
            body = getattr(np, kind)(np.broadcast_to(body, lengths), axis=axis, keepdims=True)
        return body


def indices_of(text):
    return re.findall(r"\w'*", (text or "").strip("_{}").rpartition(",")[2])


def elements(lines, arrays, greedy):
    """The arrays that follow from lines of equations between elements, without axes of length 1."""
    arrays = {name: np.squeeze(array) for name, array in arrays.items()}
    partials = {}
    sizes = {}  # of letters, which mean the same in all lines

    def named(found):
        inside = found[2][1:-1].removeprefix(r"\partial ")
        symbol = SYMBOL.fullmatch(inside)
        name = symbol[1] + (symbol[2] or "")
        return partials.setdefault(name, f"D{len(partials)}") + (symbol[3] or "")

    for line in lines:
        line = re.sub(PARTIAL, named, line)
        *lefts, right = re.split(" &= | = ", line)
        for left in lefts:
            symbol = SYMBOL.fullmatch(left)
            number = (symbol[3] or "").strip("_{}")
            letters = [] if number.isdigit() else indices_of(symbol[3])
            reader = ElementReader(right, arrays, greedy, letters)
            value = reader.value()
            lengths = [sizes.get(x) or reader.extents[x] for x in letters]
            sizes.update(reader.extents)
            value = np.reshape(value, np.shape(value)[: len(lengths)]) if np.ndim(value) else value
            value = np.broadcast_to(value, lengths)
            arrays[left if number.isdigit() else symbol[1] + (symbol[2] or "")] = value
    return arrays, {name: arrays[short] for name, short in partials.items() if short in arrays}
