"""Tests of training: it goes as in the notebook, and refuses what the notebook spoiled."""

import copy

import numpy as np
import per_sample
import pytest
from networks import assert_untouched, sigmoid_network, some_data, weights_of

import tinygrad_mlp as tg
from tinygrad_mlp import reference

# ----- It trains as the notebook does -----


@pytest.mark.parametrize("sizes", [(2, 3, 1), (4, 5, 3, 2), (1, 1)])
@pytest.mark.parametrize("batch_size", [1, 7, 12])
def test_fit_equals_the_per_sample_loop_with_the_same_seed(sizes, batch_size, capsys):
    x, y = some_data(12, sizes[0], sizes[-1])
    np.random.seed(42)
    by_hand = []
    for inputs, outputs in zip(sizes, sizes[1:], strict=False):
        by_hand += [per_sample.Dense(inputs, outputs), per_sample.Sigmoid()]
    lines = per_sample.train(by_hand, x, y, 25, 0.7, batch_size)
    after_by_hand = np.random.random()

    np.random.seed(42)
    network = tg.Network()
    for inputs, outputs in zip(sizes, sizes[1:], strict=False):
        network.add(tg.FullyConnectedLayer(inputs, outputs))
        network.add(tg.ActivationLayer())
    network.fit(x, y, epoches=25, learning_rate=0.7, batch_size=batch_size)

    assert capsys.readouterr().out.splitlines() == lines
    assert np.random.random() == after_by_hand  # both drew equally much
    for theirs, ours in zip(by_hand[::2], network.layers[::2], strict=True):
        np.testing.assert_allclose(ours.weights, theirs.weights, rtol=0, atol=1e-12)
        np.testing.assert_allclose(ours.bias, theirs.bias, rtol=0, atol=1e-12)
    for sample, output in zip(x, network.predict(x), strict=True):
        expected = sample
        for layer in by_hand:
            expected = layer.forward(expected)
        np.testing.assert_allclose(output, expected, rtol=0, atol=1e-12)


def test_the_layer_methods_train_as_the_per_sample_loop_does():
    x, y = some_data()
    np.random.seed(1)
    by_hand = [per_sample.Dense(2, 3), per_sample.Sigmoid(), per_sample.Dense(3, 1)]
    np.random.seed(1)
    ours = [tg.FullyConnectedLayer(2, 3), tg.ActivationLayer(), tg.FullyConnectedLayer(3, 1)]
    for layers in (by_hand, ours):
        for _ in range(3):
            for sample, target in zip(x, y, strict=True):
                output = sample
                for layer in layers:
                    output = layer.forward(output)
                error = output - target
                for layer in reversed(layers):
                    error = layer.backward(error)
            for layer in layers:
                layer.step(0.3)
    for theirs, mine in zip(by_hand[::2], ours[::2], strict=True):
        np.testing.assert_allclose(mine.weights, theirs.weights, rtol=0, atol=1e-14)
        np.testing.assert_allclose(mine.bias, theirs.bias, rtol=0, atol=1e-14)


def test_a_full_pass_sees_every_sample_once():
    class Witness(tg.Layer):
        def formula(self, x):
            seen.append(x)
            return x

    network = tg.Network(verbose=False)
    network.add(Witness())
    network.add(tg.FullyConnectedLayer(2, 1, rng=0))
    x, y = some_data(10)
    seen = []
    network.fit(x, y, 1, 0.1, batch_size=4, full_pass=True, rng=0)
    seen.pop(0)  # a look at the shape of the outputs
    assert [4, 4, 2] == [len(batch) for batch in seen]
    rows = np.concatenate(seen)
    np.testing.assert_array_equal(np.sort(rows, axis=0), np.sort(x[:, 0], axis=0))
    assert not np.array_equal(rows, x[:, 0])


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "softplus", "softmax"])
@pytest.mark.parametrize("options", [{}, {"full_pass": True, "batch_size": 5}])
def test_compiled_and_recorded_steps_train_alike(activation, options):
    x, y = some_data(12, 3, 2)
    trained = []
    for compiled in (True, False):
        network = tg.Network(verbose=False)
        for inputs, outputs in ((3, 4), (4, 2)):
            network.add(tg.FullyConnectedLayer(inputs, outputs, rng=inputs))
            network.add(tg.ActivationLayer(activation))
        errors = []

        def note(_, error, errors=errors):
            errors.append(error)

        for _ in range(2):
            network.fit(x, y, 15, 0.5, rng=1, compiled=compiled, callback=note, **options)
        trained.append([*weights_of(network), np.array(errors)])
    for one, other in zip(*trained):
        assert one.tobytes() == other.tobytes()  # a program computes the same to the last bit


