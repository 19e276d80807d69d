"""Values, their history, and what a backward pass leaves behind."""

import copy
import decimal
import fractions
import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_mlp as tg
from tests.oracles import relative_error, slope
from tinygrad_mlp.core import ownership
from tinygrad_mlp.errors import DataTypeError, GraphError, ShapeError

# ----- The chain rule over whole graphs -----

# Numbers between -1 and 1 stay there, so that no slope is too steep for differences.
UNARY = [tg.tanh, tg.sigmoid, tg.sin, tg.square, tg.negative, lambda x: tg.exp(-x * x)]
BINARY = [
    lambda x, y: 0.5 * (x + y),
    lambda x, y: (x - y) / 2,
    tg.multiply,
    lambda x, y: x / (y**2 + 1),
    lambda x, y: 0.5 * tg.sqrt(x * x + y * y + 0.1),
]

steps = st.tuples(st.integers(0, 10), st.integers(0, 99), st.integers(0, 99))


def run(program, inputs):
    """Apply each step of a random program to numbers that exist already; sum everything."""
    numbers = list(inputs)
    for function, first, second in program:
        x, y = numbers[first % len(numbers)], numbers[second % len(numbers)]
        if function < len(UNARY):
            numbers.append(UNARY[function](x))
        else:
            numbers.append(BINARY[function - len(UNARY)](x, y))
    total = numbers[0]
    for number in numbers[1:]:
        total = total + number
    return tg.sum(total)


@given(program=st.lists(steps, max_size=12))
def test_the_gradient_of_any_program_is_its_slope(program):
    rng = np.random.default_rng(0)
    inputs = rng.uniform(-1, 1, 3), rng.uniform(-1, 1), rng.uniform(-1, 1, (2, 1))
    ways = [np.asarray(rng.uniform(-1, 1, np.shape(x)))[()] for x in inputs]
    values = [tg.Value(x) for x in inputs]
    found = tg.grad(run(program, values), values)
    along = sum(np.sum(gradient * way) for gradient, way in zip(found, ways, strict=True))
    moved = [np.asarray(way, np.longdouble) for way in ways]
    wanted = slope(lambda t: run(program, [x + t * w for x, w in zip(inputs, moved, strict=True)]))
    assert relative_error(along, wanted) < 1e-9


def test_every_path_adds_up():
    x = tg.Value(3.0)
    y = x * x
    assert tg.grad(y * x + y, x) == 3 * 9 + 6


def test_stopping_at_an_interior_value_leaves_its_parents_alone():
    x = tg.Value(3.0)
    y = x * x
    z = y * y + x
    assert tg.grad(z, [y, x]) == [18.0, 18.0 * 6 + 1]
    assert tg.grad(z, y) == 18.0
    assert tg.grad(y, z) == 0.0
    assert tg.grad(z, z) == 1.0


# ----- backward() -----


def test_leaves_accumulate_and_everything_else_is_computed_afresh():  # micrograd: 1, then 3
    a, b, d = tg.Value(3.0), tg.Value(2.0), tg.Value(1.0)
    e = a + b
    f = e * d
    for times in (1, 2, 3):
        f.backward()
        assert (a.grad, b.grad, d.grad) == (times, times, 5 * times)
        assert (e.grad, f.grad) == (1, 1)


def test_clearing_one_leaf_is_enough_for_an_exact_second_gradient():  # micrograd: 45
    x = tg.Value(3.0)
    y = x * x * x
    y.backward()
    tg.zero_grad(x)
    y.backward()
    assert x.grad == 27


def test_two_outputs_add_their_gradients():
    x = tg.Value([1.0, 2.0])
    (x * 3).sum().backward()
    (x * x).sum().backward()
    assert x.grad.tolist() == [5, 7]


def test_interior_gradients_can_be_freed():
    x = tg.Value(3.0)
    y = x * x
    z = tg.exp(y) * 2
    z.backward(retain_grads=False)
    assert y.grad is None
    assert z.grad is None
    assert x.grad == tg.grad(z, x)


def test_a_leaf_is_its_own_gradient():
    x = tg.Value(3.0)
    x.backward()
    assert x.grad == 1
    y = tg.Value([1.0, 2.0])
    y.backward([3.0, 4.0])
    assert y.grad.tolist() == [3, 4]


def test_a_value_of_one_element_needs_no_seed():
    x = tg.Value([[3.0]])
    (x * x).backward()
    assert x.grad.tolist() == [[6]]


@pytest.mark.parametrize("ask", [lambda y, x: y.backward(), tg.grad])
def test_a_table_has_no_gradient_without_a_seed(ask):
    x = tg.Value([1.0, 2.0], label="weights")
    with pytest.raises(GraphError, match=r"scalar.*multiply of shape \(2,\).*upstream.*sum"):
        ask(x * x, x)
    assert x.grad is None


