"""Tests of single steps: all weights move or none, compiled or not, whatever interrupts them."""

import contextlib
import gc
import sys
import tracemalloc

import numpy as np
import pytest
from networks import assert_untouched, sigmoid_network, some_data, weights_of

import tinygrad_mlp as tg
from tinygrad_mlp._support.structures import leaves
from tinygrad_mlp.nn.compiled_step import CompiledTrainingStep
from tinygrad_mlp.nn.descent import assign
from tinygrad_mlp.nn.objectives import Objective, Samples
from tinygrad_mlp.nn.training_step import TrainingStep

# ----- Interruptions -----


class StoppedError(Exception):
    """Stands for Ctrl-C."""


@pytest.mark.parametrize("interruption", [StoppedError, KeyboardInterrupt])
def test_after_an_interruption_the_weights_are_those_of_the_last_complete_step(interruption):
    x, y = some_data()
    interrupted, shorter = sigmoid_network(2, 3, 1), sigmoid_network(2, 3, 1)

    def stop_at_four(epoch, error):
        if epoch == 4:
            raise interruption

    with pytest.raises(interruption):
        interrupted.fit(x, y, 10, 0.5, batch_size=3, rng=0, callback=stop_at_four)
    shorter.fit(x, y, 5, 0.5, batch_size=3, rng=0)
    assert_untouched(interrupted, weights_of(shorter))
    # A second fit goes on from there as if nothing had happened.
    interrupted.fit(x, y, 3, 0.5, batch_size=3, rng=1)
    shorter.fit(x, y, 3, 0.5, batch_size=3, rng=1)
    assert_untouched(interrupted, weights_of(shorter))


def test_what_an_interrupted_training_left_does_not_come_back(monkeypatch):
    network = sigmoid_network(2, 3, 1)

    def interrupted(self):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(CompiledTrainingStep, "finish", interrupted)
        with pytest.raises(KeyboardInterrupt):
            network.fit(*some_data(), 3, 0.5, rng=0)
    network.layers[0].weights[...] = 0.5
    before = weights_of(network)
    network.fit(*some_data(), 1, 0.0, rng=0)
    assert_untouched(network, before)


def test_an_interruption_inside_the_update_leaves_no_half_step(monkeypatch):
    network, whole = sigmoid_network(2, 3, 1), sigmoid_network(2, 3, 1)
    whole.fit(*some_data(), 1, 0.5, rng=0)
    adopt, calls = tg.Value.adopt, []

    def failing(self, numbers):
        calls.append(self)
        if len(calls) == 2:
            raise KeyboardInterrupt
        adopt(self, numbers)

    monkeypatch.setattr(tg.Value, "adopt", failing)
    with pytest.raises(KeyboardInterrupt):
        network.fit(*some_data(), 1, 0.5, rng=0)
    assert_untouched(network, weights_of(whole))


def test_diverging_training_stops_with_the_last_finite_weights():
    network = tg.Network(verbose=False)
    network.add(tg.FullyConnectedLayer(1, 1, rng=0))
    x = np.full((2, 1, 1), 1e150)
    with np.errstate(over="ignore", invalid="ignore"), pytest.raises(ArithmeticError, match="W1"):
        network.fit(x, np.zeros((2, 1, 1)), 100, 1e20, rng=0)
    assert all(np.isfinite(parameter.data).all() for parameter in network.parameters())


def test_huge_samples_never_leave_a_nan_behind():
    network = sigmoid_network(2, 3, 1)
    x = np.full((4, 1, 2), 1e308)
    with np.errstate(over="ignore", invalid="ignore"), contextlib.suppress(FloatingPointError):
        network.fit(x, np.zeros((4, 1, 1)), 5, 0.5, rng=0)
    assert all(np.isfinite(parameter.data).all() for parameter in network.parameters())


