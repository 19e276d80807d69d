"""Tests of fit with its losses, weights and optimizers, as its user calls it."""

import numpy as np
import pytest
from networks import assert_untouched, weights_of

import tinygrad_mlp as tg
from tinygrad_mlp.nn.objectives import Objective, Samples
from tinygrad_mlp.nn.training_step import TrainingStep

X, LABELS = tg.datasets.moons(60, rng=1)[:2]
LABELS = np.asarray(LABELS).reshape(-1).astype(int)


def classifier(outputs=2, **options):
    layers = [
        tg.FullyConnectedLayer(2, 6, rng=1),
        tg.ActivationLayer("tanh"),
        tg.FullyConnectedLayer(6, outputs, rng=2),
    ]
    return tg.Network(layers, verbose=False)


CLASSES = {"loss": "softmax_cross_entropy", "optimizer": tg.optimizers.Adam(), "rng": 0}


def test_numbers_of_classes_are_what_one_hot_makes_of_them():
    numbers, rows = classifier(), classifier()
    numbers.fit(X, LABELS, 30, 0.05, **CLASSES)
    rows.fit(X, tg.datasets.one_hot(LABELS), 30, 0.05, **CLASSES)
    assert_untouched(numbers, weights_of(rows))


@pytest.mark.parametrize("compiled", [False, True])
def test_a_classifier_learns(compiled):
    network = classifier()
    history = network.fit(X, LABELS, 300, 0.05, **CLASSES, compiled=compiled, metrics=["accuracy"])
    assert history.curves["accuracy"][-1] > 0.95
    assert network.score(X, LABELS) == history.curves["accuracy"][-1]


def test_one_output_and_binary_cross_entropy_learn_the_same_classes():
    network = classifier(1)
    network.fit(
        X, LABELS[:, np.newaxis], 300, 0.05, loss="binary_cross_entropy",
        optimizer=tg.optimizers.Adam(), rng=0,
    )  # fmt: skip
    assert network.score(X, LABELS[:, np.newaxis]) > 0.95


@pytest.mark.parametrize("compiled", [False, True])
def test_a_weight_of_2_is_a_sample_that_is_there_twice(compiled):
    weights = np.where(np.arange(len(X)) % 3 == 0, 2.0, 1.0)
    twice = np.repeat(np.arange(len(X)), weights.astype(int))
    weighted, repeated = classifier(), classifier()
    options = CLASSES | {"compiled": compiled}
    weighted.fit(X, LABELS, 20, 0.05, len(X), sample_weight=weights, **options)
    repeated.fit(X[twice], LABELS[twice], 20, 0.05, len(twice), **options)
    for one, other in zip(weights_of(weighted), weights_of(repeated)):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def test_balanced_classes_weigh_as_in_scikit_learn():
    labels = np.array([0, 0, 0, 0, 0, 0, 1, 1])
    by_hand = {0: 8 / (2 * 6), 1: 8 / (2 * 2)}
    balanced, given = classifier(), classifier()
    balanced.fit(X[:8], labels, 10, 0.05, class_weight="balanced", **CLASSES)
    given.fit(X[:8], labels, 10, 0.05, class_weight=by_hand, **CLASSES)
    assert_untouched(balanced, weights_of(given))


def test_an_ignored_class_does_not_count():
    labels = np.where(np.arange(len(X)) < 20, -100, LABELS)
    ignoring, without = classifier(), classifier()
    ignoring.fit(X, labels, 20, 0.05, len(X), ignore_index=-100, **CLASSES)
    without.fit(X[20:], LABELS[20:], 20, 0.05, len(X), **CLASSES)
    for one, other in zip(weights_of(ignoring), weights_of(without)):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def test_an_ignored_class_does_not_count_where_targets_are_shares_of_classes():
    labels = np.where(np.arange(60) % 3 == 0, 2, LABELS)
    by_number, by_shares = classifier(3), classifier(3)
    for network, targets in (by_number, labels), (by_shares, np.eye(3)[labels]):
        history = network.fit(X, targets, 5, metrics=["accuracy"], ignore_index=2, **CLASSES)
        network.seen = [*history], history.curves["accuracy"], network.evaluate(X, targets)
    assert_untouched(by_shares, weights_of(by_number))
    assert by_shares.seen == by_number.seen


def test_metrics_leave_out_what_does_not_count():
    network = classifier(3)
    labels = np.where(np.arange(60) % 3 == 0, 2, LABELS)
    history = network.fit(X, labels, 1, metrics=["accuracy"], ignore_index=2, **CLASSES)
    right = network.predict(X, as_array=True).argmax(1) == labels
    wanted = right[labels != 2].mean()
    assert network.score(X, labels) == history.curves["accuracy"][-1] == pytest.approx(wanted)