@pytest.mark.parametrize(
    ("seed", "error", "words"),
    [
        (
            [1.0, 2.0, 3.0],
            ShapeError,
            r"shape \(3,\), wanted that of Value made by multiply .*\(2,\)",
        ),
        (1.0, ShapeError, r"shape \(\)"),
        ([[1.0, 2.0]], ShapeError, r"shape \(1, 2\)"),
        (tg.Value(1.0), ShapeError, r"shape \(\)"),
        ("ones", DataTypeError, "gradient must be made of real numbers, got 'ones'"),
        ([1j, 0], DataTypeError, "complex"),
        ([None, None], DataTypeError, "object"),
    ],
)
def test_a_seed_that_does_not_fit_is_refused_before_anything_changes(seed, error, words):
    x = tg.Value([1.0, 2.0])
    y = x * x
    y.backward([1.0, 1.0])
    for create_graph in (False, True):
        with pytest.raises(error, match=words):
            y.backward(seed, create_graph=create_graph)
        with pytest.raises(error, match=words):
            tg.grad(y, x, seed, create_graph=create_graph)
    assert x.grad.tolist() == [2, 4]
    assert y.grad.tolist() == [1, 1]


@pytest.mark.parametrize(
    "seed", [[1, 2], np.array([1, 2], np.uint8), (True, 2), tg.Value([1.0, 2.0])]
)
def test_a_seed_takes_the_type_of_the_output(seed):
    x = tg.Value(np.array([1.0, 2.0], np.float32))
    found = tg.grad(x * x, x, seed)
    assert found.tolist() == [2, 8]
    assert found.dtype == np.float32


def test_a_failing_backward_leaves_the_gradients_of_leaves_as_they_were(monkeypatch):
    x, y = tg.Value(2.0), tg.Value(3.0)
    z = tg.exp(x) + x * y
    z.backward()
    before = x.grad, y.grad

    def fail(*_, **__):
        raise ArithmeticError("no")

    monkeypatch.setattr(tg.exp, "vjps", (fail,))
    with pytest.raises(ArithmeticError, match="no"):
        z.backward()
    assert (x.grad, y.grad) == before


def test_gradients_share_no_memory_with_anything():
    x, y = tg.Value([1.0, 2.0]), tg.Value([3.0, 4.0])
    seed = np.ones(2)
    (x + y).backward(seed)
    for array in (seed, x.data, y.data):
        array += 10
    x.grad *= 100
    assert (x.grad.tolist(), y.grad.tolist()) == ([100, 100], [1, 1])
    found = tg.grad(tg.sum(x + y), [x, y, x])
    for gradient in found:
        gradient *= 2
    assert [gradient.tolist() for gradient in found] == [[2, 2]] * 3


def test_zero_grad_takes_values_and_lists_of_them():
    values = [tg.Value(x) for x in (1.0, 2.0, 3.0)]
    (values[0] * values[1] * values[2]).backward()
    tg.zero_grad(values[0], values[1:])
    assert [value.grad for value in values] == [None] * 3
    values[0].grad = np.float64(1.0)
    with pytest.raises(TypeError, match="wanted Values, got float"):
        tg.zero_grad(values, [1.0])
    assert values[0].grad == 1


# ----- grad() -----


def test_grad_touches_no_attribute():
    x = tg.Value(3.0)
    y = x * x
    z = y + 1
    assert tg.grad(z, x) == 6
    assert (x.grad, y.grad, z.grad) == (None, None, None)


def test_one_input_gives_one_gradient_and_a_sequence_a_list():
    x, y = tg.Value(3.0), tg.Value(2.0)
    z = x * y
    assert tg.grad(z, x) == 2
    assert tg.grad(z, [x]) == [2]
    assert tg.grad(z, (y, x, y)) == [3, 2, 3]
    assert tg.grad(z, []) == []


def test_what_the_output_was_not_made_from_has_gradient_zero():
    x, y = tg.Value(3.0), tg.Value(np.ones((2, 0, 1), np.float32))
    found = tg.grad(x * 2, [y, x])
    assert (found[0].shape, found[0].dtype, found[1]) == ((2, 0, 1), np.float32, 2)
    unconnected = tg.grad(x * 2, tg.Value(1.0), create_graph=True)
    assert (type(unconnected), unconnected.data) == (tg.Value, 0)


def test_a_path_of_derivative_zero_is_no_path():
    x = tg.Value([-2.0, 3.0])
    assert tg.grad(tg.sum(tg.sign(x)), x).tolist() == [0, 0]
    y = tg.sum(tg.sign(x))
    y.backward()
    assert x.grad is None or not x.grad.any()


@pytest.mark.parametrize(
    ("output", "inputs", "words"),
    [
        (1.0, tg.Value(1.0), "must be a function or a Value, got float"),
        (tg.Value(1.0), [tg.Value(1.0), 2.0], r"inputs\[1\] must be a Value, got float"),
        (tg.Value(1.0), np.ones(1), r"inputs\[0\] must be a Value, got float64"),
    ],
)
def test_only_values_can_be_differentiated(output, inputs, words):
    with pytest.raises(TypeError, match=words):
        tg.grad(output, inputs)


def test_gradients_of_gradients_of_gradients():
    x = tg.Value(0.5)
    derivative = tg.sigmoid(x)
    s = derivative.item()
    wanted = [
        s * (1 - s),
        s * (1 - s) * (1 - 2 * s),
        s * (1 - s) * (1 - 6 * s + 6 * s**2),
        s * (1 - s) * (1 - 2 * s) * (1 - 12 * s + 12 * s**2),
    ]
    for exact in wanted:
        derivative = tg.grad(derivative, x, create_graph=True)
        assert derivative.item() == pytest.approx(exact, rel=1e-14)


def test_backward_can_record_itself():
    x = tg.Value(2.0)
    (x**3).backward(create_graph=True)
    assert type(x.grad) is tg.Value
    assert tg.grad(x.grad, x) == 12


