"""Functions made of rows, on arrays of every kind: empty, of float32, read-only, turned round."""

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.oracles import relative_error

#: Of a module, an array of shape (2, 3) or (k, 0, 3), and its first axis.
CALLS = {
    "append": lambda m, x: m.append(x, x, axis=0),
    "atleast_3d": lambda m, x: m.atleast_3d(x),
    "block": lambda m, x: m.block([[x, x], [x, x]]),
    "choose": lambda m, x: m.choose(0, [x, x]),
    "compress": lambda m, x: m.compress([True, False, True], x, axis=-1),
    "cross": lambda m, x: m.cross(x, m.flip(x, -1)),
    "delete": lambda m, x: m.delete(x, 1, axis=-1),
    "diff": lambda m, x: m.diff(x, prepend=x, append=1.0),
    "dstack": lambda m, x: m.dstack([x, x]),
    "ediff1d": lambda m, x: m.ediff1d(x),
    "einsum": lambda m, x: m.einsum(x, [..., 0], x, [..., 0], [...]),
    "extract": lambda m, x: m.extract(np.ones(x.shape, bool), x),
    "fliplr": lambda m, x: m.fliplr(x),
    "flipud": lambda m, x: m.flipud(x),
    "gradient": lambda m, x: m.gradient(x, 0.5, axis=-1),
    "gradient, uneven": lambda m, x: m.gradient(x, [0.0, 1.0, 3.0], axis=-1, edge_order=2),
    "meshgrid": lambda m, x: m.meshgrid(x, x[0])[0],
    "meshgrid, sparse": lambda m, x: m.meshgrid(x, x[0], sparse=True)[1],
    "polyval": lambda m, x: m.polyval(x, x[0]),
    "polyval, one": lambda m, x: m.polyval(x[:1], x[0]),
    "hsplit": lambda m, x: m.hsplit(x, [1])[0],
    "kron": lambda m, x: m.kron(x, x),
    "linspace": lambda m, x: m.linspace(x, x, 3),
    "matrix_transpose": lambda m, x: m.matrix_transpose(x),
    "pad, constant": lambda m, x: m.pad(x, 1, constant_values=(2.0, 3.0)),
    "pad, edge": lambda m, x: m.pad(x, [(0, 0)] * (x.ndim - 1) + [(2, 1)], "edge"),
    "pad, wrap": lambda m, x: m.pad(x, [(0, 0)] * (x.ndim - 1) + [(2, 4)], "wrap"),
    "ravel": lambda m, x: m.ravel(x, order="F"),
    "reshape": lambda m, x: m.reshape(x, (3, *x.shape[:-1]), order="F"),
    "rollaxis": lambda m, x: m.rollaxis(x, -1),
    "rot90": lambda m, x: m.rot90(x),
    "select": lambda m, x: m.select([np.ones(x.shape, bool)], [x], 0.0),
    "take": lambda m, x: m.take(x, [4, -5], axis=-1, mode="clip"),
    "take_along_axis": lambda m, x: m.take_along_axis(x, np.zeros(x.shape, int), axis=-1),
    "trapezoid": lambda m, x: m.trapezoid(x, dx=0.5),
    "unstack": lambda m, x: m.unstack(x, axis=-1)[1],
    "vecdot": lambda m, x: m.vecdot(x, x),
    "vsplit": lambda m, x: m.vsplit(x, [1])[0],
}

LAYOUTS = {
    "plain": np.array,
    "column-major": np.asfortranarray,
    "backwards": lambda x: np.flip(np.flip(x).copy()),
    "every second": lambda x: np.repeat(x, 2, axis=-1)[..., ::2],
}