def test_weights_that_a_callback_keeps_stay_as_they_were():
    network, kept = sigmoid_network(2, 3, 1), []
    network.fit(
        *some_data(), 6, 0.5, rng=0, callback=lambda *_: kept.append(network.layers[0].weights)
    )
    copies = [weights.copy() for weights in kept]
    network.fit(*some_data(), 6, 0.5, rng=0)
    for weights, copy_ in zip(kept, copies):
        np.testing.assert_array_equal(weights, copy_)
    assert 6 == len({weights.tobytes() for weights in kept})


def test_a_callback_may_change_the_weights():
    trained = []
    for compiled in (True, False):
        network = sigmoid_network(2, 3, 1)

        def decay(*_, network=network):
            network.layers[0].weights *= 0.9

        network.fit(*some_data(), 6, 0.5, rng=0, callback=decay, compiled=compiled)
        network.layers[2].bias += 1.0
        network.fit(*some_data(), 3, 0.5, rng=0, compiled=compiled)
        trained.append(weights_of(network))
    for one, other in zip(*trained):
        np.testing.assert_allclose(one, other, rtol=1e-13)


def test_a_layer_of_ones_own_is_run_at_every_step_unless_told_otherwise():
    class Counting(tg.Layer):
        calls = 0

        def formula(self, x):
            self.calls += 1
            return x

    for compiled, wanted in ((None, 11), (False, 11), (True, 2)):
        network = sigmoid_network(2, 1)
        network.add(layer := Counting())
        network.fit(*some_data(), 10, 0.5, rng=0, compiled=compiled)
        assert wanted == layer.calls


class Product(tg.Layer):
    """Multiplies by a matrix, of which others may have a share; its bias has no effect."""

    def __init__(self, matrix):
        super().__init__()
        self.matrix, self.bias = matrix, tg.Value([1.0, 2.0])

    def formula(self, x, matrix, bias):
        return x @ matrix

    def parameters(self):
        return [self.matrix, self.bias]


@pytest.mark.parametrize("compiled", [True, False])
def test_a_parameter_may_serve_two_layers_or_have_no_effect(compiled):
    matrix = tg.Value([[0.5, 0.25], [0.0, 1.0]])
    network = tg.Network(verbose=False)
    network.add(Product(matrix))
    network.add(Product(matrix))
    x, y = some_data(outputs=2)
    table, wanted = x[:, 0], tg.Value(matrix.data)
    loss = tg.sum(tg.square(y[:, 0] - table @ wanted @ wanted)) / (2 * len(x))
    network.fit(x, y, 1, 0.5, batch_size=len(x), rng=0, compiled=compiled)
    after = wanted.data - 0.5 * tg.grad(loss, wanted)
    np.testing.assert_allclose(after, matrix.data, rtol=1e-12)
    assert network.layers[0].bias.data.tolist() == [1.0, 2.0]


def test_numbers_learned_by_a_layer_of_ones_own_can_be_compiled():
    class Scale(tg.Layer):
        def __init__(self):
            super().__init__()
            self.factor = tg.Value(3.0, label="s")

        def formula(self, x, factor):
            return factor * x

        def parameters(self):
            return [self.factor]

    trained = []
    for compiled in (True, False):
        network = sigmoid_network(2, 1)
        network.add(Scale())
        network.fit(*some_data(), 10, 0.5, rng=0, compiled=compiled)
        trained.append(weights_of(network))
    for one, other in zip(*trained):
        np.testing.assert_allclose(one, other, rtol=1e-13)


class Reading(tg.Layer):
    """Its formula reads its parameter itself."""

    def __init__(self):
        super().__init__()
        self.factor = tg.Value(3.0, label="s")

    def formula(self, x, factor):
        return self.factor * x

    def parameters(self):
        return [self.factor]