def test_the_seed_can_be_differentiated_too():
    x, seed = tg.Value([1.0, 2.0]), tg.Value([5.0, 7.0])
    product = tg.grad(x * x, x, seed, create_graph=True)
    assert tg.grad(tg.sum(product), seed).tolist() == [2, 4]


def test_a_derivative_that_came_with_the_value_is_used_and_copied():
    x = tg.Value([-1.0, 0.5, 3.0])
    y = tg.sigmoid(x)
    twin = pickle.loads(pickle.dumps(y))
    y.slope, twin.slope = y.slope * 2.0, twin.slope * 3.0
    seed = np.ones(3)
    exact = tg.sigmoid_prime(x.numpy())
    np.testing.assert_array_equal(tg.grad(y, x, seed), 2.0 * exact)
    np.testing.assert_array_equal(tg.grad(twin, tg.history(twin)[0], seed), 3.0 * exact)
    np.testing.assert_array_equal(tg.grad(y, x, seed, create_graph=True).data, exact)
    with tg.no_grad():
        assert tg.sigmoid(x).slope is None


def test_another_rule_is_not_overruled_by_the_derivative_that_came_with_the_value(monkeypatch):
    x = tg.Value([-1.0, 0.5, 3.0])
    y = tg.sum(tg.sigmoid(x))
    monkeypatch.setattr(tg.sigmoid, "vjps", (lambda g, out, z: 7.0 * g + 0.0 * z,))
    np.testing.assert_array_equal(tg.grad(y, x), [7.0] * 3)


# ----- Changing numbers -----


def assign_scalar():
    x = tg.Value(2.0, label="x")
    y = x * x * x
    x.data = 5.0
    return x, y


def assign_array():
    x = tg.Value([2.0, 3.0], label="x")
    y = tg.sum(x * x)
    x.data = [5.0, 6.0]
    return x, y


def change_one_element():
    x = tg.Value([2.0, 3.0], label="x")
    y = tg.sum(tg.exp(x))
    x.data[0] = 5.0
    return x, y


def make_a_step():
    x = tg.Value([2.0, 3.0], label="x")
    y = tg.sum(x * x)
    y.backward()
    x.data -= 0.1 * x.grad
    return x, y


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("change", [assign_scalar, assign_array, change_one_element, make_a_step])
def test_a_value_that_was_modified_after_it_was_used_is_named(change, create_graph):
    x, y = change()
    before = None if x.grad is None else x.grad.copy()
    with pytest.raises(GraphError, match=r"'x'.* was modified after .*made by (multiply|exp)"):
        tg.grad(y, x, create_graph=create_graph)
    with pytest.raises(GraphError, match="'x'"):
        y.backward(create_graph=create_graph)
    np.testing.assert_array_equal(before, x.grad)


@pytest.mark.parametrize("numbers", [2.0, [2.0, 3.0]])
def test_training_steps_between_backward_and_the_next_forward_are_free(numbers):
    w = tg.Value(numbers)
    for _ in range(3):
        loss = tg.sum(w * w)
        tg.zero_grad(w)
        loss.backward()
        w.data -= 0.25 * w.grad
    np.testing.assert_allclose(w.data, np.array(numbers) / 8, rtol=1e-15)