def plain(function):
    """Return a function of NumPy, or skip where NumPy has it only from a later version on."""
    if not hasattr(np, function):
        pytest.skip(f"this NumPy has no {function}")
    return np


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(2, 3), (1, 0, 3), (2, 2, 3)])
def test_a_call_has_the_type_shape_and_numbers_of_numpys(name, dtype, shape):
    x = np.random.default_rng(1).uniform(0.5, 1.5, shape).astype(dtype)
    wanted = CALLS[name](plain(name.split(",")[0]), x)
    for got in (CALLS[name](tg, x), CALLS[name](tg, tg.Value(x)).data):
        assert (got.dtype, got.shape) == (wanted.dtype, wanted.shape)
        assert relative_error(got, wanted) < 30 * np.finfo(dtype).eps
    value = tg.Value(x)
    out = CALLS[name](tg, value)
    found = tg.grad(out, value, np.ones(out.shape))
    assert (found.dtype, found.shape) == (x.dtype, x.shape)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layout_of_memory_does_not_matter_and_nothing_is_written(name, layout):
    x = np.random.default_rng(2).uniform(0.5, 1.5, (2, 3))
    y = LAYOUTS[layout](x)
    y.setflags(write=False)
    outs = [CALLS[name](tg, tg.Value(0.0) + z) for z in (x, y)]
    assert relative_error(outs[1].data, outs[0].data) < 1e-15
    assert np.array_equal(x, y)


@pytest.mark.parametrize("name", CALLS)
def test_the_second_derivative_is_the_slope_of_the_first(name):
    rng = np.random.default_rng(3)
    x, way, other = rng.uniform(0.5, 1.5, (3, 2, 3))
    out = CALLS[name](tg, tg.Value(x))
    weights = rng.normal(size=out.shape)

    def f(x):
        return tg.sum(weights * tg.sin(CALLS[name](tg, x)))

    product = np.sum(tg.hvp(f, (x,), (way,))[0] * other)
    step = 1e-4
    ends = [np.sum(tg.grad(f)(x + t * other) * way) for t in (step, -step)]
    assert abs(product - (ends[0] - ends[1]) / (2 * step)) < 1e-6 * (1 + abs(product))
    compiled = tg.compile(tg.grad(f))(x)
    assert np.array_equal(compiled, tg.grad(f)(x))


def test_both_ends_of_a_line_are_exact():
    first, last = np.float64(0.1), np.float64(0.7)
    for number in range(2, 60):
        line = tg.linspace(first, last, number)
        assert (line[0], line[-1]) == (first, last)
        assert relative_error(line, np.linspace(first, last, number)) < 1e-15


@pytest.mark.parametrize("choose", [tg.select, np.select])
def test_what_was_not_chosen_has_no_influence(choose):
    x = np.array([0.0, 4.0])
    value = tg.Value(x)
    with np.errstate(all="ignore"):
        out = choose([x > 0], [np.sqrt(value)], 0.0)
        assert tg.grad(out, value, np.ones(2)).tolist() == [0.0, 0.25]


def test_slopes_of_a_parabola_on_an_uneven_grid_are_exact_of_the_second_order():
    x = np.array([0.0, 0.5, 2.0, 3.0])
    value = tg.Value(x)
    assert relative_error(tg.gradient(value**2, x, edge_order=2).data, 2 * x) < 1e-15
    # And as a function of the grid: each slope moves with its own point alone.
    slopes = tg.gradient(value**2, value, edge_order=2)
    assert relative_error(tg.jacobian(lambda x: tg.gradient(x**2, x, edge_order=2))(x),
                          2 * np.eye(4)) < 1e-14  # fmt: skip
    assert relative_error(slopes.data, 2 * x) < 1e-15


def test_an_array_is_filled_with_a_value():
    x = tg.Value([1.0, 2.0])
    out = tg.full((3, 2), x)
    assert out.data.tolist() == [[1.0, 2.0]] * 3
    assert tg.grad(out, x, np.arange(6.0).reshape(3, 2)).tolist() == [6.0, 9.0]
    assert tg.full(2, 1.5).tolist() == [1.5, 1.5]


def test_methods_take_orders_and_modes_as_numpys():
    x = np.arange(6.0).reshape(2, 3)
    v = tg.Value(x)
    for call in (
        lambda x: x.reshape(3, 2, order="F"),
        lambda x: x.reshape((3, 2), order="F"),
        lambda x: x.ravel("F"),
        lambda x: x.flatten(order="F"),
        lambda x: x.take([7, -8], mode="wrap"),
    ):
        assert np.array_equal(call(v).data, call(x))