def test_a_part_for_validation_in_which_nothing_counts_is_refused():
    network = classifier()
    weights = (np.arange(60) == 7) * 1.0
    with pytest.raises(ValueError, match="validation_split drew a part in which all samples have"):
        network.fit(X, LABELS, 3, sample_weight=weights, validation_split=0.2, **CLASSES)


def test_a_batch_in_which_nothing_counts_moves_nothing():
    network = classifier()
    before = weights_of(network)
    weights = np.zeros(len(X))
    weights[-1] = 1.0
    step = TrainingStep(network.layers, Objective("softmax_cross_entropy"))
    samples = Samples(X, tg.datasets.one_hot(LABELS), weights)
    assert step(samples, np.arange(5), 0.5) == 0.0
    assert_untouched(network, before)


def test_a_later_training_goes_on_with_what_it_is_not_told():
    whole, parts = classifier(), classifier()
    rng = np.random.default_rng(0)
    whole.fit(X, LABELS, 20, **(CLASSES | {"rng": np.random.default_rng(0)}))
    parts.fit(X, LABELS, 8, **(CLASSES | {"rng": rng}))
    parts.fit(X, LABELS, 12, rng=rng)
    assert_untouched(parts, weights_of(whole))


def test_a_schedule_counts_the_steps_of_all_trainings():
    rates = []

    def rate(step):
        rates.append(step)
        return 0.01

    network = classifier()
    network.fit(X, LABELS, 3, rate, **CLASSES)
    network.partial_fit(X, LABELS)
    network.fit(X, LABELS, 2, rng=0)
    assert rates == list(range(6))


def test_another_loss_or_layer_keeps_the_state_of_the_optimizer_and_its_count():
    def own(y_true, y_pred):
        return tg.mse(y_true, y_pred)

    network, steps = classifier(), []
    targets = tg.datasets.one_hot(LABELS)
    network.fit(X, targets, 3, rng=0, optimizer=tg.optimizers.Adam())
    for options in ({"loss": own}, {"loss": "mae"}, {"optimizer": tg.optimizers.Adam()}):
        network.fit(X, targets, 2, rng=0, callbacks=[lambda p: steps.append(p.steps)], **options)
    network.add(tg.ActivationLayer("tanh"))
    network.fit(X, targets, 1, rng=0, callbacks=[lambda p: steps.append(p.steps)])
    assert steps == [4, 5, 6, 7, 8, 9, 10]
    network.fit(
        X, targets, 1, rng=0, optimizer=tg.optimizers.AdamW(),
        callbacks=[lambda p: steps.append(p.steps)],
    )  # fmt: skip
    assert steps[-1] == 1


@pytest.mark.parametrize("bad", [np.nan, -1.0, None, "0.1"])
def test_a_schedule_that_gives_no_rate_is_named_with_its_step(bad):
    network = classifier()
    with pytest.raises((TypeError, ValueError), match=r"learning_rate\(2\) must be"):
        network.fit(X, LABELS, 5, lambda step: 0.1 if step < 2 else bad, **CLASSES)


def test_plain_sgd_is_the_descent_of_the_notebook_to_the_last_bit():
    plain, named = classifier(), classifier()
    targets = tg.datasets.one_hot(LABELS)
    plain.fit(X, targets, 20, 0.5, rng=0)
    named.fit(X, targets, 20, 0.5, rng=0, optimizer=tg.optimizers.SGD())
    assert_untouched(named, weights_of(plain))


def test_samples_for_validation_are_not_learned_from():
    network, other = classifier(), classifier()
    rng = np.random.default_rng(4)
    order = np.random.default_rng(4).random(len(X)).argsort()
    kept = np.sort(order[:15])
    history = network.fit(X, LABELS, 9, **(CLASSES | {"rng": rng}), validation_split=0.25)
    rest = np.setdiff1d(np.arange(len(X)), kept)
    later = np.random.default_rng(4)
    later.random(len(X))
    data = X[kept], LABELS[kept]
    again = other.fit(X[rest], LABELS[rest], 9, **(CLASSES | {"rng": later}), validation_data=data)
    assert history.curves == again.curves
    assert history.curves["validation_loss"][-1] == network.evaluate(*data)["loss"]


def test_pieces_of_data_are_learned_one_by_one():
    pieces, whole = classifier(), classifier()
    told = {"loss": CLASSES["loss"], "optimizer": CLASSES["optimizer"]}
    for start in range(0, 60, 20):
        rows = slice(start, start + 20)
        pieces.partial_fit(X[rows], LABELS[rows], **told)
        told = {}  # from then on it is known
        whole.fit(X[rows], LABELS[rows], 1, batch_size=20, **CLASSES)
    for one, other in zip(weights_of(pieces), weights_of(whole)):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def called_loss(y_true, y_pred):
    return 0.0