VIEWS = {
    "a slice": lambda data: data[:1],
    "a slice of a transposed matrix": lambda data: data.T[0, :1],
    "a view of a view": lambda data: data.reshape(-1)[:2].view(),
    "a memoryview": memoryview,
}
USES = {
    "a product": lambda x: x * 2.0 * x,
    "a product with itself": lambda x: x * x,
    "a view": lambda x: x.T.reshape(4) ** 2,
    "itself": lambda x: tg.square(tg.astype(x, dtype=x.dtype)),
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("view", VIEWS)
def test_a_change_through_a_view_that_was_taken_before_is_seen(view, use):
    x = tg.Value([[2.0, 3.0], [4.0, 5.0]], label="x")
    part = VIEWS[view](x.data)
    y = tg.sum(USES[use](x))
    for value in tg.history(y):
        for argument, seen in zip(value.args, value.inputs, strict=True):
            assert argument is not x or not seen.flags.writeable  # a rule may write to it
    part[(0,) * getattr(part, "ndim", 1)] = 9.0
    assert x.data[0, 0] == 9
    with pytest.raises(GraphError, match=r"'x' of shape .* was modified after Value made by"):
        y.backward()
    assert x.grad is None


@pytest.mark.parametrize("is_first_kept", [True, False])
@pytest.mark.parametrize("view", VIEWS)
def test_a_change_through_a_view_is_seen_by_every_graph_that_used_the_array(view, is_first_kept):
    x = tg.Value([[2.0, 3.0], [4.0, 5.0]], label="x")
    part = VIEWS[view](x.data)
    first = tg.square(x)
    if not is_first_kept:
        del first
    y = tg.sum(tg.exp(x))
    part[(0,) * getattr(part, "ndim", 1)] = 9.0
    with pytest.raises(GraphError, match=r"'x' of shape .* was modified after Value made by exp"):
        y.backward()


@pytest.mark.parametrize("use", USES)
def test_an_array_without_views_is_not_copied(use):
    x = tg.Value([[2.0, 3.0], [4.0, 5.0]])
    y = tg.sum(USES[use](x))
    for value in tg.history(y):
        for argument, seen in zip(value.args, value.inputs, strict=True):
            assert not isinstance(argument, tg.Value) or argument._numbers is seen


def test_looking_at_data_or_writing_the_same_numbers_is_no_modification():
    x = tg.Value([2.0, 3.0])
    y = tg.sum(x * x)
    x.data[...] = x.data + 0.0
    y.backward()
    np.testing.assert_array_equal([4.0, 6.0], x.grad)


HOLDERS = {
    "a graph": tg.exp,
    "a graph of a view": lambda w: w.T,
    "a view": lambda w: w.numpy()[:1],
    "a memoryview": lambda w: memoryview(w.numpy()),
    "a name": lambda w: w._numbers,
}


@pytest.mark.parametrize("holder", HOLDERS)
def test_data_to_change_is_a_copy_as_long_as_something_holds_the_old_array(holder):
    w = tg.Value([2.0, 3.0])
    graph = tg.square(w)
    first = id(w._numbers)
    held = HOLDERS[holder](w)
    del graph
    assert id(w.data) != first
    w.data += 1.0
    np.testing.assert_array_equal([3.0, 4.0], w.data)
    if isinstance(held, tg.Value):
        with pytest.raises(GraphError, match="was modified"):
            tg.sum(held).backward()
    else:
        assert np.asarray(held)[0] == 2.0


def test_copies_keep_the_order_in_memory():  # which decides the last bits of products
    table = np.asfortranarray([[2.0, 3.0], [4.0, 5.0]])
    w = tg.Value(table)
    y = w @ table
    assert [True, True] == [x.flags.f_contiguous for x in y.inputs]
    assert w.data.flags.f_contiguous  # the graph holds the old one


def test_a_warning_of_numpy_says_which_operation_it_came_from():
    with pytest.warns(RuntimeWarning, match="divide by zero") as caught:
        tg.Value(1.0) / 0.0
    assert [each.filename for each in caught] == ["<op divide>"]


def test_unpickled_arrays_have_the_graph_of_others():  # their dtype is another object
    def gradient(numbers):
        w = tg.Value(numbers)
        return tg.grad(tg.sum(w * tg.exp(w)), w, create_graph=True)

    table = np.array([2.0, 3.0])
    wanted, found = (gradient(x) for x in (table, pickle.loads(pickle.dumps(table))))
    assert [v.op for v in tg.history(wanted)] == [v.op for v in tg.history(found)]


def test_data_to_change_is_the_old_array_when_the_graph_is_gone():
    w = tg.Value([2.0, 3.0])
    first = id(w._numbers)
    tg.sum(w * w).backward()
    w.data -= 0.5 * w.grad
    assert (first, [0.0, 0.0]) == (id(w.data), w.data.tolist())


def test_a_constant_without_axes_stays_the_callers():
    x, constant = tg.Value(3.0), np.array(2.0)
    y = x * constant
    constant[...] = 100.0
    y.backward()
    assert x.grad == 2.0


def test_a_value_of_no_grad_shares_no_memory_with_a_graph():
    x = tg.Value([2.0, 3.0])
    y = tg.square(x)
    z = tg.sum(y * y)
    with tg.no_grad():
        free = tg.stop_gradient(y)
    free.data[...] = 100.0
    z.backward()
    np.testing.assert_array_equal([32.0, 108.0], x.grad)


def test_an_input_that_is_asked_for_twice_has_two_gradients():
    x = tg.Value([2.0, 3.0])
    first, second = tg.grad(tg.sum(x * x), [x, x])
    first[...] = 0.0
    np.testing.assert_array_equal([4.0, 6.0], second)


def test_values_of_no_grad_lie_in_memory_as_recorded_ones_do():
    x = tg.Value([[2.0, 3.0], [4.0, 5.0]])
    with tg.no_grad():
        assert x.T.numpy().strides == x.numpy().T.strides


def test_a_gradient_shares_no_memory_with_the_value_that_it_began_with():
    x, upstream = tg.Value([2.0, 3.0]), tg.Value([5.0, 7.0])
    y = x * 2.0
    y.backward(upstream)
    x.backward(upstream)
    results = [y.grad, x.grad, tg.grad(x, x, upstream)]
    upstream.data[...] = 100.0
    np.testing.assert_array_equal([[5.0, 7.0], [15.0, 21.0], [5.0, 7.0]], results)


def test_a_copy_from_another_process_has_the_same_graph_of_its_gradient():
    x = tg.Value([2.0, 3.0])
    copied = pickle.loads(pickle.dumps(x))  # its dtype is an object of its own
    sizes = [len(tg.history(tg.grad(tg.sum(v**3), v, create_graph=True))) for v in (x, copied)]
    assert sizes[0] == sizes[1]


def test_gradients_of_copies_from_another_process_share_no_memory():
    a, b = (pickle.loads(pickle.dumps(tg.Value([2.0, 3.0]))) for _ in range(2))
    tg.sum(tg.square(a + b)).backward()
    a.grad[...] = 0.0
    np.testing.assert_array_equal([8.0, 12.0], b.grad)


def test_what_a_graph_has_used_is_read_only():
    x = tg.Value([2.0, 3.0])
    held = x.data
    y = tg.exp(x)
    for array in (held, y.data, y.numpy(), x.numpy()):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 7.0
    assert x.data.flags.writeable  # a copy
    with pytest.raises(GraphError, match="exp"):
        y.data = [1.0, 2.0]


def test_a_constant_array_that_the_caller_reuses_does_not_matter():
    for view in (lambda x: x, lambda x: x[:], lambda x: np.broadcast_to(x, (2,))):
        batch = np.array([2.0, 3.0])
        w = tg.Value([1.0, 1.0])
        y = tg.sum(w * view(batch))
        batch[...] = 99.0
        y.backward()
        np.testing.assert_array_equal([2.0, 3.0], w.grad)
        assert batch.flags.writeable


def test_value_cannot_be_subclassed():
    with pytest.raises(TypeError, match="subclass"):
        type("Special", (tg.Value,), {})


def test_a_computed_number_cannot_be_assigned():
    x = tg.Value(2.0)
    y = tg.exp(x)
    with pytest.raises(GraphError, match=r"made by exp.* was computed"):
        y.data = 5.0
    with pytest.raises(GraphError, match=r"made by exp.* was computed"):
        y.data -= 1.0
    assert tg.grad(y, x) == np.exp(2.0)


def test_assigning_keeps_shape_and_type():
    x = tg.Value(np.ones((2, 1), np.float32), label="w")
    for new in ([1.0, 2.0], 1.0, np.ones((1, 2))):
        with pytest.raises(ShapeError, match=r"'w' of shape \(2, 1\) keeps its shape"):
            x.data = new
    with pytest.raises(DataTypeError, match=r"Value.data must be made of real numbers, got 'two'"):
        x.data = "two"
    numbers = np.array([[3], [4]])
    x.data = numbers
    numbers[:] = 0
    assert (x.data.tolist(), x.data.dtype) == ([[3], [4]], np.float32)
    x.data -= np.float32(1)
    x.data *= 2.0
    assert (x.data.tolist(), x.data.dtype) == ([[4], [6]], np.float32)
    scalar = tg.Value(3.0)
    scalar.data -= 1
    assert scalar.data == 2


# ----- Making a Value -----


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (3, np.float64(3)),
        (True, np.float64(1)),
        (np.int8(-3), np.float64(-3)),
        (np.uint8([255, 1]), np.array([255.0, 1.0])),
        ([1, 2], np.array([1.0, 2.0])),
        (((1, 2.5), (3, 4)), np.array([[1, 2.5], [3, 4]])),
        ([True, False], np.array([1.0, 0.0])),
        ([], np.zeros(0)),
        ([[], []], np.zeros((2, 0))),
        (range(3), np.arange(3.0)),
        (np.array(3.0), np.float64(3)),
        (np.float16(0.5), np.float16(0.5)),
        (np.ones(2, np.float32), np.ones(2, np.float32)),
        (np.ones(2, np.longdouble), np.ones(2, np.longdouble)),
        (np.ones(2, ">f8"), np.ones(2)),
        (np.array([[1.0, 2.0]])[:, ::-1], np.array([[2.0, 1.0]])),
        (np.ones(2).view(type("Special", (np.ndarray,), {})), np.ones(2)),
        (float("nan"), np.float64("nan")),
    ],
)
def test_a_value_is_made_of_anything_that_is_real_numbers(data, wanted):
    made = tg.Value(data).data
    assert type(made) is type(wanted)
    assert made.dtype == wanted.dtype
    assert np.array_equal(made, wanted, equal_nan=True)