@pytest.mark.parametrize("compiled", [True, False])
def test_float16_weights_that_one_step_would_carry_to_infinity_stay(compiled):
    network = tg.Network(verbose=False)
    network.add(tg.FullyConnectedLayer(1, 1, rng=0, dtype=np.float16))
    network.layers[0].weights, network.layers[0].bias = [[65504.0]], [[-65504.0]]
    x, y = np.ones((1, 1)), np.full((1, 1), 100.0)  # both move up by 100
    with np.errstate(over="ignore"), pytest.raises(FloatingPointError, match="W1"):
        network.fit(x, y, 1, 1.0, rng=0, compiled=compiled)
    assert network.layers[0].weights == [[65504.0]]


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_weight_that_is_not_finite_from_the_start_is_told(bad, compiled):
    network = sigmoid_network(2, 1)
    network.layers[0].bias[0, 0] = bad
    told = r"'b1' .* was not finite even before this step"
    with np.errstate(invalid="ignore"), pytest.raises(FloatingPointError, match=told):
        network.fit(*some_data(), 1, 0.1, rng=0, compiled=compiled)


def test_moves_whose_squares_overflow_are_no_divergence():
    x, y = np.full((2, 1), 1e100), np.zeros((2, 1))
    for compiled in (True, False):
        network = tg.Network(verbose=False)
        network.add(tg.FullyConnectedLayer(1, 1, rng=0))
        network.layers[0].weights, network.layers[0].bias = [[1e100]], [[0.0]]
        with np.errstate(over="ignore"):
            network.fit(x, y, 1, 1e-100, rng=0, compiled=compiled)
        np.testing.assert_allclose(network.layers[0].weights, [[-1e200]], rtol=1e-14)


def test_after_training_a_network_keeps_no_memory_for_it():
    network = sigmoid_network(500, 1000, 1)
    x, y = some_data(2, 500)
    tracemalloc.start()
    try:
        network.fit(x, y, 2, 0.1, rng=0)
        gc.collect()
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert held < 1.5 * sum(p.numpy().nbytes for p in network.parameters())


@pytest.mark.parametrize(
    ("optimizer", "times"),
    [
        (None, 2),  # numbers and gradients; or instead of these what the network gets in the end
        (tg.optimizers.SGD(momentum=0.9), 4),  # and the state, before and after a step
        (tg.optimizers.Adam(), 6),
        # Of these only the first part, which sees all gradients at once, is compiled for them all.
        (tg.optimizers.chain(tg.optimizers.ClipByNorm(1.0), tg.optimizers.Adam()), 13),
    ],
)
def test_fit_needs_no_more_memory_than_a_few_times_the_parameters(optimizer, times, monkeypatch):
    # Networks that fill a memory are much larger than a piece, so here it is small as well.
    monkeypatch.setattr("tinygrad_mlp.nn.mover.PIECE", 2**14)
    tracemalloc.start()
    try:
        network = sigmoid_network(1000, 2000, 1)
        x, y = some_data(14, 1000)
        size = sum(p.numpy().nbytes for p in network.parameters())
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        network.fit(x, y, 2, 1e-3, 8, full_pass=True, rng=0, optimizer=optimizer)  # of 8 and 6
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # A batch, what layers make of it, and what is on the way in a piece of an update.
    assert peak - before < (times + 0.5) * size