called_loss.__name__ = "loss"
REFUSED = [
    ({"sample_weight": np.ones(3)}, r"sample_weight has shape \(3,\), wanted \(60,\)"),
    ({"sample_weight": -np.ones(60)}, "sample_weight must be finite and at least 0"),
    ({"sample_weight": np.zeros(60)}, "all samples have weight 0"),
    ({"class_weight": "even"}, "class_weight must be 'balanced' or a dict"),
    ({"class_weight": {2: 1.0}}, "class_weight: there is no class 2"),
    ({"class_weight": {0: np.nan}}, "class_weight must be finite"),
    ({"class_weight": "balanced", "loss": "mae"}, "class_weight is for a loss of classes"),
    ({"validation_split": 1.0}, "validation_split must be below 1"),
    ({"validation_split": 0.001}, "leaves 60 to learn from and 0 to validate"),
    ({"validation_split": 0.5, "validation_data": (X, LABELS)}, "not both"),
    ({"validation_data": X}, r"validation_data must be \(x, y\) or"),
    ({"validation_data": (X, LABELS[1:])}, r"validation_data\[0\] has 60 samples, but validation"),
    ({"optimizer": "adam"}, "optimizer must be one of tg.optimizers, such as"),
    ({"optimizer": tg.optimizers.Adam}, r"write Adam\(\)"),
    ({"learning_rate": tg.schedules.CosineDecay}, "got the class CosineDecay"),
    ({"loss": "nll"}, "loss must be one of"),
    ({"ignore_index": 1, "loss": "mse"}, "ignore_index is for"),
    ({"ignore_index": 1.0}, "ignore_index must be an int"),
    ({"metrics": ["f1"]}, "metrics must be of"),
    ({"metrics": ["mse", tg.mse]}, "metrics: there is another mse"),
    ({"metrics": [called_loss]}, "metrics: there is another loss"),
    ({"sample_weight": np.full(60, 1e308)}, "add up to more than float64 holds"),
]


@pytest.mark.parametrize(("options", "said"), REFUSED)
def test_what_does_not_fit_is_refused_before_anything_moves(options, said):
    network = classifier()
    before = weights_of(network)
    targets = tg.datasets.one_hot(LABELS) if "loss" in options else LABELS
    with pytest.raises((TypeError, ValueError), match=said):
        network.fit(X, targets, 3, **(CLASSES | options))
    assert_untouched(network, before)


@pytest.mark.parametrize(
    ("outputs", "loss", "targets", "said"),
    [
        (1, "binary_cross_entropy", 2 * LABELS - 1, "y_train has -1 in sample .* takes 0 and 1"),
        (1, "binary_cross_entropy", LABELS + 1, "y_train has 2 in sample"),
        (2, "softmax_cross_entropy", -np.eye(2)[LABELS], "y_train has -1 in sample 0"),
        (1, "softmax_cross_entropy", LABELS, "needs one output for each class"),
    ],
)
def test_targets_that_are_no_classes_are_refused(outputs, loss, targets, said):
    network = classifier(outputs)
    before = weights_of(network)
    with pytest.raises(ValueError, match=said):
        network.fit(X, targets, 3, 0.1, loss=loss)
    assert_untouched(network, before)


def test_a_logit_above_0_says_yes():
    network = tg.Network([tg.FullyConnectedLayer(1, 1, rng=0)], verbose=False)
    logits, yes = np.array([[-0.1], [0.2], [0.4], [3.0]]), np.array([0, 1, 1, 1])
    history = network.fit(
        logits, yes, 1, 0.0, rng=0, loss="binary_cross_entropy", metrics=["accuracy"]
    )
    network[0].weights, network[0].bias = np.ones((1, 1)), np.zeros((1, 1))
    assert network.score(logits, yes) == 1.0
    assert network.evaluate(logits, yes, metrics=["accuracy"])["accuracy"] == 1.0
    assert set(history.curves) == {"loss", "accuracy"}


def test_of_several_answers_all_must_be_right():
    network = tg.Network([tg.ActivationLayer("identity"), tg.FullyConnectedLayer(2, 2, rng=0)])
    rows, answers = (
        np.array([[1.0, 1.0], [-1.0, 1.0], [1.0, -1.0]]),
        np.array([[1, 1], [0, 1], [1, 1]]),
    )
    network.fit(rows, answers, 1, 0.0, rng=0, loss="binary_cross_entropy")
    network[1].weights, network[1].bias = np.eye(2), np.zeros((1, 2))
    assert network.score(rows, answers) == pytest.approx(2 / 3)
    with pytest.raises(
        ValueError, match="class_weight with binary_cross_entropy is for one output"
    ):
        network.fit(rows, answers, 1, class_weight="balanced")