@pytest.mark.parametrize("data", [3, np.uint8(3), [3], np.arange(4), True, [True, False]])
def test_integers_have_gradients_that_are_no_integers(data):  # autograd refused them
    x = tg.Value(data)
    found = tg.grad(tg.sum(x * 0.25), x)
    assert found.dtype == np.float64
    assert np.all(found == 0.25)


def test_a_value_shares_no_memory_with_what_it_was_made_from():
    array = np.ones(2)
    x = tg.Value(array)
    array[:] = 5
    assert x.data.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("a", "Value: data must be made of real numbers, got 'a'"),
        (b"a", "got b'a'"),
        (None, "got None"),
        (1j, "complex numbers"),
        ([1 + 2j], "complex numbers"),
        (object(), "object"),
        (decimal.Decimal("0.5"), "object"),
        (fractions.Fraction(1, 2), "object"),
        ([None], "object"),
        (["a", "b"], "dtype <U1"),
        (np.array([["good"], ["bad"]] * 99), "got dtype <U4, such as 'good'"),
        (np.array([1.0, None]), "got dtype object, such as None"),
        ({1.0: 2.0}, "object"),
        ({1.0}, "object"),
        ((x for x in [1.0]), "object"),
        ([[1, 2], [3]], "rows of one length"),
        ([10**400], "object"),
        (np.array(["2020-01-01"], "M8[D]"), "datetime64"),
        (np.zeros(2, [("x", float)]), "dtype"),
        (np.ma.masked_array([1.0], [True]), "masked array"),
        (tg.Value(1.0, label="x"), "already a Value, Value 'x' of shape"),
    ],
)
def test_a_value_is_not_made_of_anything_else(data, words):
    with pytest.raises(TypeError, match=words):
        tg.Value(data)
    if not isinstance(data, tg.Value):
        with pytest.raises(TypeError, match=words.replace("Value: data", "multiply: argument y")):
            tg.Value(1.0) * data