def test_a_formula_that_reads_its_parameters_itself_cannot_be_compiled():
    network = sigmoid_network(2, 1)
    network.add(Reading())
    before = weights_of(network)
    with pytest.raises(TypeError, match=r"a formula reads Value 's.*must take its parameters"):
        network.fit(*some_data(), 10, 0.5, rng=0, compiled=True)
    assert_untouched(network, before)
    network.fit(*some_data(), 10, 0.5, rng=0)
    assert network.layers[2].factor.item() != 3.0


def test_a_layer_that_gets_another_parameter_learns_that_one():
    class Scale(Reading):
        def formula(self, x, factor):
            return factor * x

    network = sigmoid_network(2, 1)
    network.add(layer := Scale())
    network.fit(*some_data(), 2, 0.5, rng=0, compiled=True)
    first = layer.factor.item()
    old, layer.factor = layer.factor, tg.Value(5.0)
    network.fit(*some_data(), 2, 0.5, rng=0, compiled=True)
    assert old.item() == first
    assert layer.factor.item() != 5.0


def test_an_integer_rng_isolates_training_from_the_global_stream():
    x, y = some_data()
    results = []
    for global_seed in (1, 2):
        np.random.seed(global_seed)
        state = np.random.get_state()[1].copy()
        network = sigmoid_network(2, 3, 1, rng=9)
        network.fit(x, y, 5, 0.5, batch_size=3, rng=7)
        results.append(weights_of(network))
        np.testing.assert_array_equal(state, np.random.get_state()[1])
    for first, second in zip(*results, strict=True):
        np.testing.assert_array_equal(first, second)


def test_the_error_that_is_reported_is_the_mean_mse_before_the_step():
    network = sigmoid_network(2, 3, 2)
    x, y = some_data(6, 2, 2)
    outputs = network.predict(x)
    expected = np.mean([reference.mse(t, o) for t, o in zip(y, outputs, strict=True)])
    errors = []
    network.fit(x, y, 1, 0.1, batch_size=6, callback=lambda epoch, error: errors.append(error))
    np.testing.assert_allclose(errors, [expected], rtol=1e-14)


def test_the_history_is_what_the_callback_sees():
    network, seen = sigmoid_network(2, 3, 1), []
    history = network.fit(*some_data(), 7, 0.5, rng=0, callback=lambda _, error: seen.append(error))
    assert seen == history
    assert 7 == len(history)
    assert f"<History of 7 epochs, error {seen[0]:.6g} to {seen[-1]:.6g}>" == repr(history)
    assert [] == network.fit(*some_data(), 0, 0.5)


def test_a_network_learns_xor():
    x, y = tg.datasets.xor()
    network = sigmoid_network(2, 3, 1, rng=1)
    network.fit(x, y, 4000, 4.0, rng=3)
    assert [0, 1, 1, 0] == [round(float(output[0, 0])) for output in network.predict(x)]


# ----- Shapes and kinds of data -----


def test_samples_without_the_middle_axis_give_the_same_numbers():
    x, y = some_data()
    with_axis, without = sigmoid_network(2, 3, 1), sigmoid_network(2, 3, 1)
    with_axis.fit(x, y, 5, 0.5, rng=0)
    without.fit(x[:, 0], y[:, 0], 5, 0.5, rng=0)
    assert_untouched(with_axis, weights_of(without))
    assert all(output.shape == (1, 1) for output in without.predict(x[:, 0]))
    flat = sigmoid_network(2, 3, 1)
    flat.fit(x, y[:, 0, 0], 5, 0.5, rng=0)
    assert_untouched(flat, weights_of(with_axis))


def test_predict_gives_one_array_if_asked():
    network, (x, _) = sigmoid_network(2, 3, 2), some_data()
    table = network.predict(x, as_array=True)
    assert (12, 2) == table.shape
    np.testing.assert_array_equal(table, np.concatenate(network.predict(x)))
    assert (0, 2) == network.predict(np.zeros((0, 2)), as_array=True).shape


def test_predict_on_no_samples_is_an_empty_list():
    assert sigmoid_network(2, 1).predict(np.zeros((0, 1, 2))) == []


