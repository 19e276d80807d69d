"""Special functions: those of SciPy against numbers of 30 digits, in every order of derivative."""

import sys

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.oracles import relative_error

#: Derivatives of order 0 to 4 at some places, by mpmath in 50 digits.
EXACT = {
    "erf": {
        0.0: [0.0, 1.1283791670955126, 0.0, -2.256758334191025, 0.0],
        0.5: [
            0.5204998778130465,
            0.8787825789354448,
            -0.8787825789354448,
            -0.8787825789354448,
            4.393912894677224,
        ],
        -1.25: [
            -0.9229001282564583,
            0.2365211224472908,
            0.5913028061182269,
            1.005214770400986,
            0.14782570152955674,
        ],
        3.0: [
            0.9999779095030014,
            0.00013925305194674786,
            -0.0008355183116804871,
            0.004734603766189427,
            -0.025065549350414613,
        ],
    },
    "erfc": {
        0.0: [1.0, -1.1283791670955126, 0.0, 2.256758334191025, 0.0],
        0.5: [
            0.4795001221869535,
            -0.8787825789354448,
            0.8787825789354448,
            0.8787825789354448,
            -4.393912894677224,
        ],
        -1.25: [
            1.9229001282564582,
            -0.2365211224472908,
            -0.5913028061182269,
            -1.005214770400986,
            -0.14782570152955674,
        ],
        3.0: [
            2.209049699858544e-05,
            -0.00013925305194674786,
            0.0008355183116804871,
            -0.004734603766189427,
            0.025065549350414613,
        ],
        8.0: [
            1.1224297172982926e-29,
            -1.8097067968559843e-28,
            2.895530874969575e-27,
            -4.5966552640142e-26,
            7.238827187423937e-25,
        ],
    },
    "gammaln": {
        0.5: [
            0.5723649429247001,
            -1.9635100260214235,
            4.934802200544679,
            -16.82879664423432,
            97.40909103400244,
        ],
        1.0: [0.0, -0.5772156649015329, 1.6449340668482264, -2.4041138063191885, 6.493939402266829],
        2.0: [
            0.0,
            0.42278433509846713,
            0.6449340668482264,
            -0.4041138063191886,
            0.49393940226682914,
        ],
        3.75: [
            1.486815578593417,
            1.1825373886117962,
            0.3053398526902531,
            -0.09254633851589927,
            0.05570526074539451,
        ],
        40.0: [
            106.63176026064346,
            3.676327374034843,
            0.02531510384129103,
            -0.0006408202718352986,
            3.24414001515635e-05,
        ],
        -0.5: [
            1.2655121234846454,
            0.03648997397857652,
            8.934802200544679,
            -0.82879664423432,
            193.40909103400244,
        ],
        -2.25: [
            0.5555015450206475,
            4.158583564657972,
            19.37941051186914,
            123.89694977406016,
            1558.4550231887144,
        ],
    },
    "digamma": {
        0.5: [
            -1.9635100260214235,
            4.934802200544679,
            -16.82879664423432,
            97.40909103400244,
            -771.4742498266672,
        ],
        1.0: [
            -0.5772156649015329,
            1.6449340668482264,
            -2.4041138063191885,
            6.493939402266829,
            -24.88626612344088,
        ],
        3.75: [
            1.1825373886117962,
            0.3053398526902531,
            -0.09254633851589927,
            0.05570526074539451,
            -0.04995784901655511,
        ],
        40.0: [
            3.676327374034843,
            0.02531510384129103,
            -0.0006408202718352986,
            3.24414001515635e-05,
            -2.463377839277213e-06,
        ],
        -0.5: [
            0.03648997397857652,
            8.934802200544679,
            -0.82879664423432,
            193.40909103400244,
            -3.4742498266672253,
        ],
        -2.25: [
            4.158583564657972,
            19.37941051186914,
            123.89694977406016,
            1558.4550231887144,
            24481.479910902563,
        ],
    },
}
BY_SCIPY = sorted(EXACT)


@pytest.fixture
def scipy_special():
    return pytest.importorskip("scipy.special")


def derivatives(name, x, order=4):
    """A function and its derivatives at some places."""
    function = getattr(tg.special, name)
    found = [function(x)]
    for _ in range(order):
        function = tg.elementwise_grad(function)
        found.append(function(x))
    return np.stack(found)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", BY_SCIPY)
@pytest.mark.usefixtures("scipy_special")
def test_derivatives_to_order_four_are_those_of_many_digits(name, dtype):
    x = np.array([*EXACT[name]], dtype)
    wanted = np.array([*EXACT[name].values()]).T
    found = derivatives(name, x)
    assert found.dtype == dtype
    assert relative_error(found, wanted) < 60 * np.finfo(dtype).eps
    small = np.abs(wanted) < 1e-10  # of erfc, far out: right to many digits too
    np.testing.assert_allclose(found[small & (wanted != 0)], wanted[small & (wanted != 0)], 1e-5)