def test_values_in_a_list_are_joined_by_an_op_but_make_no_leaf():
    pair = [tg.Value(1.0), tg.Value(2.0)]
    with pytest.raises(TypeError, match=r"^Value: data must be numbers .*tg.array joins Values"):
        tg.Value(pair)
    with pytest.raises(TypeError, match=r"^Value.data must be numbers .*tg.array joins Values"):
        tg.Value([0.0, 0.0]).data = pair
    assert tg.grad((tg.Value(3.0) * pair).sum(), pair) == [3.0, 3.0]


def test_an_integer_too_large_for_a_float_is_refused():
    with pytest.raises(OverflowError, match="Value: data is an int too large"):
        tg.Value(10**400)
    with pytest.raises(OverflowError, match="add: argument y is an int too large"):
        tg.Value(1.0) + 10**400


@pytest.mark.parametrize("label", [1, b"w", ["w"]])
def test_a_label_is_text(label):
    with pytest.raises(TypeError, match="label must be a str or None"):
        tg.Value(1.0, label)


# ----- History -----


def test_history_is_in_order_of_birth_and_holds_each_value_once():
    x, y = tg.Value(1.0), tg.Value(2.0)
    z = y * x
    w = z + x
    tg.exp(z)  # made from them, but nothing was made from it
    assert tg.history(w) == [x, y, z, w]
    assert tg.history(z, w, x) == [x, y, z, w]
    assert tg.history(x) == [x]
    assert tg.history() == []


def test_numbers_count_births():
    x = tg.Value(1.0)
    y = x * x
    z = tg.Value(1.0)
    assert x.number < y.number < z.number


def test_a_value_remembers_its_op_arguments_and_options():
    x = tg.Value([[1.0, 2.0]])
    y = tg.sum(x, axis=-1)
    z = 2.0 * y
    assert (x.op, x.args, dict(x.options)) == (None, (), {})
    assert (y.op, y.args, dict(y.options)) == (
        tg.OPS["sum"],
        (x,),
        {"axis": (1,), "keepdims": False},
    )
    assert (z.op, z.args) == (tg.OPS["multiply"], (2.0, y))


def test_constants_are_not_recorded():
    assert type(tg.exp(1.0) + np.ones(2)) is np.ndarray


@pytest.mark.parametrize("change", [lambda x, y, z: (z, 2.0), lambda x, y, z: (y, 2.0)])
def test_a_cycle_is_refused(change):
    x = tg.Value(1.0)
    y = x * 2.0
    z = tg.exp(y + 1.0)
    y.args = change(x, y, z)
    for ask in (tg.history, lambda z: tg.grad(z, x), tg.Value.backward):
        with pytest.raises(ValueError, match="cycle"):
            ask(z)
    assert x.grad is None


def test_a_value_is_itself_and_equal_to_nothing_else():
    x, y = tg.Value(1.0), tg.Value(1.0)
    assert x == x  # noqa: PLR0124
    assert x != y
    assert (x == y) is False
    assert len({x, y, x}) == 2
    assert x in [y, x]
    assert {x: "x"}[x] == "x"
    assert tg.Value([1.0, 2.0]) not in [x, tg.Value([1.0, 2.0])]


# ----- Scopes and no_grad -----


def test_scopes_nest_and_end():
    assert tg.Value(1.0).scope == ""
    with tg.scope("a"):
        x = tg.Value(1.0)
        with tg.scope("b"):
            y = x * 2
        z = y * 2
    assert [v.scope for v in (x, y, z, z * 2)] == ["a", "a/b", "a", ""]


@pytest.mark.parametrize("setting", [tg.scope("a"), tg.no_grad()])
def test_a_setting_ends_with_an_exception_and_can_be_used_again(setting):
    x = tg.Value(1.0)
    for _ in range(2):
        with pytest.raises(ArithmeticError), setting:
            raise ArithmeticError
        y = x * 2
        assert (y.op is not None, y.scope) == (True, "")
    with setting, setting:
        pass
    assert (x * 2).op is not None


def test_settings_decorate_functions():
    @tg.no_grad()
    def plain(x):
        return x * 2

    @tg.scope("layer")
    def placed(x):
        return x * 2 if x.data < 100 else placed(x / 2)

    x = tg.Value(1.0)
    assert plain(x).op is None
    assert placed(x).scope == "layer"
    assert placed(tg.Value(300.0)).scope == "layer/layer/layer"
    assert (x * 2).scope == ""


def test_nothing_is_recorded_without_grad():
    x = tg.Value(3.0)
    with tg.no_grad():
        y = x * x
        with tg.scope("inner"):
            z = y + tg.Value(1.0)
        with tg.no_grad():
            pass
        w = x + 1
    assert [v.op for v in (y, z, w)] == [None] * 3
    assert [v.data for v in (y, z, w)] == [9, 10, 4]
    assert tg.grad(y * x, x) == 9


def test_a_gradient_can_be_computed_and_recorded_without_grad():
    x = tg.Value(3.0)
    y = x * x
    with tg.no_grad():
        assert tg.grad(y, x) == 6


@pytest.mark.parametrize("name", ["", None, 3])
def test_a_scope_needs_a_name(name):
    with pytest.raises(ValueError, match="scope: name must be a text"):
        tg.scope(name)


# ----- Errors name what they speak of -----


