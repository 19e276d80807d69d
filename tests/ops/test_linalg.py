"""Linear algebra: published numbers, what has no derivative, and errors that name the row."""

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.matrices import SLOWLY, dominant
from tests.oracles import relative_error

RNG = np.random.default_rng(3)
GENERAL = RNG.normal(size=(3, 3))
TALL = RNG.normal(size=(4, 3))
POSITIVE = TALL.T @ TALL + np.eye(3)
WAY = RNG.normal(size=(3, 3))
TWICE = np.diag([1.0, 2.0, 2.0])  # two equal eigenvalues


def gradient(function, *numbers):
    values = [tg.Value(x) for x in numbers]
    found = tg.grad(function(*values), values)
    return found[0] if len(found) == 1 else found


# ----- Formulas by hand -----


def test_the_derivative_of_a_determinant_is_jacobis_formula():
    adjugate = np.linalg.det(GENERAL) * np.linalg.inv(GENERAL)
    assert relative_error(gradient(tg.linalg.det, GENERAL), adjugate.T) < 1e-14
    found = gradient(lambda a: np.linalg.slogdet(a)[1], GENERAL)
    assert relative_error(found, np.linalg.inv(GENERAL).T) < 1e-14


def test_the_likelihood_of_a_gaussian_process_has_the_gradient_of_the_textbook():
    """C. Rasmussen and C. Williams, "Gaussian Processes for Machine Learning" (2006), eq. 5.9."""
    x, y = np.linspace(0.0, 3.0, 6), RNG.normal(size=6)
    squares = (x[:, None] - x) ** 2

    def likelihood(length):
        k = np.exp(-squares / (2.0 * length**2)) + 0.1 * np.eye(6)
        lower = np.linalg.cholesky(k)
        alpha = np.linalg.solve(k, y)
        return -0.5 * (y @ alpha) - np.sum(np.log(np.diagonal(lower)))

    def by_slogdet(length):
        k = np.exp(-squares / (2.0 * length**2)) + 0.1 * np.eye(6)
        return -0.5 * (y @ np.linalg.inv(k) @ y) - 0.5 * np.linalg.slogdet(k)[1]

    k = np.exp(-squares / 2.0)
    inverse = np.linalg.inv(k + 0.1 * np.eye(6))
    alpha = inverse @ y
    wanted = 0.5 * np.trace((np.outer(alpha, alpha) - inverse) @ (k * squares))
    for function in (likelihood, by_slogdet, tg.compile(tg.grad(likelihood))):
        found = (
            function(1.0) if function not in (likelihood, by_slogdet) else tg.grad(function)(1.0)
        )
        assert found == pytest.approx(wanted, rel=1e-11)
    assert tg.hessian(likelihood)(1.0) == pytest.approx(tg.hessian(by_slogdet)(1.0), rel=1e-9)


def test_what_is_taken_apart_and_put_together_is_the_matrix_and_so_is_its_gradient():
    def by_eigh(a):
        w, v = np.linalg.eigh(a)
        return np.sum(WAY * ((v * w) @ v.T))

    def by_cholesky(a):
        lower = np.linalg.cholesky(a)
        return np.sum(WAY * (lower @ lower.T))

    def by_svd(a):
        u, s, vh = np.linalg.svd(a, full_matrices=False)
        return np.sum(WAY * ((u * s) @ vh)[:3])

    def by_qr(a):
        q, r = np.linalg.qr(a)
        return np.sum(WAY * (q @ r)[:3])

    for function in (by_eigh, by_cholesky):
        assert relative_error(gradient(function, POSITIVE), (WAY + WAY.T) / 2) < 1e-12
    for function in (by_svd, by_qr):
        wanted = np.vstack([WAY, np.zeros((1, 3))])
        assert relative_error(gradient(function, TALL), wanted) < 1e-12
        assert relative_error(gradient(lambda a, f=function: f(a.T), TALL.T), wanted.T) < 1e-12


def test_the_trace_of_a_square_by_eigenvalues_is_curved_as_by_elements():
    by_eigenvalues = tg.hessian(lambda a: np.sum(np.linalg.eigvalsh(a) ** 2))(POSITIVE)
    by_elements = tg.hessian(lambda a: np.sum(((a + a.T) / 2.0) ** 2))(POSITIVE)
    assert relative_error(by_eigenvalues, by_elements) < 1e-12


