"""Tests of the estimators for scikit-learn, against its own ones of the same names."""

import pickle
import subprocess
import sys
import warnings
from importlib.util import find_spec

import numpy as np
import pytest

import tinygrad_mlp as tg

pytest.importorskip("sklearn", reason="needs scikit-learn")

from sklearn import datasets, neural_network
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale
from sklearn.utils.estimator_checks import check_estimator
from sklearn.utils.validation import has_fit_parameter

from tinygrad_mlp import sklearn as ours
from tinygrad_mlp.sklearn import MLPClassifier, MLPRegressor

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    # Older versions give SciPy options that newer ones do not like.
    pytest.mark.filterwarnings("ignore:scipy.optimize:DeprecationWarning"),
]


def iris():
    x, y = datasets.load_iris(return_X_y=True)
    return scale(x), y


def cancer():
    x, y = datasets.load_breast_cancer(return_X_y=True)
    return scale(x), y


def diabetes():
    x, y = datasets.load_diabetes(return_X_y=True)
    return scale(x), scale(y)


def two_targets():
    x, y = diabetes()
    return x, np.column_stack([y, 2 * y + x[:, 0]])


def labels():
    x, y = datasets.make_multilabel_classification(120, random_state=0)
    return scale(x), y


# ----- scikit-learn's own checks -----

QUICK = [
    MLPClassifier(10, max_iter=60, learning_rate_init=0.03),
    MLPRegressor(10, max_iter=60, learning_rate_init=0.03),
]
THOROUGH = [
    MLPClassifier(),
    MLPRegressor(),
    MLPClassifier(solver="sgd"),
    MLPRegressor(solver="sgd"),
    MLPClassifier(activation="tanh", solver=tg.optimizers.RMSProp()),
    MLPRegressor(solver="lbfgs"),
]