#: Functions that look at shapes or numbers before a row does, and the shapes of their arguments.
OF_LISTS = {
    "array_split": (lambda x: tg.array_split(x, 2)[1], (3, 2)),
    "atleast_1d": (tg.atleast_1d, (2, 2)),
    "atleast_2d": (tg.atleast_2d, (2,)),
    "atleast_3d": (tg.atleast_3d, (2, 2)),
    "compress": (lambda x: tg.compress([True, False], x, 0), (2, 2)),
    "correlate": (tg.correlate, (3,), (2,)),
    "cross": (tg.cross, (2, 3), (3,)),
    "cumulative_prod": (tg.cumulative_prod, (3,)),
    "delete": (lambda x: tg.delete(x, 0), (2, 2)),
    "diag": (tg.diag, (2,)),
    "diff": (lambda x, y: tg.diff(x, prepend=y, append=y), (2, 3), (2, 1)),
    "dsplit": (lambda x: tg.dsplit(x, 2)[1], (2, 1, 2)),
    "dstack": (lambda x, y: tg.dstack([x, y]), (2, 2), (2, 2)),
    "flip": (tg.flip, (2, 2)),
    "fliplr": (tg.fliplr, (2, 2)),
    "fmax": (tg.fmax, (2, 2), (2,)),
    "gradient": (tg.gradient, (3,), (3,)),
    "hsplit": (lambda x: tg.hsplit(x, 2)[0], (2, 2)),
    "kron": (tg.kron, (2, 2), (2,)),
    "linspace": (lambda x, y: tg.linspace(x, y, 3), (2,), (2,)),
    "lstsq": (lambda a, b: tg.linalg.lstsq(a, b)[0], (3, 2), (3,)),
    "matrix_power": (lambda a: tg.linalg.matrix_power(a, 2), (2, 2)),
    "matrix_transpose": (tg.matrix_transpose, (2, 3)),
    "matvec": (tg.matvec, (2, 3), (3,)),
    "moveaxis": (lambda x: tg.moveaxis(x, 0, 1), (2, 3)),
    "multi_dot": (lambda a, b: tg.linalg.multi_dot([a, b]), (2, 3), (3, 2)),
    "nansum": (lambda x: tg.nansum(x, 0), (2, 2)),
    "nanmax": (tg.nanmax, (2, 2)),
    "nanmean": (tg.nanmean, (2, 2)),
    "nanstd": (tg.nanstd, (2, 2)),
    "norm": (lambda a: tg.linalg.norm(a, 1), (2, 2)),
    "pad": (lambda x: tg.pad(x, 1, "edge"), (2, 2)),
    "qr": (lambda a: tg.linalg.qr(a)[1], (2, 2)),
    "repeat": (lambda x: tg.repeat(x, 2, 0), (2, 2)),
    "roll": (lambda x: tg.roll(x, 1, 0), (2, 2)),
    "rollaxis": (lambda x: tg.rollaxis(x, 1), (2, 3)),
    "rot90": (tg.rot90, (2, 2)),
    "split": (lambda x: tg.split(x, 2)[1], (2, 2)),
    "sum, where": (lambda x: tg.sum(x, where=[True, False]), (2, 2)),
    "svd": (lambda a: tg.linalg.svd(a)[1], (2, 2)),
    "swapaxes": (lambda x: tg.swapaxes(x, 0, 1), (2, 2)),
    "take": (lambda x: tg.take(x, [1], 0), (2, 2)),
    "take_along_axis": (lambda x: tg.take_along_axis(x, [[1], [0]], 1), (2, 2)),
    "tile": (lambda x: tg.tile(x, 2), (2, 2)),
    "trapezoid": (tg.trapezoid, (3,), (3,)),
    "triu": (tg.triu, (2, 2)),
    "unstack": (lambda x: tg.unstack(x)[1], (2, 2)),
    "vecdot": (tg.vecdot, (2, 2), (2,)),
    "vecmat": (tg.vecmat, (2,), (2, 2)),
    "vsplit": (lambda x: tg.vsplit(x, 2)[1], (2, 2)),
}


def in_lists(x):
    """An array of Values as lists of them, one row a Value."""
    return [in_lists(row) for row in x] if x.ndim > 1 else list(x)


