"""Tests of the optimizers: the published equations, PyTorch's numbers, and pure functions."""

import json
from pathlib import Path

import numpy as np
import pytest

import tinygrad_mlp as tg

PUBLISHED = json.loads(Path(__file__).with_name("published.json").read_text())
TOLERANCE = {"float64": 1e-12, "float32": 1e-5}


def made(name):
    """The optimizer of a name such as Adam(epsilon=1e-3)."""
    return eval(name if name.endswith(")") else f"{name}()", vars(tg.optimizers))


def loss(parameters):
    return sum(tg.sum(w**4 / 4 - w**2 + tg.sin(w)) for w in parameters)


def steps(optimizer, rate, dtype, count=50, update=None):
    """The parameters after each step."""
    parameters = [np.array(x, dtype) for x in PUBLISHED["starts"]]
    state = optimizer.init(parameters)
    slopes = tg.grad(lambda *w: loss(w), argnums=(0, 1))
    for _ in range(count):
        moves, state = (update or optimizer.update)(slopes(*parameters), state, parameters, rate)
        parameters = [w - move for w, move in zip(parameters, moves)]
        yield parameters


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("name", PUBLISHED["float64"])
def test_fifty_steps_give_the_numbers_of_pytorch(name, dtype):
    published = PUBLISHED[dtype][name]
    found = dict(enumerate(steps(made(name), published["rate"], dtype), 1))
    for step, wanted in published["after"].items():
        for w, there in zip(found[int(step)], wanted):
            assert w.dtype == dtype
            np.testing.assert_allclose(w, there, TOLERANCE[dtype], 0.0)


@pytest.mark.parametrize("name", PUBLISHED["float64"])
def test_an_update_can_be_compiled_and_gives_the_same_bits(name):
    optimizer = made(name)
    compiled = tg.compile(optimizer.update)
    for plain, other in zip(
        steps(optimizer, 0.05, float, 5), steps(optimizer, 0.05, float, 5, compiled)
    ):
        for w, v in zip(plain, other):
            np.testing.assert_array_equal(w, v)


def test_the_defaults_are_those_of_pytorch():
    rates = {name: made(name).learning_rate for name in ("RMSProp", "Adam", "AdamW", "Adagrad")}
    assert rates == {name: PUBLISHED["float64"][name]["rate"] for name in rates}
    assert tg.optimizers.SGD().learning_rate is None
    assert tg.optimizers.chain(tg.optimizers.ClipByNorm(1.0), made("Adam")).learning_rate == 0.001


# ----- The published equations, one step, by hand -----

G, W = np.array([3.0, -0.5, 0.0]), np.array([1.0, 2.0, -4.0])


def test_nesterov_looks_one_step_ahead():
    optimizer = tg.optimizers.SGD(momentum=0.9, nesterov=True)
    moves, state = optimizer.update([G], {"velocity": [W]}, [W], 0.1)
    np.testing.assert_allclose(state["velocity"][0], 0.9 * W + G)
    np.testing.assert_allclose(moves[0], 0.1 * (G + 0.9 * (0.9 * W + G)))


def test_the_first_move_of_adam_is_the_rate_in_the_direction_of_the_sign():
    optimizer = tg.optimizers.Adam(epsilon=1e-300)
    moves, _ = optimizer.update([G[:2]], optimizer.init([G[:2]]), [W[:2]], 0.1)
    np.testing.assert_allclose(moves[0], 0.1 * np.sign(G[:2]), rtol=1e-12)


def test_adamw_decays_apart_from_the_gradient():
    adam = tg.optimizers.Adam()
    with_decay = tg.optimizers.AdamW(weight_decay=0.5)
    plain, _ = adam.update([G], adam.init([W]), [W], 0.1)
    moves, _ = with_decay.update([G], with_decay.init([W]), [W], 0.1)
    np.testing.assert_allclose(moves[0], plain[0] + 0.1 * 0.5 * W)


def test_a_norm_is_that_of_all_gradients_together_and_never_lengthens():
    clip = tg.optimizers.ClipByNorm(2.0)
    (a, b), _ = clip.update([np.array([3.0]), np.array([[4.0]])], {}, [], 1.0)
    np.testing.assert_allclose([a[0], b[0, 0]], [1.2, 1.6], rtol=1e-6)
    (short,), _ = clip.update([np.array([0.1, -0.2])], {}, [], 1.0)
    np.testing.assert_array_equal(short, [0.1, -0.2])


# ----- Pure functions -----


