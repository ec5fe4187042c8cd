"""Networks are estimators of scikit-learn: its own checks pass, and its tools take them."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import nn
from autograd.errors import AutogradError
from nn.estimators import NeuralNetClassifier, NeuralNetRegressor


@parametrize_with_checks(  # type: ignore[untyped-decorator]
    [NeuralNetClassifier(epochs=40, batch_size=16, hidden_layer_sizes=(20,)),
     NeuralNetRegressor(epochs=40, batch_size=16, hidden_layer_sizes=(20,))]
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::Warning")
def test_the_checks_of_scikit_learn(estimator: Any, check: Any) -> None:
    check(estimator)


def data(classes: bool = True) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3))
    return X, np.where(X[:, 0] > 0, "yes", "no") if classes else X @ [1.0, 2.0, 0.0]


def test_pipelines_grids_and_folds_take_it() -> None:
    X, y = data()
    net = NeuralNetClassifier(epochs=60, batch_size=4, hidden_layer_sizes=(8,), random_state=0)
    pipeline = make_pipeline(StandardScaler(), net)
    assert cross_val_score(pipeline, X, y, cv=3).mean() > 0.8
    grid = GridSearchCV(net, {"hidden_layer_sizes": [(4,), (8,)], "optimizer": ["adam"]}, cv=2)
    assert set(grid.fit(X, y).best_params_) == {"hidden_layer_sizes", "optimizer"}


def test_a_seed_gives_the_same_network_and_touches_no_other_numbers() -> None:
    X, y = data()
    nn.manual_seed(3)
    before = nn.Linear(2, 2).weight.tolist()
    nn.manual_seed(3)
    fits = [NeuralNetClassifier(epochs=3, random_state=1).fit(X, y) for _ in range(2)]
    assert nn.Linear(2, 2).weight.tolist() == before
    np.testing.assert_array_equal(*(net.predict_proba(X) for net in fits))
    again = pickle.loads(pickle.dumps(fits[0]))
    np.testing.assert_array_equal(again.predict_proba(X), fits[0].predict_proba(X))


def test_a_module_of_ones_own_is_made_for_the_data() -> None:
    X, y = data(classes=False)
    net = NeuralNetRegressor(lambda n, m: nn.Linear(n, m), optimizer="sgd", epochs=200)
    assert clone(net).module is net.module
    net.fit(X, y)
    np.testing.assert_allclose(net.module_[0].weight.numpy(), [[1.0, 2.0, 0.0]], atol=0.05)
    assert len(net.history_["loss"]) == net.n_iter_ == 200
    both = NeuralNetRegressor(epochs=2).fit(X, np.stack([y, -y], axis=1))
    assert both.predict(X).shape == (60, 2)
    with pytest.raises(AutogradError, match=r"is a function .* and it gave int"):
        NeuralNetRegressor(lambda n, m: 3).fit(X, y)


@pytest.mark.parametrize("module", [nn.Linear(3, 1), (20,), "mlp"])
def test_what_makes_no_module_is_told_before_the_fit(module: Any) -> None:
    with pytest.raises(AutogradError, match=r"module is a function \(features, outputs\).*; got"):
        NeuralNetRegressor(module).fit(*data(classes=False))


def test_one_hidden_layer_may_be_a_number_as_in_scikit_learn() -> None:
    X, y = data()
    one, several = (
        NeuralNetClassifier(hidden_layer_sizes=n, epochs=2, random_state=0).fit(X, y)
        for n in (np.int64(7), (7,))
    )
    np.testing.assert_array_equal(one.predict_proba(X), several.predict_proba(X))
