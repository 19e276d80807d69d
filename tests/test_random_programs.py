"""Random programs: however they are computed, the numbers are those of NumPy and of differences.

The programs are always the same ones; ``pytest tests/test_random_programs.py --programs=N`` tries N
new ones.  A failure prints a short module that shows it.
"""

import re
import warnings
from unittest.mock import patch

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.oracles import slope
from tests.programs.compiling.test_loops import plain_python
from tests.random_programs import COMPOSITES, LAYOUTS, RECIPES, plain_numpy, random_program, shrunk
from tinygrad_mlp._support.structures import leaves
from tinygrad_mlp.programs.compiling import loops

FIXED = range(len(RECIPES))  # one for each function at least

# ----- What is excepted -----

_PRODUCTS = re.compile(
    r" @ |(affine|convolve|correlate|dot|einsum|inner|matmul|matvec|tensordot|vdot|vecdot|vecmat)\("
)
_POWERS = re.compile(r"\*\*|(power\w*|exp\w*|log\w*|a?r?c?(sin|cos|tan)h?2?)\W")
_REARRANGED = re.compile(r"\)(\.T|\[::-1\]|\[\.\.\., ::2\])|asfortranarray|broadcast_to\(np")
_LOW = re.compile(r"np\.float(16|32)")


def _lines(program):
    return "\n".join(program.lines.values())


def _computes_with_a_rearranged_constant(program):
    return any(
        _REARRANGED.search(x) and (_PRODUCTS.search(x) or _POWERS.search(x))
        for x in program.lines.values()
    )


def _is_power_of_a_number(program):
    powers = [name for name, text in program.lines.items() if re.search(r"\*\*|power", text)]
    return any(np.ndim(program.numbers[name]) == 0 for name in powers)


#: What the docs except from "to the last bit": which ways, and whether a program is such a one.
EXCEPTED = {
    "a product or a power with a constant that is a view with gaps, or a reversed one": (
        {"compiled", "reused", "donated", "printed"},
        _computes_with_a_rearranged_constant,
    ),
    "a power of a 0-d array, and that of a number": (
        {"compiled", "reused", "donated"},
        _is_power_of_a_number,
    ),
}


def _left_out(way, program):
    return any(way in ways and holds(program) for ways, holds in EXCEPTED.values())


# ----- Comparing -----


def same(got, wanted):
    """Whether two structures hold the same bits in the same types."""
    got, wanted = leaves(got), leaves(wanted)
    return len(got) == len(wanted) and all(
        type(a) is type(b)
        and (a.shape, a.dtype) == (b.shape, b.dtype)
        and np.array_equal(a, b)
        and np.array_equal(np.signbit(a), np.signbit(b))
        for a, b in zip(got, wanted)
    )


def near(got, wanted, bound):
    """Whether two structures hold nearly the same numbers in arrays of the same shapes."""
    got, wanted = leaves(got), leaves(wanted)
    return len(got) == len(wanted) and all(
        np.shape(a) == np.shape(b)
        and np.all(np.abs(a - b) <= bound * (1 + np.max(np.abs(b), initial=0)))
        for a, b in zip(got, wanted)
    )


def in_one_piece(x):
    """Return an argument as programs take it: without gaps, not reversed, 0-d as a number.

    Its axes lie in memory as they did; those of a broadcast array, which lie nowhere, in order.
    """
    return np.array(x, order="C" if 0 in x.strides else "K")[()]


def moved(x):
    """Return other numbers nearby, which lie in memory as a program takes these."""
    result = np.asarray(in_one_piece(x)).copy(order="K")
    result += np.random.default_rng(x.size).uniform(-1e-3, 1e-3, x.shape).astype(x.dtype)
    return result[()]


def expected(space, given):
    """Return what ``everything`` is, with this package's functions also where it calls NumPy's."""
    outputs = tuple(v.data for v in space.program(*map(tg.Value, given)))
    return outputs, *space.everything(*given)[1:]


def precision(program):
    """Return the spacing at 1 of the coarsest numbers in a program."""
    types = re.findall(r"np\.(float\d+|longdouble)", program.text)
    return max(np.finfo(dtype).eps for dtype in (*types, "float64"))