@pytest.mark.parametrize("name", OF_LISTS)
def test_lists_of_values_give_what_one_value_of_their_numbers_gives(name):
    function, *shapes = OF_LISTS[name]
    rng = np.random.default_rng(5)
    values = [tg.Value(rng.uniform(0.5, 1.5, shape)) for shape in shapes]
    wanted, got = function(*values), function(*map(in_lists, values))
    assert type(got) is tg.Value
    assert got.data.tolist() == wanted.data.tolist()
    cotangent = rng.uniform(-1, 1, wanted.shape)
    pairs = zip(tg.grad(got, values, cotangent), tg.grad(wanted, values, cotangent), strict=True)
    for found, slopes in pairs:
        assert relative_error(found, slopes) < 1e-14


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_power_zero_of_a_matrix_is_one_of_its_type_whatever_stands_in_it(dtype):
    a = np.array([[np.nan, np.inf], [1.0, 2.0]], dtype)
    value = tg.Value(a)
    for out in (tg.linalg.matrix_power(a, 0), tg.linalg.matrix_power(value, 0).data):
        assert (out.dtype, out.tolist()) == (dtype, [[1.0, 0.0], [0.0, 1.0]])
    found = tg.grad(tg.linalg.matrix_power(value, 0), value, np.ones((2, 2)))
    assert (found.dtype, found.tolist()) == (dtype, [[0.0, 0.0], [0.0, 0.0]])


X, M = tg.Value([1.0, 2.0, 3.0]), tg.Value(np.ones((2, 3)))

#: What takes places or says how often, with each thing that is no int or list of ints.
COUNTS = {
    "choose: a": lambda n: tg.choose(n, [X, X]),
    "diff: n": lambda n: tg.diff(X, n),
    "repeat: repeats": lambda n: tg.repeat(X, n),
    "roll: shift": lambda n: tg.roll(X, n),
    "rot90: k": lambda n: tg.rot90(M, n),
    "take: indices": lambda n: tg.take(X, n),
    "take_along_axis: indices": lambda n: tg.take_along_axis(X, n),
    "tile: reps": lambda n: tg.tile(X, n),
}


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize(
    "bad", [1.5, 1.0, "a", None, tg.Value(1.0), [tg.Value(1.0)], [[1], [2, 3]]]
)
def test_what_is_no_int_is_named_where_ints_are_wanted(name, bad):
    with pytest.raises(TypeError, match=f"{name} must be (an int|ints), got"):
        COUNTS[name](bad)


@pytest.mark.parametrize("name", ["diff: n", "repeat: repeats", "tile: reps"])
def test_nothing_is_done_less_often_than_not_at_all(name):
    with pytest.raises(ValueError, match=f"{name} must be at least 0, got -1"):
        COUNTS[name](-1)


def test_places_that_are_not_known_yet_are_named_while_a_function_is_compiled():
    def f(x):
        return tg.take(x, tg.Value(2.0) * x)

    with pytest.raises(tg.TraceError, match="compile: take: indices needs the numbers"):
        tg.compile(f)(np.ones(3))


def test_what_cannot_be_left_out_or_chosen_is_named():
    with pytest.raises(TypeError, match="an index is made of ints"):
        tg.delete(X, tg.Value(1.0))
    with pytest.raises(tg.ShapeError, match="compress: condition must be a vector, got shape"):
        tg.compress([[True, False]], X)
    with pytest.raises(tg.ShapeError, match="one for each of 3 places"):
        tg.repeat(X, [1, 2])
    with pytest.raises(ValueError, match="rot90: axes must be two"):
        tg.rot90(M, 1, (0,))
    assert tg.choose([True, False, True], [0.0, X]).data.tolist() == [1.0, 0.0, 3.0]
    assert tg.tile(X, np.array([2, 1])).shape == (2, 3)


@pytest.mark.parametrize("name", ["diff", "flip", "vecdot", "nansum", "pad", "rot90", "swapaxes"])
@pytest.mark.parametrize("bad", ["abc", None, [1j], [[1.0], [2.0, 3.0]]])
def test_what_is_made_of_no_numbers_is_named(name, bad):
    call = {
        "vecdot": lambda x: tg.vecdot(x, 1.0),
        "pad": lambda x: tg.pad(x, 1),
        "swapaxes": lambda x: tg.swapaxes(x, 0, 1),
    }.get(name, getattr(tg, name))
    with pytest.raises(tg.DataTypeError, match=f"{name}: .*must be (made of real )?numbers"):
        call(bad)