@pytest.mark.parametrize(
    "optimizer",
    [
        tg.optimizers.SGD(momentum=0.9, nesterov=True, weight_decay=0.1),
        tg.optimizers.RMSProp(momentum=0.5, centered=True),
        tg.optimizers.Adagrad(),
        tg.optimizers.AdamW(),
        tg.optimizers.chain(tg.optimizers.ClipByValue(0.01), tg.optimizers.Adam()),
        tg.optimizers.chain(tg.optimizers.ClipByNorm(0.01), tg.optimizers.Adam()),
    ],
)
@pytest.mark.parametrize("mixed", [False, True])
def test_an_update_in_pieces_is_that_of_the_whole(optimizer, mixed, monkeypatch):
    def network():
        layers = sigmoid_network(3, 5, 4, 2).layers
        if mixed:
            layers[2] = tg.FullyConnectedLayer(5, 4, rng=1, dtype=np.float32)
        return tg.Network(layers, verbose=False)

    assert getattr(optimizer, "parts", [optimizer])[-1].piecewise
    whole, pieces = network(), network()
    told = {"epoches": 3, "learning_rate": 0.1, "rng": 0, "optimizer": optimizer}
    history = whole.fit(*some_data(12, 3, 2), **told)
    monkeypatch.setattr("tinygrad_mlp.nn.mover.PIECE", 7)
    assert history == pieces.fit(*some_data(12, 3, 2), **told)
    assert_untouched(pieces, weights_of(whole))
    states = leaves(whole._step.state), leaves(pieces._step.state)
    for one, other in zip(*states, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_chain_within_a_chain_moves_as_one_step_after_the_other():
    def trained(optimizer, compiled):
        network = sigmoid_network(3, 5, 2)
        network.fit(*some_data(12, 3, 2), 4, 0.1, rng=0, optimizer=optimizer, compiled=compiled)
        return network

    inner = tg.optimizers.chain(tg.optimizers.ClipByNorm(0.02), tg.optimizers.ClipByValue(0.005))
    nested = tg.optimizers.chain(inner, tg.optimizers.Adam())
    flat = tg.optimizers.chain(*inner.parts, tg.optimizers.Adam())
    one, other, eager = trained(nested, True), trained(flat, True), trained(nested, False)
    assert_untouched(one, weights_of(other))
    assert list(one._step.state) == list(eager._step.state)
    for found, wanted in zip(leaves(one._step.state), leaves(eager._step.state), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-10)


@pytest.mark.parametrize("interruptions", [1, 2])
def test_ctrl_c_while_fit_hands_over_the_weights(interruptions, monkeypatch):
    x, y = some_data()
    whole, interrupted = sigmoid_network(2, 3, 1), sigmoid_network(2, 3, 1)
    whole.fit(x, y, 5, 0.1, rng=0, compiled=True)
    left = [True] * interruptions

    def interrupting(*args):
        if left:
            left.pop()
            raise KeyboardInterrupt
        assign(*args)

    monkeypatch.setattr("tinygrad_mlp.nn.compiled_step.assign", interrupting)
    with pytest.raises(KeyboardInterrupt):
        interrupted.fit(x, y, 5, 0.1, rng=0, compiled=True)
    if interruptions == 1:
        assert_untouched(interrupted, weights_of(whole))
    for network in (whole, interrupted):  # the next training begins with what it is given
        for parameter in network.parameters():
            parameter.data = np.ones(parameter.shape)
        network.fit(x, y, 5, 0.1, rng=0, compiled=True)
    assert_untouched(interrupted, weights_of(whole))


def interrupted(call, place):
    """Return whether Ctrl-C came to ``call`` at a bytecode of the training steps, by its number."""
    left = [place]

    def trace(frame, event, _):
        if "/nn/" not in frame.f_code.co_filename.replace("\\", "/"):
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys._getframe().f_trace_opcodes = True  # or else Python 3.12 begins with the next call
    sys.settrace(trace)
    try:
        call()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


@pytest.mark.parametrize(
    "parts", [[], [tg.optimizers.SGD(momentum=0.5), tg.optimizers.ClipByNorm(1.0)]]
)
@pytest.mark.parametrize("kind", [TrainingStep, CompiledTrainingStep])
def test_ctrl_c_at_any_bytecode_finds_weights_states_and_count_of_one_step(kind, parts):
    def started():
        network = tg.Network([tg.FullyConnectedLayer(2, 1, rng=0)])
        chain = tg.optimizers.chain(*parts, tg.optimizers.Adam())
        return kind(network.layers, Objective(), chain)

    def move(step):
        return step(samples, np.arange(2), 0.01)

    samples = Samples(np.ones((2, 2)), np.ones((2, 1)))
    step, whole = started(), started()
    move(step), move(whole)
    places, made = 0, 0
    while interrupted(lambda: move(step), places := places + 1):
        step.publish()
        if step.steps > whole.steps:
            made += 1
            move(whole)
        whole.publish()
        assert step.steps == whole.steps == step.state[f"{len(parts)}.step"]
        assert step.parameters[0].numpy().tolist() == whole.parameters[0].numpy().tolist()
        for one, other in zip(leaves(step.state), leaves(whole.state), strict=True):
            assert np.asarray(one).tolist() == np.asarray(other).tolist()
    assert 0 < made < places > 100


def test_training_leaves_arrays_that_own_their_memory():  # views would be copied to be changed
    network = sigmoid_network(2, 1)
    network.fit(*some_data(), 1, 0.1, rng=0)
    assert [None, None] == [parameter.data.base for parameter in network.parameters()]


def test_a_leftover_of_manual_training_does_not_leak_into_fit():
    clean, used = sigmoid_network(2, 1), sigmoid_network(2, 1)
    used.layers[0].forward([[1.0, 2.0]])
    used.layers[0].backward([[100.0]])
    clean.fit(*some_data(), 3, 0.5, rng=0)
    used.fit(*some_data(), 3, 0.5, rng=0)
    assert_untouched(used, weights_of(clean))


def test_layers_of_different_types_learn_as_without_compiling():
    x, y = np.random.default_rng(0).normal(size=(9, 2)), np.zeros((9, 1))
    parameters = []
    for compiled in (True, False):
        network = tg.Network(verbose=False)
        network.add(tg.FullyConnectedLayer(2, 3, rng=1, dtype=np.float32))
        network.add(tg.FullyConnectedLayer(3, 1, rng=2))
        network.fit(x, y, 3, 0.1, rng=3, compiled=compiled)
        parameters.append([p.data for p in network.parameters()])
    # One last bit of the float32 layer would be millions of those of the float64 layer behind it:
    # this holds because both ways round at the same places.
    for one, other in zip(*parameters):
        assert one.dtype == other.dtype
        assert np.allclose(one, other, rtol=4 * np.finfo(one.dtype).eps, atol=0)


class DecayedSigns(tg.optimizers.Optimizer):
    """A rule of one's own, which looks at each parameter by itself."""

    def update(self, gradients, state, parameters, rate):
        pairs = zip(parameters, gradients)
        return [rate * (tg.sign(gradient) + 0.5 * p) for p, gradient in pairs], state


@pytest.mark.parametrize("elementwise", [False, True])
@pytest.mark.parametrize("kind", [TrainingStep, CompiledTrainingStep])
def test_a_step_follows_any_rule(kind, elementwise, monkeypatch):
    monkeypatch.setattr(DecayedSigns, "elementwise", elementwise)
    network = sigmoid_network(2, 3, 1)
    x, y = (data[:, 0] for data in some_data(8))
    values = [tg.Value(p.data) for p in network.parameters()]
    first, second = (tg.sigmoid(x @ values[0] + values[1]), values[2:])
    tg.half_squared_error(y, tg.sigmoid(first @ second[0] + second[1])).backward()
    wanted = [p.data - 0.25 * (np.sign(p.grad) + 0.5 * p.data) for p in values]
    step = kind(network.layers, Objective(), DecayedSigns())
    step(Samples(x, y), np.arange(8), 0.25)
    step.finish()
    for one, other in zip(weights_of(network), wanted):
        np.testing.assert_allclose(one, other, rtol=1e-14)


class Rule(tg.optimizers.Optimizer):
    """A rule of one's own with a velocity, which is made of two functions."""

    def __init__(self, update, init=lambda p: {"v": [np.zeros(w.shape) for w in p]}):
        self.init, self._update = init, update

    def update(self, gradients, state, parameters, rate):
        return self._update(gradients, state, rate)


def in_place(gradients, state, rate):
    for g in gradients:
        g *= rate
    return gradients, state


def remembering_in_place(gradients, state, rate):
    for v, g in zip(state["v"], gradients):
        v += g
    return state["v"], state


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (Rule(in_place), "must not change what it is given"),
        (Rule(remembering_in_place), "must not change what it is given"),
        (Rule(lambda g, s, r: (g[:1], s)), r"gave moves of shapes \[\(2, 1\)\], wanted"),
        (Rule(lambda g, s, r: ([x.sum() for x in g], s)), r"gave moves of shapes \[\(\), \(\)\]"),
        (Rule(lambda g, s, r: g), "must return the list of moves and the next state"),
        (Rule(lambda g, s, r: (g, None)), "must return the list of moves and the next state"),
        (Rule(lambda g, s, r: (g, {})), r"a state with \[\], but init one with \['v'\]"),
        (Rule(lambda g, s, r: (g, s), init=lambda p: None), "init must return a dict, got None"),
    ],
)
def test_a_rule_of_ones_own_that_is_none_is_refused_before_anything_moves(rule, said, compiled):
    network = sigmoid_network(2, 1)
    before = weights_of(network)
    with pytest.raises((TypeError, ValueError), match=said):
        network.fit(*some_data(), 3, 0.1, rng=0, optimizer=rule, compiled=compiled)
    assert_untouched(network, before)