# ----- Ways of computing -----


def eager(program):
    """The function itself, against NumPy and differences."""
    space, oracle = program.run(), program.run(plain_numpy())
    base, ways = (
        [np.asarray(x, np.longdouble)[()] for x in xs] for xs in (space.inputs, space.directions)
    )
    rng = np.random.default_rng(program.seed)
    others = [rng.uniform(-1, 1, x.shape) for x in base]
    short = np.longdouble(1) / 8  # so that no step reaches a kink

    def along(step, other_step=0):
        oracle.tg.begin()
        return oracle.total(
            *(x + short * (step * v + other_step * u) for x, v, u in zip(base, ways, others))
        )

    oracle.tg.begin()
    wanted = oracle.program(*base)
    with np.errstate(under="ignore"):
        wanted_slope = slope(along) / short
        wanted_bend = slope(lambda s: slope(lambda t: along(t, s))) / short**2
    outputs, gradient, product = space.everything(*space.inputs)
    eps = precision(program)
    assert near(outputs, wanted, 30 * eps), (outputs, wanted)
    assert [(g.shape, g.dtype) for g in gradient] == [(x.shape, x.dtype) for x in space.inputs]
    for got, way, number, bound in (
        (gradient, ways, wanted_slope, max(30 * eps, 1e-12)),
        (product, others, wanted_bend, max(30 * eps, 1e-9)),
    ):
        terms = [np.sum(np.asarray(g, np.longdouble) * v) for g, v in zip(got, way)]
        size = sum(np.sum(np.abs(np.asarray(g, np.longdouble) * v)) for g, v in zip(got, way))
        assert abs(sum(terms) - number) <= bound * (1 + size), (got, sum(terms), number)


def compiled(program, **options):
    """A compiled function, against the function itself."""
    space = program.run()
    function = tg.compile(space.everything, **options)
    for given in (space.inputs, [moved(x) for x in space.inputs], space.inputs):
        before = [x.copy() for x in given]
        with np.errstate(all="ignore"):
            got = function(*given)
        wanted = expected(space, [in_one_piece(x) for x in given])
        assert same(got, wanted), (got, wanted)
        assert same(list(given), before)


def reused(program):
    """The same, and every call returns the same arrays."""
    compiled(program, reuse_outputs=True)


def donated(program):
    """A compiled function that may write into every second argument."""
    space = program.run()
    function = tg.compile(space.everything, donate_argnums=range(0, len(space.inputs), 2))
    wanted = expected(space, [in_one_piece(x) for x in space.inputs])
    for _ in range(2):
        given = [in_one_piece(x) for x in space.inputs]
        with np.errstate(all="ignore"):
            got = function(*given)
        assert same(got, wanted), (got, wanted)
        assert same(given[1::2], [in_one_piece(x) for x in space.inputs[1::2]])


def printed(program):
    """The printed source, executed, against the function itself."""
    space = program.run()
    source = tg.source(space.everything, *space.inputs)
    namespace = {}
    exec(compile(str(source), "<source>", "exec"), namespace)
    given = [in_one_piece(x) for x in space.inputs]
    with np.errstate(all="ignore"):
        got = namespace[source.name](*given, **source.constants)
    wanted = expected(space, given)
    assert same(got, wanted), (got, wanted)


def machine_code(program):
    """Loops, which numba compiles."""
    space = program.run()
    function = tg.compile(space.everything, backend="numba")
    for given in (space.inputs, [moved(x) for x in space.inputs]):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.filterwarnings("ignore", "compile: everything runs with NumPy")
            got = function(*given)
        wanted = expected(space, given)
        assert near(got, wanted, 1e4 * precision(program)), (got, wanted)


def looped(program):
    """The same loops, which Python runs."""
    with patch.object(loops, "machine_code", plain_python):
        machine_code(program)


WAYS = {f.__name__: f for f in (eager, compiled, reused, donated, printed, looped, machine_code)}
#: What shows a fault of a way, after the module.
SHOWN = {
    "eager": "print(everything(*inputs))",
    "compiled": "print(tg.compile(everything)(*inputs), everything(*inputs), sep='\\n')",
    "printed": "print(tg.source(everything, *inputs))",
}