@pytest.mark.parametrize(
    "convert",
    [
        lambda x: x.astype(np.uint8),
        lambda x: x.astype(bool),
        lambda x: x.astype(np.int32),
        lambda x: x.tolist(),
        lambda x: tuple(x.tolist()),
        np.asfortranarray,
        lambda x: x[::-1][::-1],
        lambda x: x.astype(np.float32),
        lambda x: x.astype(np.longdouble),
    ],
)
def test_other_kinds_of_numbers_train_as_float64_copies_do(convert):
    source = np.random.default_rng(0)
    x = source.integers(0, 2, (8, 1, 2)).astype(float)
    y = source.integers(0, 2, (8, 1, 1)).astype(float)
    plain, converted = sigmoid_network(2, 3, 1), sigmoid_network(2, 3, 1)
    plain.fit(x, y, 5, 0.5, batch_size=4, rng=1)
    converted.fit(convert(x), convert(y), 5, 0.5, batch_size=4, rng=1)
    assert_untouched(plain, weights_of(converted))


def test_inputs_are_never_written_to():
    x, y = some_data()
    x.flags.writeable = y.flags.writeable = False
    sigmoid_network(2, 3, 1).fit(x, y, 5, 0.5, rng=0)
    broadcast = np.broadcast_to(x[0], x.shape)
    sigmoid_network(2, 3, 1).fit(broadcast, y, 5, 0.5, rng=0)


def test_float32_parameters_stay_float32():
    network = sigmoid_network(2, 3, 1, dtype=np.float32)
    network.fit(*some_data(), 5, 0.5, rng=0)
    assert {np.dtype(np.float32)} == {parameter.dtype for parameter in network.parameters()}
    assert network.predict(some_data()[0])[0].dtype == np.float32


BAD_DATA = {
    "three features": (
        lambda x, y: (np.zeros((12, 1, 3)), y),
        ValueError,
        r"3 features.*expects 2",
    ),
    "wide targets": (lambda x, y: (x, np.zeros((12, 1, 3))), ValueError, r"\(1, 3\).*\(1, 1\)"),
    "column targets": (lambda x, y: (x, np.zeros((12, 3, 1))), ValueError, r"\(3, 1\).*\(1, 1\)"),
    "several rows": (lambda x, y: (np.zeros((12, 5, 2)), y), ValueError, r"\(12, 5, 2\)"),
    "flat samples": (lambda x, y: (np.zeros(12), y), ValueError, r"\(12,\)"),
    "few targets": (lambda x, y: (x, y[:4]), ValueError, "12 samples.*has 4"),
    "many targets": (lambda x, y: (x[:4], y), ValueError, "4 samples.*has 12"),
    "no samples": (lambda x, y: (x[:0], y[:0]), ValueError, "empty"),
    "nan": (lambda x, y: (np.where(x == x[3, 0, 1], np.nan, x), y), ValueError, "nan in sample 3"),
    "infinite y": (lambda x, y: (x, np.where(y == y[2], np.inf, y)), ValueError, "y_train.*inf"),
    "text": (lambda x, y: ("x", y), TypeError, "x_train"),
    "None": (lambda x, y: (x, None), TypeError, "y_train"),
    "strings": (lambda x, y: (x.astype(str), y), TypeError, "x_train"),
    "objects": (lambda x, y: (x.astype(object), y), TypeError, "object"),
    "ragged": (lambda x, y: ([[1.0, 2.0], [3.0]], y), TypeError, "x_train"),
    "complex": (lambda x, y: (x + 1j, y), TypeError, "complex"),
    "masked": (lambda x, y: (np.ma.masked_less(x, 0), y), TypeError, "mask"),
}


@pytest.mark.parametrize("case", BAD_DATA)
def test_bad_data_is_refused_by_name_before_any_weight_changes(case):
    spoil, error, message = BAD_DATA[case]
    network = sigmoid_network(2, 3, 1)
    before = weights_of(network)
    x, y = spoil(*some_data())
    state = np.random.get_state()[1].copy()
    with pytest.raises(error, match=message):
        network.fit(x, y, 3, 0.5)
    assert_untouched(network, before)
    np.testing.assert_array_equal(state, np.random.get_state()[1])


def test_predict_refuses_complex_numbers_and_wrong_widths():
    network = sigmoid_network(2, 1)
    with pytest.raises(TypeError, match="complex"):
        network.predict(np.zeros((1, 1, 2), dtype=complex))
    with pytest.raises(ValueError, match="3 features"):
        network.predict(np.zeros((1, 1, 3)))