class Counting(tg.optimizers.Optimizer):
    """A rule that remembers in ``self``, which a program would not see."""

    steps = 0

    def update(self, gradients, state, parameters, rate):
        self.steps += 1
        return [rate / self.steps * g for g in gradients], state


def test_a_rule_that_remembers_in_self_or_draws_is_for_steps_that_are_not_compiled():
    drawing = Rule(lambda g, s, r: ([r * np.random.random() * x for x in g], s))
    for rule in (Counting(), drawing):
        network = sigmoid_network(2, 1)
        before = weights_of(network)
        with pytest.raises(TypeError, match=r"keep what it remembers in the state.*compiled=False"):
            network.fit(*some_data(), 3, 0.1, rng=0, optimizer=rule)
        assert_untouched(network, before)
    network, rule = sigmoid_network(2, 1), Counting()
    network.fit(*some_data(), 3, 0.1, rng=0, optimizer=rule, compiled=False)
    assert rule.steps == 3


@pytest.mark.parametrize("compiled", [False, True])
def test_a_state_may_begin_with_numbers_of_python(compiled):
    def fading(gradients, state, rate):
        step = state["step"] + 1
        return [rate * (1 / step) * g for g in gradients], {"step": step}

    found = []
    for rule in (Rule(fading, init=lambda p: {"step": 0}), None):
        network = sigmoid_network(2, 1)
        schedule = (lambda step: 0.1 / (step + 1)) if rule is None else 0.1
        network.fit(*some_data(), 4, schedule, rng=0, optimizer=rule, compiled=compiled)
        found.append(weights_of(network))
    np.testing.assert_allclose(*(np.concatenate([w.ravel() for w in x]) for x in found), rtol=1e-13)