def complaint(way, program):
    """Return what is wrong with a program that is computed in one way, or None."""
    try:
        WAYS[way](program)
    except Exception as error:  # noqa: BLE001  whatever it is, the program shows it
        return f"{type(error).__name__}: {error}"
    return None


def check(way, program):
    """Fail with a short program, if this one is computed wrongly."""
    said = None if _left_out(way, program) else complaint(way, program)
    if said:
        kind = said.partition(":")[0]
        short = shrunk(program, lambda p: (complaint(way, p) or "").startswith(kind))
        pytest.fail(
            f"{way}: {complaint(way, short)}\n\n{short.text}\n\n{SHOWN.get(way, '')}",
            pytrace=False,
        )


# ----- The tests -----


def pytest_generate_tests(metafunc):
    number = metafunc.config.getoption("--programs")
    first = int(np.random.SeedSequence().entropy % 10**12)
    new = range(first, first + number)
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", new if number else FIXED)
    elif "slow_seed" in metafunc.fixturenames:  # machine code takes seconds
        metafunc.parametrize("slow_seed", new if number else FIXED[::12])


@pytest.mark.parametrize("way", ["eager", "compiled", "printed"])
def test_a_random_program_and_its_derivatives(way, seed):
    check(way, random_program(seed))


def test_a_random_program_and_its_derivatives_in_other_ways(seed):
    check(("reused", "donated", "looped")[seed % 3], random_program(seed))


def test_a_random_program_and_its_derivatives_as_machine_code(slow_seed):
    pytest.importorskip("numba")
    check("machine_code", random_program(slow_seed))


@pytest.fixture(scope="module")
def fixed_programs():
    return [random_program(seed) for seed in FIXED]


def test_the_fixed_programs_use_every_row_and_every_function(fixed_programs):
    found = set()
    for program in fixed_programs:
        space = program.run()
        found |= {x.op.name for x in ancestors(space.program(*map(tg.Value, space.inputs)))}
        found |= set(re.findall(r"\b(?:tg|np|[vx]\d+)(?:\.linalg)?\.(\w+)\(", _lines(program)))
    assert set(tg.OPS) | set(COMPOSITES) <= found


def ancestors(outputs):
    """Return all computed Values that some were computed from, and these."""
    found, waiting = {}, list(outputs)
    while waiting:
        x = waiting.pop()
        if type(x) is tg.Value and x.op is not None and x.number not in found:
            found[x.number] = x
            waiting += x.args
    return list(found.values())


@pytest.mark.parametrize(
    "text",
    [
        *(max(layout.split("{}"), key=len) for layout in LAYOUTS.values()),
        *("np.float16", "np.float32", "np.zeros((0,)", "np.zeros((1, 0, 3)", "keepdims=True"),
        *(" + ", " - ", " * ", " / ", " ** ", " @ ", " > ", " = -", "abs(", "None", "..."),
    ],
)
def test_the_fixed_programs_have_every_kind_of_argument_and_spelling(fixed_programs, text):
    assert any(text in program.text for program in fixed_programs)


def test_every_function_of_the_package_can_be_drawn():
    assert {*tg.OPS, *COMPOSITES} <= set(RECIPES)


def _can_be_inputs(program):
    """Whether every result is far from the kinks, so that it may be made an input."""
    return all(np.all(np.abs(x) > 0.05) for x in program.numbers.values())


def test_a_fault_is_found_and_its_program_made_short(monkeypatch):
    programs = (p for p in map(random_program, FIXED) if "float16" not in p.text)  # too coarse
    sines = (p for p in programs if ".sin(" in _lines(p) and _can_be_inputs(p))
    program = next(p for p in sines if "cos" not in _lines(p))  # whose slope is a sine
    assert complaint("eager", program) is None
    monkeypatch.setattr(tg.OPS["sin"], "vjps", (lambda g, out, x: -g * tg.cos(x),))
    assert complaint("eager", program).startswith("AssertionError")
    short = shrunk(program, lambda p: complaint("eager", p))
    assert len(short.lines) == 1
    assert ".sin(" in _lines(short)