@pytest.mark.parametrize("name", PUBLISHED["float64"])
def test_nothing_that_an_update_gets_is_changed(name):
    optimizer = made(name)
    state = optimizer.init([W])
    before = {key: np.copy(entry) for key, entry in state.items()}
    gradients, parameters = [G.copy()], [W.copy()]
    optimizer.update(gradients, state, parameters, 0.1)
    np.testing.assert_array_equal(gradients[0], G)
    np.testing.assert_array_equal(parameters[0], W)
    for key, entry in state.items():
        np.testing.assert_array_equal(entry, before[key])


@pytest.mark.parametrize("name", PUBLISHED["float64"])
def test_a_state_has_scalars_and_an_array_for_each_parameter(name):
    optimizer = made(name)
    parameters = [np.ones((2, 3), np.float32), np.ones((), np.float64), np.ones((0, 2))]
    first = optimizer.init(parameters)
    gradients = [np.full(p.shape, 0.5, p.dtype) for p in parameters]
    moves, second = optimizer.update(gradients, first, parameters, 0.1)
    assert list(first) == list(second)
    for entry, after in zip(first.values(), second.values()):
        if isinstance(entry, list):
            kinds = [(p.shape, p.dtype) for p in parameters]
            assert [(x.shape, x.dtype) for x in entry] == kinds
            assert [(x.shape, x.dtype) for x in after] == kinds
        else:
            assert np.shape(entry) == np.shape(after) == ()
    assert [(x.shape, x.dtype) for x in moves] == [(p.shape, p.dtype) for p in parameters]


def test_equal_settings_make_equal_optimizers():
    assert tg.optimizers.Adam() == tg.optimizers.Adam(betas=[0.9, 0.999])
    assert tg.optimizers.Adam() != tg.optimizers.AdamW(weight_decay=0.0)
    assert hash(tg.optimizers.Adam()) == hash(tg.optimizers.Adam(betas=[0.9, 0.999]))


# ----- What does not fit -----


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda o: o.SGD(momentum=1.0), r"momentum must be below 1, got 1\.0"),
        (lambda o: o.SGD(nesterov=True), "nesterov needs a momentum"),
        (lambda o: o.SGD(weight_decay=-0.1), "weight_decay must be at least 0"),
        (lambda o: o.Adam(betas=0.9), "betas must be two numbers, got 0.9"),
        (lambda o: o.Adam(betas=(0.9, 1.0)), "betas must be below 1"),
        (lambda o: o.RMSProp(epsilon="small"), "epsilon must be a real number, got str"),
        (lambda o: o.Adagrad(initial=np.nan), "initial must be finite"),
        (
            lambda o: o.SGD(0.1),
            r"no learning rate; give that to fit\(\.\.\., optimizer=tg\.optimizers",
        ),
        (lambda o: o.Adam(lr=0.1), "takes its options by name, and no learning rate"),
        (lambda o: o.RMSProp(learning_rate=0.1), r"RMSProp\(\), learning_rate=0\.01"),
        (lambda o: o.ClipByNorm(0.0), "limit must be above 0"),
        (lambda o: o.chain(), r"chain: give optimizers, such as chain\(ClipByNorm"),
        (lambda o: o.chain(o.Adam), r"got <class .*Adam'>; write Adam\(\)"),
    ],
)
def test_settings_that_mean_nothing_are_refused(call, said):
    with pytest.raises((TypeError, ValueError), match=said):
        call(tg.optimizers)


# ----- Schedules -----


@pytest.mark.parametrize("name", PUBLISHED["schedules"])
def test_the_rates_of_fifty_steps_are_those_of_pytorch(name):
    schedule = eval(name, vars(tg.schedules))
    rates = [schedule(step) for step in range(50)]
    np.testing.assert_allclose(rates, PUBLISHED["schedules"][name], 1e-12)


def test_the_last_rate_stays():
    for schedule in (tg.schedules.CosineDecay(1.0, 10, 0.25), tg.schedules.OneCycle(1.0, 10)):
        assert schedule(10_000) == pytest.approx(schedule(10), rel=1e-12)
    assert tg.schedules.Warmup(3, then=0.5)(10_000) == 0.5


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda s: s.StepDecay(0.1, every=0), "every must be at least 1, got 0"),
        (lambda s: s.Warmup(5, then="fast"), "then must be a real number, got str 'fast'"),
        (lambda s: s.Warmup(5, then=s.CosineDecay), "got the class CosineDecay"),
        (lambda s: s.OneCycle(0.1, steps=1), "steps must be at least 2"),
        (lambda s: s.OneCycle(0.1, steps=9, rising=1.0), "rising must be below 1"),
        (lambda s: s.CosineDecay(np.inf, 9), "rate must be finite"),
    ],
)
def test_schedules_that_mean_nothing_are_refused(call, said):
    with pytest.raises((TypeError, ValueError), match=said):
        call(tg.schedules)