BAD_ARGUMENTS = [
    ({"batch_size": 0}, ValueError, "batch_size"),
    ({"batch_size": -3}, ValueError, "batch_size"),
    ({"batch_size": 2.0}, TypeError, "batch_size"),
    ({"batch_size": True}, TypeError, "batch_size"),
    ({"batch_size": "3"}, TypeError, "batch_size"),
    ({"batch_size": None}, TypeError, "batch_size"),
    ({"epoches": -1}, ValueError, "epoches"),
    ({"epoches": 1.5}, TypeError, "epoches"),
    ({"epoches": "2"}, TypeError, "epoches"),
    ({"epoches": None}, TypeError, "epoches"),
    ({"epochs": 3}, TypeError, "once"),
    ({"learning_rate": -0.1}, ValueError, "learning_rate"),
    ({"learning_rate": float("nan")}, ValueError, "learning_rate"),
    ({"learning_rate": float("inf")}, ValueError, "learning_rate"),
    ({"learning_rate": None}, TypeError, "learning_rate"),
    ({"learning_rate": "0.1"}, TypeError, "learning_rate"),
    ({"learning_rate": 1j}, TypeError, "learning_rate"),
    ({"learning_rate": np.ones(2)}, TypeError, "learning_rate"),
    ({"rng": -1}, ValueError, "rng"),
    ({"rng": 1.5}, TypeError, "rng"),
    ({"rng": "7"}, TypeError, "rng"),
    ({"rng": True}, TypeError, "rng"),
]


@pytest.mark.parametrize(("argument", "error", "name"), BAD_ARGUMENTS)
def test_bad_arguments_of_fit_are_refused_by_name(argument, error, name):
    network = sigmoid_network(2, 1)
    before = weights_of(network)
    with pytest.raises(error, match=name):
        network.fit(*some_data(), **({"epoches": 2, "learning_rate": 0.1} | argument))
    assert_untouched(network, before)


def test_a_learning_rate_that_was_not_given_is_called_missing():
    with pytest.raises(TypeError, match=r"learning_rate is missing; give it, .*learning_rate=0.1"):
        sigmoid_network(2, 1).fit(*some_data(), epochs=2)


LABELS = [[0, 2, 1, 2], [[0], [2], [1], [2]], [0.0, 2.0, 1.0, 2.0], np.array([[[0]], [[1]], [[2]]])]


@pytest.mark.parametrize("labels", LABELS)
def test_for_labels_an_error_tells_how_they_become_targets(labels):
    network, x = sigmoid_network(2, 3), np.zeros((len(labels), 2))
    with pytest.raises(ValueError, match="; for labels, ") as refused:
        network.fit(x, labels, 1, 0.1)
    advice = str(refused.value).split("; for labels, ")[1]
    targets = eval(advice, {"tg": tg, "np": np, "y_train": labels})
    network.fit(x, targets, 1, 0.1)
    assert np.ravel(labels).tolist() == targets.argmax(axis=1).tolist()


@pytest.mark.parametrize("targets", [[0, 3, 1, 2], [0.5, 1.0, 2.0, 0.0], [[0, 1], [1, 0]] * 2])
def test_what_are_no_labels_of_the_outputs_get_no_advice(targets):
    with pytest.raises(ValueError, match=r"has shape \(1, 3\)$"):
        sigmoid_network(2, 3).fit(np.zeros((4, 2)), targets, 1, 0.1)


def test_for_names_of_classes_an_error_tells_how_they_become_targets():
    names = ["dog", "cat", "dog"]
    network, x = sigmoid_network(2, 2), np.zeros((3, 2))
    with pytest.raises(TypeError, match=r"y_train .*; for names of classes, ") as refused:
        network.fit(x, names, 1, 0.1)
    advice = str(refused.value).split("; for names of classes, ")[1]
    targets = eval(advice, {"tg": tg, "np": np, "names": names})
    assert [[0, 1], [1, 0], [0, 1]] == targets.tolist()
    network.fit(x, targets, 1, 0.1)


@pytest.mark.parametrize(
    "targets",
    ["dog", None, tg.Value([[1.0]]), [[1.0], [1.0, 2.0]], [np.ones((2, 2)), np.ones((2, 3))], [1j]],
)
def test_targets_that_are_no_names_either_are_refused_without_that_advice(targets):
    with pytest.raises(TypeError, match="y_train") as refused:
        sigmoid_network(2, 1).fit(np.zeros((1, 2)), targets, 1, 0.1)
    assert "names of classes" not in str(refused.value)