@pytest.mark.parametrize("name", BY_SCIPY)
def test_scipys_own_functions_take_values(name, scipy_special):
    function = getattr(scipy_special, name)
    for x in (np.array([[0.5, 1.5], [2.5, 0.25]]), np.zeros((0, 3)), np.float64(0.75)):
        value = tg.Value(x)
        got = function(value)
        assert type(got) is tg.Value
        np.testing.assert_array_equal(got.data, function(x))
        np.testing.assert_array_equal(getattr(tg.special, name)(x), function(x))
        seed = np.asarray(np.random.default_rng(1).normal(size=x.shape))[()]
        slopes = tg.grad(got, value, seed)
        wanted = seed * tg.elementwise_grad(getattr(tg.special, name))(x)
        np.testing.assert_allclose(slopes, wanted, rtol=1e-15)


@pytest.mark.parametrize("name", ["expit", "logit", "log_expit", "xlogy"])
def test_what_numpy_computes_is_scipys_too(name, scipy_special):
    x = np.array([0.0, 1e-300, 1e-9, 0.3, 0.5, 0.5 + 1e-12, 0.9, 1.0])
    theirs, ours = getattr(scipy_special, name), getattr(tg.special, name)
    args = (x, x[::-1]) if name == "xlogy" else (x,)
    with np.errstate(divide="ignore"):
        wanted, got = theirs(*args), ours(*args)
        np.testing.assert_array_equal(theirs(*map(tg.Value, args)).data, got)
    np.testing.assert_allclose(got, wanted, rtol=1e-14)


def test_nothing_times_the_logarithm_of_nothing_has_slopes():
    x, y = tg.Value([0.0, 0.0, 2.0]), tg.Value([2.0, np.inf, 4.0])
    by_x, by_y = tg.grad(tg.sum(tg.special.xlogy(x, y)), [x, y])
    np.testing.assert_array_equal(by_x, np.log([2.0, np.inf, 4.0]))
    np.testing.assert_array_equal(by_y, [0.0, 0.0, 0.5])
    assert np.isnan(tg.special.xlogy(0.0, np.nan))
    with np.errstate(divide="ignore"):
        first = tg.grad(tg.special.xlogy, (0, 1))(0.0, 0.0)
    assert first == (-np.inf, 0.0)


@pytest.mark.parametrize("name", BY_SCIPY)
@pytest.mark.usefixtures("scipy_special")
def test_eager_compiled_and_printed_programs_are_one(name):
    def f(x):
        return tg.sum(getattr(tg.special, name)(x) ** 2.0)

    x = np.array([[0.5, 1.5], [2.5, 0.25]])
    slopes = tg.grad(f)
    wanted = slopes(x)
    np.testing.assert_array_equal(tg.compile(slopes)(x), wanted)
    space = {}
    exec(tg.source(slopes, x), space)
    (printed,) = [item for key, item in space.items() if key.endswith("gradient")]
    np.testing.assert_allclose(printed(x), wanted, rtol=1e-15)
    hessian = tg.hessian(f)
    np.testing.assert_array_equal(tg.compile(hessian)(x), hessian(x))


@pytest.mark.parametrize("name", BY_SCIPY)
@pytest.mark.usefixtures("scipy_special")
def test_other_types_and_layouts_are_taken(name):
    function = getattr(tg.special, name)
    for dtype in (np.float16, np.longdouble):
        x = tg.Value(np.array([0.5, 1.5], dtype))
        out = function(x)
        assert (out.dtype, tg.grad(tg.sum(out), x).dtype) == (dtype, dtype)
    x = np.arange(1.0, 7.0).reshape(2, 3)
    x.flags.writeable = False
    for laid in (x.T, x[:, ::-1], np.broadcast_to(x[0], (2, 3))):
        np.testing.assert_array_equal(function(tg.Value(laid)).data, function(laid.copy()))
    assert function([1, 2]).tolist() == function(np.array([1.0, 2.0])).tolist()


@pytest.mark.parametrize("name", BY_SCIPY)
def test_without_scipy_the_extra_is_named(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    for x in (0.5, tg.Value(0.5)):
        words = rf"^tg.special.{name} needs scipy; pip install 'tinygrad-mlp\[scipy\]'"
        with pytest.raises(ModuleNotFoundError, match=words):
            getattr(tg.special, name)(x)


def test_all_names_are_there_and_those_of_scipy():
    assert {*tg.special.__all__} <= {*dir(tg.special)}
    assert sorted(tg.special.__all__) == tg.special.__all__


def test_they_can_be_drawn_and_written():
    pytest.importorskip("scipy.special")
    x = tg.Value([0.5, 2.0], label="x")
    y = tg.special.gammaln(x) * tg.special.erf(x)
    assert "gammaln" in str(tg.tree(y))
    assert r"\Gamma" in tg.source(tg.special.gammaln, x.data, target="latex")


def test_a_batch_is_handed_to_scipy_as_a_whole(monkeypatch):
    pytest.importorskip("scipy")
    sizes, compute = [], tg.special.erf.compute_quickly

    def counted(x):
        sizes.append(x.size)
        return compute(x)

    monkeypatch.setattr(tg.special.erf, "compute_quickly", counted)
    x = np.linspace(-1.0, 1.0, 50).reshape(10, 5)
    assert tg.vmap(tg.special.erf)(x).tolist() == compute(x).tolist()
    assert sizes == [5, 50]  # the example, and all