# ----- Optimizers -----

OPTIMIZERS = [
    tg.optimizers.SGD(momentum=0.9, nesterov=True, weight_decay=0.01),
    tg.optimizers.RMSProp(centered=True, momentum=0.5),
    tg.optimizers.Adam(),
    tg.optimizers.AdamW(),
    tg.optimizers.Adagrad(),
    tg.optimizers.chain(tg.optimizers.ClipByNorm(0.01), tg.optimizers.Adam()),
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: type(o).__name__)
def test_a_compiled_update_moves_as_the_plain_one_and_as_one_written_by_hand(optimizer, dtype):
    x, y = (data[:, 0].astype(dtype) for data in some_data(16))

    def layers():
        first, second = (
            tg.FullyConnectedLayer(*sizes, rng=sizes[0], dtype=dtype) for sizes in ((2, 3), (3, 1))
        )
        return [first, tg.ActivationLayer("tanh"), second]

    batches = [np.arange(8), np.arange(8, 16), np.array([3, 5]), np.arange(8)]
    found = []
    for kind in (TrainingStep, CompiledTrainingStep):
        network = tg.Network(layers())
        step = kind(network.layers, Objective(), optimizer)
        for rows in batches:
            step(Samples(x, y), rows, 0.05)
        step.finish()
        found.append(weights_of(network))
    network = tg.Network(layers())
    state = optimizer.init([p.data for p in network.parameters()])
    for rows in batches:
        tg.zero_grad(network.parameters())
        loss = tg.half_squared_error(y[rows], network(tg.Value(x[rows]))) * (1 / len(rows))
        loss.backward()
        numbers = [p.data.copy() for p in network.parameters()]
        slopes = [p.grad for p in network.parameters()]
        moves, state = optimizer.update(slopes, state, numbers, 0.05)
        for p, before, move in zip(network.parameters(), numbers, moves):
            p.data = before - move
    eps = np.finfo(dtype).eps
    for by_hand, plain, compiled in zip(weights_of(network), *found):
        assert plain.dtype == compiled.dtype == dtype
        np.testing.assert_allclose(compiled, plain, 16 * eps, 16 * eps)
        np.testing.assert_allclose(plain, by_hand, 64 * eps, 64 * eps)