@pytest.mark.parametrize("bad", [tg.Value(1.0), [tg.Value(1.0), 2.0], "a", [1, 2, 3], [1j]])
def test_constants_of_a_border_are_numbers_one_or_two_for_each_axis(bad):
    with pytest.raises((TypeError, tg.ShapeError), match="pad: constant_values must be numbers"):
        tg.pad(X, 1, constant_values=bad)
    with pytest.raises(tg.ShapeError, match="pad: pad_width must be made of ints"):
        tg.pad(M, {0: (1, 2, 3)})


@pytest.mark.parametrize("name", ["average", "diff", "nan_to_num", "rot90"])
def test_a_value_is_taken_as_it_is_so_that_a_drawing_shows_no_copy_of_it(name):
    calls = {"average": tg.average, "diff": tg.diff, "nan_to_num": tg.nan_to_num}
    value = tg.Value(np.ones((2, 3)))
    out = calls.get(name, lambda x: tg.rot90(x, 4))(value)
    copies = [
        v for v in tg.history(out) if v.op and v.op.name == "getitem" and v.options["index"] == ()
    ]
    assert not copies


@pytest.mark.parametrize("function", [tg.split, tg.array_split])
@pytest.mark.parametrize("bad", [1.5, "a", None, [1.5], tg.Value(1.0), [tg.Value(1.0)], True])
def test_parts_are_counted_or_cut_with_ints(function, bad):
    with pytest.raises(TypeError, match="split: indices_or_sections must be ints, got"):
        function(X, bad)
    with pytest.raises(ValueError, match="indices_or_sections must be at least 1, got 0"):
        function(X, 0)


def test_points_that_are_not_as_many_as_heights_are_refused_and_not_stretched():
    for x in ([1.0, 2.0], np.ones((3, 2)), 2.0):
        with pytest.raises(tg.ShapeError, match="trapezoid: x must have the shape"):
            tg.trapezoid(X, x)


def test_a_single_choice_takes_the_shape_of_the_places():
    out = tg.choose([[0], [0]], [X])
    assert out.data.tolist() == [[1.0, 2.0, 3.0]] * 2
    with pytest.raises(TypeError, match="choose: choices must be a sequence"):
        tg.choose([0], tg.Value(2.0))


@pytest.mark.parametrize("function", [tg.broadcast_to, lambda x, shape: tg.full(shape, x)])
def test_no_length_of_a_shape_that_is_filled_is_negative(function):
    for x in (2.0, tg.Value(2.0), X):
        with pytest.raises(tg.ShapeError, match="lengths from 0 on, got"):
            function(x, (-1,))


@pytest.mark.parametrize(
    "bad", ["abc", [1, 0, 1], None, X, [tg.Value(1.0)] * 3, [[True], [True, False]]]
)
def test_what_chooses_is_made_of_bools(bad):
    with pytest.raises(TypeError, match="sum: where must be made of bools, as x > 0 is, got"):
        tg.sum(X, where=bad)
    with pytest.raises(TypeError, match=r"select: condlist.0. must be made of bools"):
        tg.select([bad], [X])


@pytest.mark.parametrize("bad", ["a", [1.0, 2.0], X, [1.0]])
def test_what_counts_as_one_more_element_is_a_number(bad):
    with pytest.raises(TypeError, match="sum: initial must be a number, got"):
        tg.sum(X, initial=bad)


@pytest.mark.parametrize("bad", ["a", None, tg.Value(1.0)])
def test_degrees_of_freedom_are_a_number(bad):
    for call in (tg.var, tg.std):
        with pytest.raises(TypeError, match="ddof must be a real number, got"):
            call(X, ddof=bad)


@pytest.mark.parametrize("function", [tg.concatenate, tg.stack, tg.hstack])
def test_what_is_joined_is_a_sequence(function):
    with pytest.raises(TypeError, match="what is joined must be a sequence, got int 5"):
        function(5)


# ----- Errors -----