def test_a_value_is_described_by_label_op_and_shape():
    x = tg.Value([1.0, 2.0], label="w")
    y = x * 2
    assert x.described() == "Value 'w' of shape (2,)"
    assert y.described() == "Value made by multiply of shape (2,)"
    y.label = "doubled"
    assert y.described() == "Value 'doubled' made by multiply of shape (2,)"


def test_shapes_that_do_not_fit_are_named_with_labels_and_op():
    x, y = tg.Value(np.ones(3), label="inputs"), tg.Value(np.ones(4), label="weights")
    with pytest.raises(ShapeError) as caught:
        x * y
    assert str(caught.value) == (
        "multiply: x of shape (3,) (label 'inputs'), y of shape (4,) (label 'weights') "
        "do not fit together; wanted lengths that are equal or 1, counted from the right; those of "
        "axis -1 are 3 and 4"
    )
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda w: tg.sum(w, axis=5), ShapeError, "sum: axis 5 does not exist"),
        (lambda w: tg.softmax(w, axis=4), ShapeError, "softmax: axis 4 does not exist"),
        (lambda w: tg.prod(w, axis=3), ShapeError, "prod: axis 3 does not exist"),
        (lambda w: tg.sort(w, axis=9), ShapeError, "sort: axis 9 does not exist"),
        (lambda w: tg.cumsum(w, axis=9), ShapeError, "cumsum: axis 9 does not exist"),
        (lambda w: tg.transpose(w, (0, 0)), ValueError, "transpose: axis names one axis twice"),
        (lambda w: w.reshape(4), ShapeError, "reshape: cannot reshape"),
        (lambda w: tg.squeeze(w, axis=0), ShapeError, "squeeze: "),
        (lambda w: tg.broadcast_to(w, (4, 5)), ShapeError, "broadcast_to: "),
        (lambda w: w["a"], TypeError, "getitem: an index is made of ints"),
        (lambda w: w[5], IndexError, "getitem: index 5 is out of bounds"),
        (lambda w: tg.clip(w, np.zeros(2)), ShapeError, "clip: "),
        (lambda w: tg.round(w, "a"), TypeError, "round: decimals must be an int"),
        (lambda w: tg.astype(w, "c8"), TypeError, "astype: dtype must be a floating type"),
        (lambda w: tg.einsum("ij,jk", w, w), ShapeError, "einsum: axis 'j' has the lengths 3 and"),
        (lambda w: tg.concatenate([w, w], 7), ShapeError, "concatenate: axis 7 does not exist"),
        (lambda w: tg.affine(w, w, w), ShapeError, "affine: x, W and b of shapes"),
        (lambda w: tg.mse(w, np.ones(3)), ShapeError, "mse: y_true and y_pred must have one"),
        (lambda w: tg.softmax_cross_entropy(w, w[0]), ShapeError, "softmax_cross_entropy: "),
    ],
)
def test_whatever_an_op_refuses_it_names_the_value(call, error, words):
    before = tg.Value(0.0).number
    with pytest.raises(error) as caught:
        call(tg.Value(np.ones((2, 3)), label="the weights"))
    assert str(caught.value).startswith(words)
    assert "of shape (2, 3) (label 'the weights')" in str(caught.value)
    assert str(caught.value).count(words.split(":")[0] + ":") == 1
    assert caught.value.__cause__ is None
    assert tg.Value(0.0).number - before <= 3  # nothing was recorded


def test_an_endless_label_does_not_flood_a_message():
    with pytest.raises(ShapeError) as caught:
        tg.Value(np.ones(3), label="w" * 10_000) + np.ones(4)
    assert len(str(caught.value)) < 300


# ----- What was computed while nothing was recorded -----