@pytest.mark.parametrize("name", ["solve", "inv", "det", "cholesky", "eigvalsh", "svdvals", "pinv"])
def test_a_stack_is_its_matrices_one_by_one(name):
    function = tg.OPS[name]
    stack = dominant(RNG.normal(size=(3, 2, 2)))
    rest = [RNG.normal(size=(2, 2))] if name == "solve" else []
    whole = gradient(lambda a: tg.sum(tg.sin(function(a, *rest))), stack)
    for got, matrix in zip(whole, stack, strict=True):
        alone = gradient(lambda a: tg.sum(tg.sin(function(a, *rest))), matrix)
        assert relative_error(got, alone) < 1e-15


def test_the_cheapest_order_of_a_product_is_found():
    shapes = [(30, 35), (35, 15), (15, 5), (5, 10), (10, 20), (20, 25)]  # Cormen et al., chapter 15
    values = [tg.Value(RNG.normal(size=shape)) for shape in shapes]
    out = tg.linalg.multi_dot(values)
    products = [v for v in tg.history(out) if v.op]
    count = sum(v.shape[0] * v.args[0].shape[1] * v.shape[1] for v in products)
    assert count == 15125
    assert relative_error(out.data, np.linalg.multi_dot([v.data for v in values])) < 1e-12


def test_a_large_determinant_overflows_and_its_logarithm_does_not():
    a = tg.Value(np.eye(200) * 100.0)
    sign, logarithm = np.linalg.slogdet(a)
    assert sign.item() == 1
    assert logarithm.item() == pytest.approx(200 * np.log(100.0), rel=1e-14)
    assert tg.grad(logarithm, a)[0, 0] == pytest.approx(0.01, rel=1e-15)


# ----- Where there is no derivative -----


def test_equal_eigenvalues_are_differentiated_and_their_vectors_are_not():
    assert gradient(lambda a: np.sum(np.linalg.eigvalsh(a)), TWICE).tolist() == np.eye(3).tolist()
    with np.errstate(all="ignore"):
        found = gradient(lambda a: np.sum(WAY * np.linalg.eigh(a)[1]), TWICE)
    assert not np.isfinite(found[1, 2])
    with np.errstate(invalid="ignore"), pytest.warns(RuntimeWarning, match="divide by zero"):
        gradient(lambda a: np.sum(WAY * np.linalg.eigh(a)[1]), TWICE)


def test_equal_eigenvalues_make_no_second_derivative_that_is_wrong_and_finite():
    with np.errstate(all="ignore"):
        found = tg.hvp(lambda a: tg.sum(tg.linalg.eigvalsh(a) ** 2), (TWICE,), (WAY,))[0]
    assert not np.isfinite(found).all()


def test_a_determinant_of_zero_has_a_value_and_its_gradient_says_why_not():
    singular = tg.Value(np.ones((2, 2)))
    out = tg.linalg.det(singular)
    assert out.item() == 0
    with pytest.raises(np.linalg.LinAlgError, match="Singular"):
        out.backward()