def all_checks(estimator):
    """Run every check of scikit-learn, and return what did not pass."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = check_estimator(estimator, on_fail=None, on_skip=None)
    assert len(results) > 50
    # One check wants a variable of SciPy that must be set before it is imported.
    skipped = {"check_array_api_input"}
    if find_spec("pandas") is None:  # scikit-learn leaves these out by itself
        skipped |= {r["check_name"] for r in results if "pandas" in str(r["exception"])}
    return {r["check_name"]: r["exception"] for r in results if r["status"] != "passed"}, skipped


@pytest.mark.parametrize("estimator", QUICK, ids=str)
def test_every_check_of_scikit_learn_passes(estimator):
    failed, skipped = all_checks(estimator)
    assert failed.keys() <= skipped


@pytest.mark.thorough
@pytest.mark.parametrize("estimator", THOROUGH, ids=str)
def test_every_check_of_scikit_learn_passes_whatever_the_parameters(estimator):
    failed, skipped = all_checks(estimator)
    assert failed.keys() <= skipped


# ----- The same numbers -----


def both(kind, **options):
    return getattr(neural_network, kind)(**options), getattr(ours, kind)(**options)


def weights_of(estimator):
    return [*estimator.coefs_, *estimator.intercepts_]


TINY = {"epsilon": 1e-15}  # scikit-learn adds it at another place, so let it count for nothing


@pytest.mark.parametrize(
    ("kind", "data", "options"),
    [
        ("MLPClassifier", iris, {"solver": "sgd", "learning_rate_init": 0.1}),
        ("MLPClassifier", iris, {"solver": "sgd", "nesterovs_momentum": False, "shuffle": False}),
        ("MLPClassifier", iris, {"solver": "sgd", "momentum": 0.0, "learning_rate": "invscaling"}),
        ("MLPClassifier", iris, {"alpha": 5.0, "batch_size": 30, "activation": "logistic", **TINY}),
        ("MLPClassifier", cancer, {"activation": "tanh", "early_stopping": True, **TINY}),
        ("MLPClassifier", labels, {"hidden_layer_sizes": (20, 10), **TINY}),
        ("MLPRegressor", diabetes, {"early_stopping": True, "batch_size": 32, **TINY}),
        ("MLPRegressor", two_targets, {"activation": "identity", **TINY}),
        ("MLPRegressor", diabetes, {"hidden_layer_sizes": [], "solver": "lbfgs"}),
    ],
)
def test_weights_are_those_that_scikit_learn_finds(kind, data, options):
    x, y = data()
    options = {"random_state": 3, "max_iter": 25, "alpha": 0.0, "hidden_layer_sizes": 12} | options
    theirs, own = (estimator.fit(x, y) for estimator in both(kind, **options))
    assert theirs.n_iter_ == own.n_iter_
    for expected, got in zip(weights_of(theirs), weights_of(own), strict=True):
        np.testing.assert_allclose(expected, got, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(theirs.score(x, y), own.score(x, y))
    if options.get("solver") != "lbfgs" and not options["alpha"]:  # their loss has the penalty
        np.testing.assert_allclose(theirs.loss_curve_, own.loss_curve_, rtol=1e-9)
    if options.get("early_stopping"):
        np.testing.assert_allclose(theirs.validation_scores_, own.validation_scores_)
        np.testing.assert_allclose(theirs.best_validation_score_, own.best_validation_score_)


def test_it_stops_at_the_pass_at_which_scikit_learn_stops():
    x, y = iris()
    options = {"solver": "sgd", "learning_rate_init": 0.5, "alpha": 0.0, "random_state": 0}
    theirs, own = (e.fit(x, y) for e in both("MLPClassifier", **options, tol=1e-3))
    assert theirs.n_iter_ == own.n_iter_ < 200
    np.testing.assert_allclose(theirs.predict_proba(x), own.predict_proba(x), rtol=1e-8)


def test_weights_of_samples_count_as_in_scikit_learn():
    if not has_fit_parameter(neural_network.MLPClassifier(), "sample_weight"):
        pytest.skip("this version of scikit-learn has no weights of samples here")
    x, y = iris()
    sample_weight = np.random.default_rng(0).integers(1, 4, len(y)).astype(float)
    options = {"solver": "sgd", "max_iter": 20, "alpha": 2.0, "random_state": 1}
    theirs, own = (e.fit(x, y, sample_weight) for e in both("MLPClassifier", **options))
    for expected, got in zip(weights_of(theirs), weights_of(own), strict=True):
        np.testing.assert_allclose(expected, got, rtol=1e-8, atol=1e-12)


def test_a_smooth_problem_has_the_minimum_that_scikit_learn_finds():
    x, y = iris()
    options = {"hidden_layer_sizes": (), "solver": "lbfgs", "alpha": 1.0, "tol": 1e-8}
    options["random_state"] = 0  # where it begins decides how far it comes
    theirs, own = (e.fit(x, y) for e in both("MLPClassifier", **options, max_iter=500))
    np.testing.assert_allclose(theirs.loss_, own.loss_, rtol=1e-6)  # it has the penalty here
    np.testing.assert_allclose(theirs.predict_proba(x), own.predict_proba(x), atol=1e-4)


def test_warm_starts_and_pieces_go_on_as_in_scikit_learn():
    x, y = iris()
    options = {"solver": "sgd", "momentum": 0.0, "alpha": 0.0, "random_state": 0, "max_iter": 5}
    theirs, own = both("MLPClassifier", warm_start=True, **options)
    for estimator in (theirs, own):
        estimator.fit(x, y).fit(x, y)
        estimator.partial_fit(x[::2], y[::2])
    for expected, got in zip(weights_of(theirs), weights_of(own), strict=True):
        np.testing.assert_allclose(expected, got, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(theirs.loss_curve_, own.loss_curve_, rtol=1e-10)


def test_a_warm_start_goes_by_the_parameters_of_today():
    x, y = iris()
    options = {"solver": "sgd", "momentum": 0.0, "alpha": 0.0, "random_state": 0, "max_iter": 4}
    theirs, own = both("MLPClassifier", warm_start=True, **options)
    for estimator in (theirs, own):
        estimator.fit(x, y).set_params(learning_rate_init=0.3, n_iter_no_change=1, tol=10.0)
        estimator.fit(x, y)
    assert theirs.n_iter_ == own.n_iter_ == 2
    np.testing.assert_allclose(theirs.predict_proba(x), own.predict_proba(x), rtol=1e-10)


# ----- At work -----


def test_it_works_in_pipelines_searches_and_cross_validation():
    x, y = datasets.load_iris(return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), MLPClassifier(8, max_iter=60, random_state=0))
    grid = {"mlpclassifier__learning_rate_init": [1e-5, 0.02], "mlpclassifier__alpha": [0.0, 0.1]}
    search = GridSearchCV(pipeline, grid, cv=3).fit(x, y)
    assert 0.02 == search.best_params_["mlpclassifier__learning_rate_init"]
    assert search.best_score_ > 0.93
    assert cross_val_score(search.best_estimator_, x, y, cv=3).mean() > 0.93


def test_it_can_be_calibrated():
    x, y = cancer()
    calibrated = CalibratedClassifierCV(MLPClassifier(8, solver="lbfgs", random_state=0), cv=3)
    probabilities = calibrated.fit(x, y).predict_proba(x)
    np.testing.assert_allclose(1.0, probabilities.sum(1))
    assert calibrated.score(x, y) > 0.95


def test_classes_may_have_names():
    x, y = iris()
    names = np.array(["setosa", "versicolor", "virginica"])
    classifier = MLPClassifier(8, solver="lbfgs", random_state=0).fit(x, names[y])
    assert names.tolist() == classifier.classes_.tolist()
    assert (classifier.predict(x) == names[y]).mean() > 0.97
    np.testing.assert_array_equal(
        names[classifier.predict_proba(x).argmax(1)], classifier.predict(x)
    )


def test_the_network_inside_is_one_of_this_package():
    x, y = iris()
    classifier = MLPClassifier((5, 4), "tanh", max_iter=3, random_state=0).fit(x, y)
    assert isinstance(classifier.network_, tg.Network)
    np.testing.assert_array_equal(classifier.network_(x), classifier.decision_function(x))
    np.testing.assert_allclose(tg.softmax(classifier.network_(x)), classifier.predict_proba(x))
    assert "<svg" in classifier.network_.draw().svg


@pytest.mark.parametrize("data", [iris, cancer])
def test_the_network_inside_can_be_saved(data, tmp_path):
    x, y = data()
    classifier = MLPClassifier(5, max_iter=3, random_state=0).fit(x, y)
    classifier.network_.save(tmp_path / "network.npz")
    again = tg.Network.load(tmp_path / "network.npz")
    np.testing.assert_array_equal(classifier.network_(x), again(x))


def test_any_optimizer_of_this_package_is_a_solver():
    x, y = iris()
    classifier = MLPClassifier(
        8, solver=tg.optimizers.RMSProp(), learning_rate_init=0.01, max_iter=50, random_state=0
    )
    assert classifier.fit(x, y).score(x, y) > 0.9


def test_pickled_it_predicts_and_learns_the_same():
    x, y = iris()
    options = {"solver": "sgd", "momentum": 0.0, "early_stopping": True, "warm_start": True}
    classifier = MLPClassifier(4, random_state=0, max_iter=5, **options).fit(x, y)
    copy = pickle.loads(pickle.dumps(classifier))
    np.testing.assert_array_equal(classifier.predict_proba(x), copy.predict_proba(x))
    for estimator in (classifier, copy):
        estimator.fit(x, y)
    np.testing.assert_array_equal(classifier.predict_proba(x), copy.predict_proba(x))


def test_samples_of_weight_zero_are_as_if_they_were_not_there():
    x, y = iris()
    weights = np.arange(len(y)) % 2.0
    one, other = (MLPClassifier(5, max_iter=5, batch_size=20, random_state=0) for _ in range(2))
    one.fit(x, y, sample_weight=weights)
    other.fit(x[1::2], y[1::2])
    for expected, got in zip(weights_of(other), weights_of(one), strict=True):
        np.testing.assert_allclose(expected, got, rtol=1e-10)


def test_float32_stays_float32():
    x, y = iris()
    classifier = MLPClassifier(4, max_iter=2).fit(x.astype("f"), y)
    assert {np.dtype("f")} == {w.dtype for w in weights_of(classifier)}
    assert np.dtype("f") == classifier.predict_proba(x.astype("f")).dtype


def test_pieces_may_lack_classes():
    x, y = iris()
    classifier = MLPClassifier(8, learning_rate_init=0.01, random_state=0)
    for _ in range(30):
        for start in range(0, 150, 50):  # one class each
            piece = slice(start, start + 50)
            classifier.partial_fit(x[piece], y[piece], classes=[0, 1, 2])
    assert 90 == len(classifier.loss_curve_)
    assert 3 == classifier.predict_proba(x).shape[1]


def test_what_it_does_is_told(capsys):
    x, y = iris()
    MLPClassifier(2, max_iter=2, random_state=0, verbose=True).fit(x, y)
    lines = capsys.readouterr().out.splitlines()
    assert 2 == len(lines)
    assert lines[0].startswith("Iteration 1, loss = ")


def test_a_training_that_was_too_short_warns_at_the_line_that_called_it():
    x, y = iris()
    with pytest.warns(ConvergenceWarning, match="after 2 iterations") as caught:
        MLPClassifier(2, max_iter=2).fit(x, y)
    assert __file__ == caught[0].filename


# ----- What does not fit -----


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"hidden_layer_sizes": (3, 0)}, "hidden_layer_sizes must be at least 1"),
        ({"hidden_layer_sizes": "many"}, "hidden_layer_sizes must be an int"),
        ({"activation": "step"}, "activation must be one of .*relu"),
        ({"solver": "newton"}, "solver must be 'adam', 'sgd', 'lbfgs' or one of tg.optimizers"),
        ({"alpha": -1.0}, "alpha must be at least 0"),
        ({"batch_size": 0}, "batch_size must be at least 1"),
        ({"learning_rate": 0.1}, "learning_rate must be one of constant.* is learning_rate_init"),
        ({"learning_rate_init": 0.0}, "learning_rate_init must be above 0"),
        ({"max_iter": 0}, "max_iter must be at least 1"),
        ({"n_iter_no_change": 0.5}, "n_iter_no_change must be an int"),
        ({"validation_fraction": 1.0}, "validation_fraction must be below 1"),
        ({"momentum": 1.5, "solver": "sgd"}, "momentum must be below 1"),
        (
            {"early_stopping": True, "validation_fraction": 0.005},
            "validation_fraction=0.005 of 150",
        ),
    ],
)
def test_a_parameter_that_does_not_fit_is_named(options, words):
    x, y = iris()
    with pytest.raises((TypeError, ValueError), match=words):
        MLPClassifier(**options).fit(x, y)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (np.zeros(150), "zero for all samples"),
        (-np.ones(150), "at least 0"),
        (np.ones(149), r"\(149,\), expected \(150,\)"),
        (np.full(150, np.nan), "sample_weight contains NaN"),
    ],
)
def test_weights_of_samples_that_do_not_fit_are_named(weights, words):
    with pytest.raises(ValueError, match=words):
        MLPClassifier().fit(*iris(), sample_weight=weights)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_loss_that_is_too_large_ends_it_with_a_word():
    x, y = diabetes()
    for solver, words in (("lbfgs", "scale the data"), ("sgd", "nan|inf|finite")):
        with pytest.raises(FloatingPointError, match=words):
            MLPRegressor(4, solver=solver, max_iter=9).fit(x * 1e160, y * 1e160)


def test_pieces_must_be_of_the_classes_that_were_told():
    x, y = iris()
    with pytest.raises(ValueError, match="classes must be given in the first call"):
        MLPClassifier().partial_fit(x, y)
    classifier = MLPClassifier().partial_fit(x, y, classes=[0, 1, 2])
    with pytest.raises(ValueError, match=r"not there before: \[7\]"):
        classifier.partial_fit(x[:2], [0, 7])
    with pytest.raises(ValueError, match="not those of the first call"):
        classifier.partial_fit(x, y, classes=[0, 1])


def test_partial_fit_is_not_there_where_it_could_do_nothing():
    assert not hasattr(MLPRegressor(solver="lbfgs"), "partial_fit")
    with pytest.raises(ValueError, match="early_stopping"):
        MLPRegressor(early_stopping=True).partial_fit(*diabetes())


def test_before_fit_nothing_is_predicted():
    with pytest.raises(NotFittedError):
        MLPRegressor().predict([[1.0]])


def test_without_scikit_learn_the_extra_is_named():
    program = "import sys; sys.modules['sklearn'] = None; import tinygrad_mlp.sklearn"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert "needs scikit-learn; pip install 'tinygrad-mlp[sklearn]'" in done.stderr