@pytest.mark.parametrize("answer", [None, np.zeros(3)])
def test_a_metric_that_gives_no_number_is_named(answer):
    def closeness(y_true, y_pred):
        return answer

    with pytest.raises(TypeError, match="metric closeness must return one number, got"):
        classifier().fit(X, LABELS, 1, metrics=[closeness], **CLASSES)


def test_a_class_that_the_network_has_no_output_for_is_named():
    with pytest.raises(ValueError, match=r"y_train\[3\] is class 2, but the network has 2 outputs"):
        classifier().fit(X, np.where(np.arange(60) == 3, 2, LABELS), 3, **CLASSES)


def test_a_network_that_was_not_trained_here_is_judged_by_what_the_targets_are():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50, 4))
    layers = [tg.FullyConnectedLayer(4, 3, rng=0)]
    trained, other = (tg.Network(layers, verbose=False) for _ in range(2))
    labels = trained.predict(x, as_array=True).argmax(axis=1)
    labels[:5] = (labels[:5] + 1) % 3
    assert other.score(x, labels) == 0.9
    assert other.score(x, labels[:, np.newaxis]) == 0.9  # as fit takes them
    told = other.evaluate(x, labels, loss="softmax_cross_entropy", metrics=["accuracy"])
    logits = trained.predict(x, as_array=True)
    logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
    assert told["accuracy"] == 0.9
    assert told["loss"] == pytest.approx(-logits[np.arange(50), labels].mean(), rel=1e-12)
    single = tg.Network([tg.FullyConnectedLayer(4, 1, rng=0)], verbose=False)
    numbers = rng.integers(0, 9, size=50)  # of one output they are numbers, and no classes
    residual = numbers - single.predict(x, as_array=True)[:, 0]
    r2 = 1 - np.sum(residual**2) / np.sum((numbers - numbers.mean()) ** 2)
    assert single.score(x, numbers) == pytest.approx(r2, rel=1e-12)


def test_the_loss_of_evaluate_keeps_what_the_training_ignores():
    x, y = np.eye(3), np.array([0, 1, 2])
    network = tg.Network([tg.FullyConnectedLayer(3, 3, rng=0)], verbose=False)
    loss = "softmax_cross_entropy"
    network.fit(x, y, epochs=1, learning_rate=0.1, loss=loss, ignore_index=2, rng=0)
    assert network.evaluate(x, y, loss=loss) == network.evaluate(x, y)
    assert network.evaluate(x, np.eye(3), loss="mae") != network.evaluate(x, y)


# ----- Functions of one's own that write to what they get -----


def doubling(x):
    x *= 2.0  # of a Value it makes a new one
    return x


class Doubling(tg.Layer):
    def formula(self, x):
        return doubling(x)


@pytest.mark.parametrize("layer", [Doubling, lambda: tg.ActivationLayer(doubling)])
@pytest.mark.parametrize(
    "use",
    [
        lambda network, x, y: network.predict(x),
        lambda network, x, y: network(x),
        lambda network, x, y: network.evaluate(x, y),
        lambda network, x, y: network.layers[0](x, tg.TrainingPass()),
        lambda network, x, y: network.fit(x, y, 2, 0.1, validation_data=(x, y)),
    ],
)
def test_a_formula_cannot_write_to_the_samples(layer, use):
    network = tg.Network([layer(), tg.FullyConnectedLayer(2, 1, rng=0)], verbose=False)
    x, y = np.ones((3, 2)), np.ones((3, 1))
    wanted = "^layer1: the formula writes to its arguments, .*compute into new arrays"
    with pytest.raises(tg.errors.GraphError, match=wanted):
        use(network, x, y)
    assert np.array_equal(x, np.ones((3, 2)))
    x = tg.Value(x)
    assert 2.0 == network.layers[0](x).data[0, 0]


def changed_error(y_true, y_pred):
    y_true -= y_pred
    return np.mean(np.square(y_true))


@pytest.mark.parametrize("options", [{"metrics": [changed_error]}, {"loss": changed_error}])
def test_a_metric_and_a_loss_cannot_write_to_the_targets(options):
    network = tg.Network([tg.FullyConnectedLayer(2, 1, rng=0)], verbose=False)
    x, y = np.ones((3, 2)), np.ones((3, 1))
    if "loss" in options:  # while it learns these are Values
        network.fit(x, y, 1, 0.1, **options)
        options = {}
    wanted = "changed_error: the function writes to its arguments"
    with pytest.raises(tg.errors.GraphError, match=wanted):
        network.evaluate(x, y, **options)
    assert np.array_equal(y, np.ones((3, 1)))