# ----- Errors -----


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda a: tg.linalg.inv(a[0]), tg.ShapeError, r"inv: a must be a matrix.*\(3,\)"),
        (lambda a: tg.linalg.inv(a[:2]), tg.ShapeError, r"inv: a must be square, got .*\(2, 3\)"),
        (lambda a: np.linalg.det(a[:2]), tg.ShapeError, r"det: a must be square"),
        (lambda a: np.linalg.solve(a, a[:2]), tg.ShapeError, r"\(3, 3\) and \(2, 3\) do not fit"),
        (lambda a: np.linalg.solve(a, 1.0), tg.ShapeError, "solve: .*one right side"),
        (lambda a: np.linalg.solve(0.0 * a, a), np.linalg.LinAlgError, "solve: Singular.*'a'"),
        (lambda a: np.linalg.inv(0.0 * a), np.linalg.LinAlgError, "inv: Singular matrix; got a of"),
        (lambda a: np.linalg.cholesky(-a), np.linalg.LinAlgError, "cholesky: Matrix is not pos"),
        (lambda a: np.linalg.inv(tg.astype(a, np.float16)), TypeError, "inv: .*float16.*tg.astype"),
        (lambda a: np.linalg.svd(a[:2]), ValueError, "write full_matrices=False"),
        (lambda a: np.linalg.qr(a, "complete"), ValueError, "mode must be 'reduced' or 'r'"),
        (lambda a: np.linalg.qr(a[0]), tg.ShapeError, "must be a matrix"),
        (lambda a: np.linalg.eigh(a, "U"), TypeError, r"np.linalg.eigh\(..., UPLO=\)"),
        (lambda a: np.linalg.matrix_power(a, 0.5), TypeError, "n must be an int, got 0.5"),
        (lambda a: np.linalg.matrix_power(a[0], 2), tg.ShapeError, "matrix_power: .*square"),
        (lambda a: np.linalg.multi_dot([a]), ValueError, "at least two matrices, got 1"),
        (lambda a: np.linalg.multi_dot([a, a[0], a]), tg.ShapeError, r"arrays\[1\] must be a mat"),
        (lambda a: np.linalg.multi_dot([a, a[:2]]), tg.ShapeError, "matmul"),
        (lambda a: np.linalg.lstsq(a, a[0][:2]), tg.ShapeError, r"lstsq: .*\(2,\) do not fit"),
        (lambda a: np.linalg.pinv(a, -1.0), ValueError, "pinv: rcond must be at least 0"),
        (lambda a: np.linalg.norm(a, 3), ValueError, "norm: of matrices, ord must be 1, 2"),
        (lambda a: np.linalg.norm(a[0], "fro"), ValueError, "norm: of vectors, ord must be a num"),
        (lambda a: np.linalg.norm(a[None], 1), tg.ShapeError, r"norm: .*has 3 axes"),
        (lambda a: np.linalg.norm(a, 1, (0, 0)), ValueError, "one axis twice"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_words_of_the_row(call, error, words):
    with pytest.raises(error, match=words):
        call(tg.Value(POSITIVE, label="a"))


def test_a_matrix_that_became_singular_is_named_by_the_compiled_function_too():
    solve = tg.compile(tg.linalg.solve)
    solve(POSITIVE, WAY)
    with pytest.raises(np.linalg.LinAlgError, match="Singular matrix"):
        solve(0.0 * POSITIVE, WAY)


def test_the_source_is_what_one_would_write():
    source = tg.source(tg.grad(lambda a, b: tg.sum(tg.linalg.solve(a, b)), (0, 1)), POSITIVE, WAY)
    assert str(source).count("np.linalg.solve(") == 2  # once forward, once for both gradients
    assert "np.linalg.solve(a.T, " in source


def test_single_precision_stays_and_integers_are_numbers():
    single = POSITIVE.astype(np.float32)
    for name in ("inv", "det", "cholesky", "eigvalsh", "svdvals", "pinv"):
        assert gradient(lambda a, f=tg.OPS[name]: tg.sum(f(a)), single).dtype == np.float32
    assert tg.linalg.inv([[2, 0], [0, 4]]).tolist() == [[0.5, 0], [0, 0.25]]


# ----- The exponential -----


def test_the_exponential_of_a_rotation_and_of_a_nilpotent_matrix_are_known():
    angle = 0.7
    turn = tg.linalg.expm(angle * np.array([[0.0, -1.0], [1.0, 0.0]]))
    wanted = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    assert relative_error(turn, wanted) < 2e-15
    shift = np.diag([1.0, 2.0], 1)
    sum_of_powers = np.eye(3) + shift + shift @ shift / 2
    assert relative_error(tg.linalg.expm(shift), sum_of_powers) < 2e-15
    assert np.array_equal(tg.linalg.expm(np.zeros((3, 3))), np.eye(3))


def test_the_exponential_of_molers_matrix_is_the_published_one():
    """C. Moler and C. Van Loan, "Nineteen Dubious Ways" (2003), example 2: e^-1 and e^-17."""
    got = tg.linalg.expm([[-49.0, 24.0], [-64.0, 31.0]])
    vectors = np.array([[1.0, 3.0], [2.0, 4.0]])
    wanted = vectors @ np.diag(np.exp([-1.0, -17.0])) @ np.linalg.inv(vectors)
    assert relative_error(got, wanted) < 1e-14


@pytest.mark.parametrize("size", [1e-8, 1.0, 30.0, 300.0])
@pytest.mark.parametrize("n", [1, 2, 5])
def test_the_exponential_has_the_digits_of_a_long_sum(size, n):
    mpmath = pytest.importorskip("mpmath")
    a = size / np.sqrt(n) * np.random.default_rng(n).normal(size=(n, n))
    with mpmath.workdps(400):
        wanted = np.array(mpmath.expm(mpmath.matrix(a.tolist()), method="taylor").tolist())
    error = np.abs(tg.linalg.expm(a) - wanted.reshape(n, n).astype(float)).max()
    assert error < 1e-13 * max(size / 10, 1) * float(np.abs(wanted).max())


def test_a_matrix_far_from_normal_is_not_halved_too_often():
    """Halved until its norm is small, 20 times, this one would lose 10 digits."""
    a = np.array([[1.0, 1e6], [0.0, -1.0]])
    got = tg.linalg.expm(a)
    assert relative_error(got, [[np.e, 1e6 * np.sinh(1.0)], [0.0, 1 / np.e]]) < 1e-15


def test_a_stack_of_exponentials_is_that_of_each_matrix():
    stack = np.random.default_rng(1).normal(size=(2, 3, 4, 4)) * [[[[0.1]], [[3.0]], [[100.0]]]]
    for got, each in zip(tg.linalg.expm(stack).reshape(6, 4, 4), stack.reshape(6, 4, 4)):
        assert np.array_equal(got, tg.linalg.expm(each))
    assert tg.linalg.expm(np.float32(stack[0, :2])).dtype == np.float32


@pytest.mark.parametrize("size", [1e-9, 1.0, 1e9])
def test_the_derivative_of_the_exponential_is_the_integral_of_the_textbook(size):
    """Of the symmetric matrix V diag(w) V': differences of exp divided by those of w.

    N. Higham, "Functions of Matrices" (2008), corollary 3.12.
    """
    rng = np.random.default_rng(2)
    a = POSITIVE / 9.0
    g = size * rng.normal(size=(3, 3))
    w, v = np.linalg.eigh(a)
    gaps = w[:, None] - w + np.eye(3)
    quotients = np.where(np.eye(3) > 0, np.exp(w), np.subtract.outer(np.exp(w), np.exp(w)) / gaps)
    wanted = v @ (quotients * (v.T @ g @ v)) @ v.T
    value = tg.Value(a)
    found = tg.grad(tg.linalg.expm(value), value, g)
    assert relative_error(found / size, wanted / size) < 1e-14


def test_the_determinant_of_an_exponential_is_that_of_the_trace_to_second_order():
    def f(a):
        return tg.linalg.slogdet(tg.linalg.expm(a)).logabsdet

    assert relative_error(tg.grad(f)(GENERAL), np.eye(3)) < 1e-14
    assert np.abs(tg.hessian(f)(GENERAL)).max() < 1e-13


def test_the_exponential_of_nan_is_nan_and_of_what_is_no_square_matrix_refused():
    assert np.isnan(tg.linalg.expm([[np.nan, 1.0], [0.0, 1.0]])).all()
    for wrong, words in ((np.ones((2, 3)), r"expm: a must be square, got shape \(2, 3\)"),):
        with pytest.raises(tg.ShapeError, match=words):
            tg.linalg.expm(wrong)
    with pytest.raises(tg.DataTypeError, match="expm: a must be of float32 or float64"):
        tg.linalg.expm(np.eye(2, dtype=np.float16))


# ----- The oracle -----


@pytest.mark.parametrize("shape", [(3,), (3, 2), (0, 3, 1), (2, 3, 2)])
def test_the_slow_way_to_solve_takes_what_the_fast_one_takes(shape):
    a = dominant(np.random.default_rng(5).normal(size=(3, 3)))
    b = np.random.default_rng(6).normal(size=shape)
    for given in (b, b.tolist()) if b.size else (b,):
        assert np.allclose(SLOWLY["solve"](a, given), np.linalg.solve(a, b), rtol=1e-13)