MATRIX, NUMBER, PAIR = tg.Value(np.ones((2, 3))), tg.Value(1.0), tg.Value([1.0, 2.0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: np.correlate(MATRIX, PAIR), "correlate: a must be a vector with elements, got"),
        (lambda: tg.correlate(PAIR, []), "correlate: v must be a vector with elements, got"),
        (lambda: tg.correlate(PAIR, PAIR, "wide"), "correlate: mode must be 'full', 'same' or"),
        (lambda: np.median(tg.Value([])), "median: nothing has no quantile"),
        (lambda: np.percentile(PAIR, 101), "percentile: q must be from 0 to 100, got 101"),
        (lambda: np.linalg.svd(NUMBER), "svd: left_singular_vectors: a must be a matrix"),
        (lambda: np.linalg.qr(NUMBER), "qr: orthonormal_columns: a must be a matrix"),
        (lambda: np.linalg.eigh(NUMBER), "eigh: eigvalsh: a must be a matrix"),
        (
            lambda: np.append(MATRIX, PAIR, axis=0),
            r"append: concatenate: arrays\[0\] of shape \(2, 3\)",
        ),
        (lambda: np.vstack([MATRIX, PAIR]), r"vstack: concatenate: arrays\[0\] of shape \(2, 3\)"),
        (
            lambda: np.diff(MATRIX, append=[1.0]),
            r"diff: concatenate: arrays\[0\] of shape \(2, 3\)",
        ),
        (lambda: np.hsplit(MATRIX, 2), "hsplit: 3 elements cannot be split into 2 equal"),
        (lambda: tg.std(NUMBER, ddof=1), "std: a variance of 1 numbers"),
        (lambda: np.delete(PAIR, 9), "delete: index 9 is out of bounds"),
        (lambda: np.take(PAIR, 9), "take: getitem: index 9 is out of bounds"),
        (lambda: np.choose([0, 1], [np.ones(3), PAIR]), "choose: where: condition of shape"),
        (lambda: np.moveaxis(MATRIX, 5, 0), "moveaxis: axis 5 does not exist"),
    ],
)
def test_errors_begin_with_the_name_of_what_was_called(call, message):
    with pytest.raises((ValueError, IndexError), match=f"^{message}"):
        call()


def test_a_call_that_does_not_fit_a_function_is_told_by_python():
    with pytest.raises(TypeError, match=r"^quantile\(\) missing 1 required positional argument"):
        tg.quantile(PAIR)


@pytest.mark.parametrize("function", [np.repeat, np.roll, np.take, lambda x, n: x[n]])
def test_a_value_in_the_place_of_a_count_or_an_index_is_told_what_to_write(function):
    count = tg.Value(1.0)
    with pytest.raises(TypeError, match=r"value\.astype\(int\) for an index or a count"):
        function(np.ones(2), count)
    function(np.ones(2), count.astype(int))


@pytest.mark.parametrize("number", [tg.Value(2.0), np.float64(2.0), np.array(2.0)])
@pytest.mark.parametrize("function", [tg.repeat, tg.tile, tg.diff])
def test_floats_in_the_place_of_ints_are_told_how_to_become_them(function, number):
    with pytest.raises(TypeError, match=r"int.*\.astype\(int\) makes ints of whole numbers"):
        function(PAIR, number)
    function(PAIR, int(number.astype(int)))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize(
    "call",
    [
        lambda m, x: m.concatenate([x, 1.0, 2], axis=None),
        lambda m, x: m.append(x, 1.0),
        lambda m, x: m.append(x, [1, 2]),
        lambda m, x: m.linspace(x, 1, 3),
        lambda m, x: m.linspace(0, x, 3),
        lambda m, x: m.logaddexp2(x, 1),
        lambda m, x: m.logaddexp2(1.5, x),
        lambda m, x: m.ediff1d(x, to_end=[1, 2], to_begin=0),
        lambda m, x: m.ediff1d(x, np.array([0.1])),
        lambda m, x: m.diff(x, prepend=0, append=1),
        lambda m, x: m.trapezoid(x, dx=2),
        lambda m, x: m.gradient(x, 2),
    ],
)
def test_numbers_of_pythons_leave_the_type_as_numpy_does(call, dtype):
    x = np.array([0.5, 3.0, 1.25], dtype)
    wanted, got, recorded = call(np, x), call(tg, x), call(np, tg.Value(x))
    assert wanted.dtype == got.dtype == recorded.dtype
    eps = np.finfo(wanted.dtype).eps if dtype != np.longdouble else 2.0**-52
    np.testing.assert_allclose(got.astype(float), wanted.astype(float), rtol=4 * eps)
    assert np.array_equal(got, recorded.data)
    v = tg.Value(x)
    assert tg.grad(tg.sum(call(tg, v)), v).dtype == dtype
