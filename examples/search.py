"""Search for a good network for digits: widths, rates and penalties, by scikit-learn's grid."""

import warnings

import tinygrad_mlp as tg

try:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.model_selection import GridSearchCV, StratifiedKFold
except ImportError:
    print("this needs scikit-learn: pip install 'tinygrad-mlp[sklearn]'")
    raise SystemExit from None

from tinygrad_mlp.sklearn import MLPClassifier

# %% What is tried: each with each, on three parts of the data in turn, by joblib on all cores

split = tg.datasets.train_test_split(*tg.datasets.load_digits(), rng=0)
grid = {
    "hidden_layer_sizes": [(16,), (64,)],
    "learning_rate_init": [1e-3, 1e-2],
    "alpha": [1e-4, 1.0],
}
search = GridSearchCV(
    MLPClassifier(max_iter=20, random_state=0),
    grid,
    cv=StratifiedKFold(3, shuffle=True, random_state=0),
    n_jobs=-1,
)

# %% The search; twenty passes are enough to compare, so that they have not converged is no news

with warnings.catch_warnings():
    warnings.simplefilter("ignore", ConvergenceWarning)
    search.fit(split.x_train, split.y_train)

# %% What was found, best first

found = search.cv_results_
for place in found["rank_test_score"].argsort(kind="stable"):
    print(f"{found['mean_test_score'][place]:.1%}", found["params"][place])

# %% The best one was trained on all of it once more; inside is a network of this package

share = search.score(split.x_test, split.y_test)
print(f"{search.best_estimator_.network_}: {share:.1%} of the test digits are right")