class Table:
    """Has named columns, and becomes an array of objects, as a DataFrame of mixed kinds does."""

    def __init__(self, columns):
        self.columns = list(columns)
        self.rows = [list(row) for row in zip(*columns.values())]

    def __array__(self, dtype=None, copy=None):
        return np.array(self.rows, object)

    def __repr__(self):
        return "the whole table"


MIXED = [
    ({"age": [1, 2], "name": ["Ada", "Bob"]}, r"str 'Ada' in row 0 of the column 'name'"),
    ({"age": [1.5, None]}, r"NoneType None in row 1 of the column 'age'"),
    ({"when": [np.datetime64("2020"), 1]}, r"datetime64 .* in row 0 of the column 'when'"),
    ({"age": [1, 2], "tall": [True, False]}, r"different kinds; .astype\(float\) makes them one"),
]


@pytest.mark.parametrize(("columns", "told"), MIXED)
def test_the_column_of_a_table_that_is_no_numbers_is_named(columns, told):
    with pytest.raises(
        TypeError, match=f"x_train must be made of real numbers, got .*{told}"
    ) as no:
        sigmoid_network(len(columns), 1).fit(Table(columns), [[1.0], [0.0]], 1, 0.1)
    assert "whole table" not in str(no.value)


@pytest.mark.parametrize(("columns", "told"), MIXED)
def test_a_data_frame_of_pandas_is_such_a_table(columns, told):
    frame = pytest.importorskip("pandas").DataFrame(columns, dtype=object)
    with pytest.raises(TypeError, match=told.replace("datetime64 .*", ".*")):
        sigmoid_network(len(columns), 1).predict(frame)
    if "tall" in columns:  # the advice is true
        sigmoid_network(2, 1).predict(frame.astype(float))


@pytest.mark.parametrize(
    ("kind", "number"), [(np.float16, 70000.0), (np.float32, 1e39), (np.float16, -1e300)]
)
@pytest.mark.parametrize("name", ["x_train", "y_train"])
def test_finite_data_that_are_too_large_for_the_weights_are_not_called_infinite(kind, number, name):
    network, (x, y) = sigmoid_network(2, 1, dtype=kind), some_data()
    {"x_train": x, "y_train": y}[name][3] = number
    told = rf"{name} has {number} in sample 3.*too large for {np.dtype(kind)}.*scale the data"
    with pytest.raises(ValueError, match=told.replace("+", r"\+")):
        network.fit(x, y, 1, 0.1)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("kind", [np.float16, np.float64])
def test_what_is_not_finite_is_called_so_for_every_type_of_weights(bad, kind):
    network, (x, y) = sigmoid_network(2, 1, dtype=kind), some_data()
    x[3] = bad
    with pytest.raises(ValueError, match=rf"x_train has {bad} in sample 3, .* remove nan"):
        network.fit(x, y, 1, 0.1)


@pytest.mark.parametrize(
    "seed", [0, np.int64(3), 2**32, np.random.default_rng(1), np.random.RandomState(1)]
)
def test_good_seeds_reproduce_training(seed):
    results = []
    for _ in range(2):
        network = sigmoid_network(2, 1)
        network.fit(*some_data(), 3, 0.5, batch_size=2, rng=copy.deepcopy(seed))
        results.append(weights_of(network))
    for first, second in zip(*results, strict=True):
        np.testing.assert_array_equal(first, second)


def test_a_batch_larger_than_the_data_takes_all_of_it():
    x, y = some_data(4)
    large, exact = sigmoid_network(2, 1), sigmoid_network(2, 1)
    np.random.seed(0)
    large.fit(x, y, 5, 0.5, batch_size=64)
    np.random.seed(0)
    exact.fit(x, y, 5, 0.5, batch_size=4)
    assert_untouched(large, weights_of(exact))


def test_no_epochs_change_nothing_and_draw_nothing():
    network = sigmoid_network(2, 1)
    before = weights_of(network)
    state = np.random.get_state()[1].copy()
    network.fit(*some_data(), 0, 0.5)
    assert_untouched(network, before)
    np.testing.assert_array_equal(state, np.random.get_state()[1])


def test_epochs_is_an_accepted_spelling():
    first, second = sigmoid_network(2, 1), sigmoid_network(2, 1)
    first.fit(*some_data(), epochs=3, learning_rate=0.5, rng=0)
    second.fit(*some_data(), epoches=3, learning_rate=0.5, rng=0)
    assert_untouched(first, weights_of(second))