def test_a_value_that_was_computed_without_grad_remembers_that():
    x = tg.Value(3.0, label="x")
    with tg.no_grad():
        y = x * x
        own = tg.Value(3.0)
    said = r"Value of shape \(\) was computed by multiply inside no_grad.*tg\.stop_gradient"
    for call in (y.backward, lambda: tg.grad(y, x), lambda: tg.grad(y, [x, own])):
        with pytest.raises(tg.GraphError, match=said):
            call()
    for copied in (copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        with pytest.raises(tg.GraphError, match=said):
            copied.backward()
    assert x.grad is None
    assert tg.grad(y, y) == 1


def test_a_value_of_ones_own_has_the_gradient_one_wherever_it_was_made():
    x = tg.Value(3.0)
    x.backward()
    with tg.no_grad():
        y = tg.Value(3.0)
        y.backward()
    assert x.grad == y.grad == 1


def test_what_was_computed_without_grad_is_a_leaf_of_later_graphs():
    x = tg.Value(3.0)
    with tg.no_grad():
        y = x * x
    (y * x).backward()
    assert (x.grad, y.grad) == (9, 3)


# ----- Assigned gradients -----


@pytest.mark.parametrize(
    ("data", "new", "kept"),
    [
        ([1.0, 2.0], [3, 4], [3.0, 4.0]),
        ([1.0, 2.0], np.array([3.0, 4.0]), [3.0, 4.0]),
        ([1.0, 2.0], 0, [0.0, 0.0]),
        ([[1.0], [2.0]], 0.0, [[0.0], [0.0]]),
        (2.0, 0, 0.0),
        (2.0, 5, 5.0),
        (np.float32(2.0), 0.1, np.float32(0.1)),
        (np.ones(2, np.float32), np.array([0.1, 0.2]), np.array([0.1, 0.2], np.float32)),
    ],
)
def test_an_assigned_gradient_is_kept_as_the_values_own_numbers_are(data, new, kept):
    w = tg.Value(data)
    w.grad = new
    assert (w.grad.dtype, w.grad.shape) == (w.dtype, w.shape)
    np.testing.assert_array_equal(w.grad, kept)
    if isinstance(new, np.ndarray):
        new[...] = 7.0
        np.testing.assert_array_equal(w.grad, kept)
    tg.sum(w).backward()
    np.testing.assert_array_equal(w.grad, np.asarray(kept) + np.asarray(1.0, w.dtype))
    w.grad = None
    assert w.grad is None


@pytest.mark.parametrize(
    ("new", "error", "words"),
    [
        (np.ones(3), ValueError, r"gradient of Value 'w' of shape \(2,\).*got shape \(3,\)"),
        (1.0, ValueError, r"or is 0 or None, got shape \(\)"),
        ([[1.0, 2.0]], ValueError, r"got shape \(1, 2\)"),
        (tg.Value(1.0), ValueError, r"got shape \(\)"),
        ([1j, 2.0], TypeError, "Value.grad must be made of real numbers"),
        (["a", "b"], TypeError, "Value.grad must be made of real numbers"),
        ("ab", TypeError, "Value.grad"),
        (np.ma.array([1.0, 2.0], mask=[0, 1]), TypeError, "Value.grad is a masked array"),
        (np.ones((1, 2)).view(np.matrix), TypeError, "Value.grad is a matrix"),
    ],
)
def test_what_cannot_be_a_gradient_is_refused_and_the_old_one_kept(new, error, words):
    w = tg.Value([1.0, 2.0], label="w")
    w.grad = [5.0, 6.0]
    with pytest.raises(error, match=words):
        w.grad = new
    assert w.grad.tolist() == [5.0, 6.0]


def test_a_gradient_can_be_changed_in_place_and_stay_recorded():
    w = tg.Value([1.0, 2.0])
    tg.sum(w * w).backward()
    before = w.grad
    w.grad *= 0.5
    assert w.grad is before
    assert before.tolist() == [1.0, 2.0]
    recorded = w * 3.0
    w.grad = recorded
    assert w.grad is recorded


# ----- Copies -----


def test_by_a_leaf_that_a_deep_copy_has_replaced_there_is_no_gradient():
    w, other = tg.Value([1.0, 2.0], label="w"), tg.Value(1.0)
    y = w * w * other
    twin = tg.sum(copy.deepcopy(y))
    for wanted in (w, [w, other]):
        with pytest.raises(tg.GraphError, match=r"made from a deep copy.* instead of Value 'w'"):
            tg.grad(twin, wanted)
    leaf = tg.history(twin)[0]
    assert tg.grad(twin, leaf).tolist() == [2.0, 4.0]
    assert tg.grad(twin + tg.sum(w), w).tolist() == [1.0, 1.0]
    assert tg.grad(tg.sum(copy.copy(y)), w).tolist() == [2.0, 4.0]  # shares the leaves
    assert tg.grad(tg.sum(copy.deepcopy(w)), w).tolist() == [0.0, 0.0]  # a parameter of its own


# ----- Counted references -----


@pytest.mark.parametrize("holder", HOLDERS)
def test_where_references_cannot_be_counted_data_to_change_is_a_copy(holder, monkeypatch):
    monkeypatch.setattr(ownership, "_ALONE", -np.inf)
    test_data_to_change_is_a_copy_as_long_as_something_holds_the_old_array(holder)


@pytest.mark.parametrize(
    "test",
    [
        test_looking_at_data_or_writing_the_same_numbers_is_no_modification,
        test_copies_keep_the_order_in_memory,
        test_a_constant_without_axes_stays_the_callers,
        test_a_value_of_no_grad_shares_no_memory_with_a_graph,
    ],
)
def test_where_references_cannot_be_counted_nothing_else_is_different(test, monkeypatch):
    monkeypatch.setattr(ownership, "_ALONE", -np.inf)
    test()


@pytest.mark.parametrize("counted", [True, False])
def test_an_array_that_a_name_refers_to_is_never_taken_for_ones_own(counted, monkeypatch):
    if not counted:
        monkeypatch.setattr(ownership, "_ALONE", -np.inf)
    rng = np.random.default_rng(0)
    for f in (tg.exp, tg.square, lambda w: w * w, lambda w: tg.reshape(w, (2, 2)), lambda w: w @ w):
        w = tg.Value(rng.normal(size=(2, 2)))
        held, before = w._numbers, w._numbers.copy()
        y = f(w)
        w.data -= 1.0
        np.testing.assert_array_equal(before, held)
        with pytest.raises(GraphError, match="was modified"):
            tg.sum(y).backward()
        wanted = f(tg.Value(before - 1.0))
        again = f(w)
        np.testing.assert_array_equal(wanted.data, again.data)
        tg.sum(again).backward()  # and what was changed can be differentiated


def test_counts_that_are_not_the_known_ones_are_not_trusted():
    text = """
import sys
count = sys.getrefcount
sys.getrefcount = lambda x: count(x) - 2  # as where references are borrowed
from tinygrad_mlp.core import ownership
assert ownership._ALONE < 0, ownership._ALONE
"""
    subprocess.run([sys.executable, "-c", text], check=True)
