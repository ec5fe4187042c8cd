"""Every optimizer and schedule of nn.keras beside Keras' of the same name and options."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
from nn import keras as ours
from nn.keras import constraints, optimizers
from nn.keras.optimizers import schedules
from tests.differential.keras_peer import QUIET
from tests.differential.keras_peer import keras as theirs

pytestmark = QUIET
SHAPES = [(3, 4), (5,), (2, 3, 2), (1,)]
STEPS = 30
CLIPS: list[dict[str, Any]] = [{"clipnorm": 0.5}, {"clipvalue": 0.3}, {"global_clipnorm": 0.7}]
COMMON: list[dict[str, Any]] = [
    {}, {"learning_rate": 0.05}, {"learning_rate": 0.02, "weight_decay": 0.1}, *CLIPS,
    {"learning_rate": 0.1, "use_ema": True, "ema_momentum": 0.8, "ema_overwrite_frequency": 7},
]  # fmt: skip
OWN: dict[str, list[dict[str, Any]]] = {
    "SGD": [
        {"momentum": 0.9}, {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
        {"nesterov": True},
    ],
    "Adam": [
        {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3}, {"amsgrad": True, "learning_rate": 0.1},
    ],
    "AdamW": [{"weight_decay": 0.3}, {"amsgrad": True}],
    "Nadam": [{"beta_1": 0.8, "epsilon": 1e-2}],
    "Adamax": [{"beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-2}],
    "RMSprop": [
        {"rho": 0.5}, {"momentum": 0.9}, {"centered": True, "learning_rate": 0.01},
        {"centered": True, "momentum": 0.5, "epsilon": 1e-2},
    ],
    "Adagrad": [{"initial_accumulator_value": 0.0}, {"epsilon": 0.1}],
    "Adadelta": [{"rho": 0.5, "epsilon": 1e-2, "learning_rate": 1.0}],
    "Adafactor": [
        {"relative_step": False, "learning_rate": 0.3}, {"clip_threshold": 0.5, "epsilon_2": 0.1},
    ],
    "Ftrl": [
        {"learning_rate_power": -0.3, "learning_rate": 0.1},
        {"l1_regularization_strength": 0.1, "l2_regularization_strength": 0.2, "beta": 0.3},
        {"l2_shrinkage_regularization_strength": 0.1, "initial_accumulator_value": 0.0},
    ],
    "Lion": [{"beta_1": 0.5, "beta_2": 0.8, "weight_decay": 0.2}],
}  # fmt: skip
CASES = [
    pytest.param(name, options, id=f"{name}-{n}")
    for name in OWN
    for n, options in enumerate(COMMON + OWN[name])
]
RATES: list[tuple[str, dict[str, Any]]] = [
    ("ExponentialDecay", {"decay_steps": 7, "decay_rate": 0.5}),
    ("ExponentialDecay", {"decay_steps": 7, "decay_rate": 0.5, "staircase": True}),
    ("InverseTimeDecay", {"decay_steps": 5, "decay_rate": 0.5}),
    ("InverseTimeDecay", {"decay_steps": 5, "decay_rate": 0.5, "staircase": True}),
    ("PolynomialDecay", {"decay_steps": 11, "end_learning_rate": 0.01, "power": 2.0}),
    ("PolynomialDecay", {"decay_steps": 11, "power": 0.5, "cycle": True}),
    ("CosineDecay", {"decay_steps": 20, "alpha": 0.1}),
    ("CosineDecay", {"decay_steps": 20, "warmup_target": 0.9, "warmup_steps": 6}),
    ("CosineDecayRestarts", {"first_decay_steps": 5, "alpha": 0.1}),
    ("CosineDecayRestarts", {"first_decay_steps": 5, "t_mul": 1.0, "m_mul": 0.5}),
    ("CosineDecayRestarts", {"first_decay_steps": 5, "t_mul": 1.5, "m_mul": 0.9}),
]


@pytest.fixture(autouse=True)
def _double() -> Iterator[None]:
    """Both in double precision, so that only the rules can differ."""
    saved = ag.get_default_dtype()
    ag.set_default_dtype(np.float64)
    theirs.config.set_floatx("float64")
    yield
    ag.set_default_dtype(saved)
    theirs.config.set_floatx("float32")


def numbers(seed: int) -> list[Any]:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape) for shape in SHAPES]


def run_both(mine: Any, other: Any, constraint: Any = (None, None), steps: int = STEPS) -> None:
    """Both over the same gradients, compared after every step."""
    ours = [ag.Tensor(a, requires_grad=True) for a in numbers(0)]
    keras_ones = [theirs.Variable(a) for a in numbers(0)]
    for variable in keras_ones:
        variable.constraint = constraint[1]
    mine.build(ours)
    other.build(keras_ones)
    # Keras' Adafactor takes its means in single precision
    room = 2e-7 if type(mine).__name__ == "Adafactor" else 1e-8
    for step in range(steps):
        grads = numbers(step + 1)
        if step == 3:
            grads[1] = None  # a variable that took no part
        mine.apply_gradients(zip(grads, ours, strict=True))
        theirs_grads = [g if g is None else theirs.ops.convert_to_tensor(g) for g in grads]
        other.apply_gradients(zip(theirs_grads, keras_ones, strict=True))
        for p, q in zip(ours, keras_ones, strict=True):
            found, wanted = p.numpy(), theirs.ops.convert_to_numpy(q)
            np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=room, err_msg=f"{step}")
    assert mine.iterations == steps
    if mine.use_ema:
        mine.finalize_variable_values(ours)
        other.finalize_variable_values(keras_ones)
        for p, q in zip(ours, keras_ones, strict=True):
            np.testing.assert_allclose(p.numpy(), theirs.ops.convert_to_numpy(q), rtol=1e-6)


@pytest.mark.parametrize(("name", "options"), CASES)
def test_thirty_steps_agree(name: str, options: dict[str, Any]) -> None:
    run_both(getattr(optimizers, name)(**options), getattr(theirs.optimizers, name)(**options))


@pytest.mark.parametrize("name", OWN)
def test_names_defaults_and_configs_are_those_of_keras(name: str) -> None:
    mine, other = getattr(optimizers, name)(), getattr(theirs.optimizers, name)()
    wanted = other.get_config()
    found = mine.get_config()
    for option, value in wanted.items():
        if option not in ("name", "loss_scale_factor", "gradient_accumulation_steps"):
            assert found[option] == pytest.approx(value) if value is not None else True, option
    again = optimizers.deserialize(optimizers.serialize(mine))
    assert again.get_config() == found


@pytest.mark.parametrize(("name", "options"), RATES, ids=lambda v: v if isinstance(v, str) else "")
def test_schedules_agree(name: str, options: dict[str, Any]) -> None:
    mine = getattr(schedules, name)(0.3, **options)
    other = getattr(theirs.optimizers.schedules, name)(0.3, **options)
    found = [float(mine(step)) for step in range(60)]
    wanted = [float(theirs.ops.convert_to_numpy(other(step))) for step in range(60)]
    np.testing.assert_allclose(found, wanted, rtol=1e-9)
    assert schedules.deserialize(schedules.serialize(mine))(17) == mine(17)


def test_a_schedule_of_steps_agrees_at_its_boundaries() -> None:
    mine = schedules.PiecewiseConstantDecay([3, 7], [1.0, 0.5, 0.1])
    other = theirs.optimizers.schedules.PiecewiseConstantDecay([3, 7], [1.0, 0.5, 0.1])
    assert [float(mine(s)) for s in range(12)] == [float(other(s)) for s in range(12)]


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_a_schedule_in_an_optimizer_agrees(name: str) -> None:
    rates = [m.ExponentialDecay(0.1, 3, 0.5) for m in (schedules, theirs.optimizers.schedules)]
    run_both(getattr(optimizers, name)(rates[0]), getattr(theirs.optimizers, name)(rates[1]))


def test_constraints_hold_after_each_step() -> None:
    class Held(ag.Tensor):
        __slots__ = ("constraint",)

    w = Held(np.full((3, 4), 5.0), requires_grad=True)
    w.constraint = constraints.MaxNorm(2.0)
    optimizers.SGD(0.1).apply_gradients([(np.ones((3, 4)), w)])
    q = theirs.Variable(np.full((3, 4), 5.0))
    q.constraint = theirs.constraints.MaxNorm(2.0)
    other = theirs.optimizers.SGD(0.1)
    other.apply_gradients([(theirs.ops.ones((3, 4)), q)])
    np.testing.assert_allclose(w.numpy(), theirs.ops.convert_to_numpy(q), rtol=1e-9)


def test_variables_spared_from_decay_agree() -> None:
    pairs = []
    for module, make in ((optimizers, ag.Tensor), (theirs.optimizers, theirs.Variable)):
        options = {"requires_grad": True} if make is ag.Tensor else {}
        w, b = (make(np.ones(3), name=name, **options) for name in ("kernel", "bias"))
        optimizer = module.AdamW(0.1, weight_decay=0.5)
        optimizer.exclude_from_weight_decay(var_names=["bias"])
        zero = np.zeros(3) if make is ag.Tensor else theirs.ops.zeros(3)
        optimizer.apply_gradients([(zero, w), (zero, b)])
        pairs.append([np.array(v.numpy()) for v in (w, b)])
    np.testing.assert_allclose(pairs[0], pairs[1], rtol=1e-9)


@pytest.mark.parametrize("name", ["Adam", "AdamW", "Nadam"])
def test_first_steps_in_single_precision_are_as_biased_as_in_keras(name: str) -> None:
    theirs.config.set_floatx("float32")
    w, v = ag.Tensor(np.zeros(3, "f"), requires_grad=True), theirs.Variable(np.zeros(3, "f"))
    mine, other = getattr(optimizers, name)(1.0), getattr(theirs.optimizers, name)(1.0)
    for step in range(4):
        g = np.array([1.0, -2.0, 0.5], "f") * (step + 1)
        mine.apply_gradients([(g, w)])
        other.apply_gradients([(theirs.ops.convert_to_tensor(g), v)])
        np.testing.assert_allclose(w.numpy(), theirs.ops.convert_to_numpy(v), rtol=8e-7)


def own_optimizer(keras: Any) -> Any:
    class Heavy(keras.optimizers.Optimizer):
        def __init__(
            self, learning_rate: float = 0.1, friction: float = 0.5, **kwargs: Any
        ) -> None:
            super().__init__(learning_rate=learning_rate, **kwargs)
            self.friction = friction

        def build(self, variables: Any) -> None:
            if self.built:
                return
            super().build(variables)
            self.speeds = [
                self.add_variable_from_reference(reference_variable=v, name="speed")
                for v in variables
            ]

        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            speed = self.speeds[self._get_variable_index(variable)]
            rate = keras.ops.cast(learning_rate, variable.dtype)
            self.assign(speed, keras.ops.multiply(speed, self.friction) - gradient * rate)
            self.assign_add(variable, speed)

    return Heavy


@pytest.mark.parametrize("options", [{}, {"weight_decay": 0.1, "clipnorm": 0.5}], ids=str)
def test_an_optimizer_of_ones_own_agrees(options: dict[str, Any]) -> None:
    run_both(own_optimizer(ours)(**options), own_optimizer(theirs)(**options))


def test_every_name_of_keras_is_here_or_refused_by_name() -> None:
    from keras.src.optimizers import ALL_OBJECTS_DICT

    refused = {"lossscaleoptimizer", "multioptimizer", "muon", "optimizermap", "schedulefreeadamw"}
    for name in ALL_OBJECTS_DICT:
        if name in refused:
            with pytest.raises(TypeError, match=rf"(?i)keras.optimizers.{name} is not here; \w+"):
                optimizers.get(name)
        else:
            assert type(optimizers.get(name)).__name__.lower() == name