@pytest.mark.parametrize("kind", [TrainingStep, CompiledTrainingStep])
def test_a_step_that_fails_leaves_the_state_of_the_optimizer(kind):
    network = sigmoid_network(2, 3, 1)
    x, y = (data[:, 0] for data in some_data(8))
    step = kind(network.layers, Objective(), tg.optimizers.Adam(epsilon=0.0))
    step(Samples(x, y), np.arange(8), 0.01)
    before = [np.copy(entry) for entry in leaves(step.state)]
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError, match="training diverged"):
        step(Samples(x, y), np.arange(8), 1e308)
    for entry, old in zip(leaves(step.state), before):
        np.testing.assert_array_equal(entry, old)


@pytest.mark.parametrize("kind", [TrainingStep, CompiledTrainingStep])
def test_after_steps_that_fail_a_step_is_as_if_they_had_never_been(kind):
    x, y = (data[:, 0] for data in some_data(8))
    found = []
    for failures in (0, 1, 2, 3):
        network = sigmoid_network(2, 3, 1)
        step = kind(network.layers, Objective(), tg.optimizers.Adam(epsilon=0.0))
        for _ in range(2):
            step(Samples(x, y), np.arange(8), 0.01)
        for _ in range(failures):
            with np.errstate(all="ignore"), pytest.raises(FloatingPointError):
                step(Samples(x, y), np.arange(8), 1e308)
        step(Samples(x, y), np.arange(8), 0.01)
        step.finish()
        assert step.steps == 3
        found.append([*weights_of(network), *leaves(step.state)])
    for others in found[1:]:
        for one, other in zip(found[0], others, strict=True):
            np.testing.assert_array_equal(one, other)


class Heavy(tg.optimizers.Optimizer):
    """Momentum of one's own, parameter by parameter, with a count."""

    def init(self, parameters):
        return {"count": np.float64(0.0), "velocity": [np.zeros(p.shape) for p in parameters]}

    def update(self, gradients, state, parameters, rate):
        pairs = zip(state["velocity"], gradients, strict=True)
        velocity = [0.5 * v + g for v, g in pairs]
        return [rate * v for v in velocity], {"count": state["count"] + 1.0, "velocity": velocity}


@pytest.mark.parametrize("optimizer", [tg.optimizers.SGD(momentum=0.5), Heavy()])
def test_states_go_from_one_kind_of_step_to_the_other_even_of_scalars(optimizer):
    class Scaled(tg.Layer):
        def __init__(self):
            super().__init__()
            self.factor = tg.Value(0.5)

        def parameters(self):
            return [self.factor]

        def formula(self, x, factor):
            return factor * x

    x, y = (data[:, 0] for data in some_data(8))
    found = []
    for kinds in ([TrainingStep] * 4, [TrainingStep, CompiledTrainingStep] * 2):
        layers = [tg.FullyConnectedLayer(2, 1, rng=1), Scaled()]
        step = None
        for kind in kinds:
            new = kind(layers, Objective(), optimizer)
            step = new if step is None else new.going_on(step)
            step(Samples(x, y), np.arange(8), 0.1)
            step.finish()
        assert [p.shape for p in step.parameters] == [v.shape for v in step.state["velocity"]]
        found.append([*(p.numpy() for p in step.parameters), *leaves(step.state)])
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


@pytest.mark.parametrize("loss", ["half_squared_error", "mae", "softmax_cross_entropy"])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_compiled_step_tells_the_error_of_one_that_is_recorded(loss, dtype):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(7, 3)), np.eye(2)[rng.integers(2, size=7)]
    errors = []
    for compiled in (True, False):
        network = tg.Network([tg.FullyConnectedLayer(3, 2, rng=1, dtype=dtype)], verbose=False)
        history = network.fit(
            x, y, 4, 0.1, loss=loss, sample_weight=x[:, 0] ** 2, rng=2, compiled=compiled
        )
        errors.append([*history])
    assert errors[0] == errors[1]
