"""doctor: what `why` says of each parameter, of all at once; twins tell the ill and the sound."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd.errors import AutogradError
from autograd.viz.model.numbers import amount
from tests.graphs import leaf

RNG = np.random.default_rng(0)
DATA = RNG.normal(size=(16, 6))


def w6(size: float = 1.0) -> Any:
    return leaf(size * np.random.default_rng(1).normal(size=(6, 4)), "w")


def recurrent(scale: float) -> Any:
    q = np.linalg.qr(np.random.default_rng(2).normal(size=(6, 6)))[0]
    w = leaf(scale * q, "w")
    h = ag.Tensor(DATA)
    for _ in range(30):
        h = h @ w
    return w, (h * h).mean()


def cut(path: Callable[[Any], Any]) -> Callable[[], Any]:
    def loss() -> Any:
        w = leaf(3.0, "w")
        return w, w * path(w) * 2.0

    return loss


def of(f: Callable[[Any], Any], w: Callable[[], Any] = lambda: leaf(2.0, "w")) -> Any:
    def loss() -> Any:
        p = w()
        return p, f(p)

    return loss


def without(w: Any) -> Any:
    with ag.no_grad():
        return w * 1.0


def masked(w: Any, safe: bool) -> Any:
    x = ag.Tensor([0.0, 4.0]) * w
    inner = ag.where(x > 0, x, 1.0) if safe else x
    return ag.where(x > 0, ag.sqrt(inner), 0.0).sum()


# ill, its twin that is not, and the word for it
TWINS: dict[str, tuple[Any, Any, str]] = {
    "detached": (of(lambda w: w.detach() * leaf(1.0)), of(lambda w: w * leaf(1.0)), "none"),
    "no_grad": (of(lambda w: without(w) * leaf(1.0)), of(lambda w: w * leaf(1.0)), "none"),
    "a factor 0": (of(lambda w: w * 0.0), of(lambda w: w * 1.0), "zero"),
    "a staircase": (of(ag.floor), of(lambda w: w - 0.5), "zero"),
    "a choice": (of(lambda w: ag.maximum(w, 5.0)), of(lambda w: ag.maximum(w, 1.0)), "zero"),
    "a difference": (of(lambda w: 3 * w + 1 - 3 * w), of(lambda w: 3 * w + 1 - w), "cancelled"),
    "itself taken away": (of(lambda w: w - w), of(lambda w: w + w), "cancelled"),
    "all dead": (
        of(lambda w: ag.relu(DATA @ w - 99.0).sum(), w6),
        of(lambda w: ag.relu(DATA @ w).sum(), w6),
        "dead",
    ),
    "most dead": (
        of(lambda w: ag.relu(DATA @ w - np.array([0, 99, 99, 99.0])).sum(), w6),
        of(lambda w: ag.relu(DATA @ w - np.array([0, 0, 0, 99.0])).sum(), w6),
        "dead",
    ),
    "a tiny factor": (of(lambda w: w * 1e-12), of(lambda w: w * 1e-2), "tiny"),
    "saturated": (of(lambda w: ag.tanh(w * 5.0)), of(lambda w: ag.tanh(w)), "tiny"),
    "far below": (of(lambda w: ag.exp(-20.0 * w)), of(lambda w: ag.exp(-w)), "tiny"),
    "a huge factor": (of(lambda w: w * 1e9), of(lambda w: w * 10), "huge"),
    "steps that grow": (lambda: recurrent(2.0), lambda: recurrent(1.0), "exploding"),
    "one path of two": (cut(lambda w: w.detach()), cut(lambda w: w), "partial"),
    "one of two, later": (cut(lambda w: w.detach() * 2.0), cut(lambda w: w * 2.0), "partial"),
    "one without a graph": (cut(without), cut(lambda w: w * 1.0), "partial"),
    "0 times infinity": (of(lambda w: masked(w, False)), of(lambda w: masked(w, True)), "NaN"),
    "an infinite slope": (
        of(ag.sqrt, lambda: leaf(0.0, "w")), of(ag.sqrt, lambda: leaf(1.0, "w")), "infinite",
    ),
    "a NaN in the data": (
        of(lambda w: (w * np.array([1.0, np.nan])).sum()),
        of(lambda w: (w * np.array([1.0, 2.0])).sum()),
        "NaN",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", TWINS)
def test_the_ill_are_told_from_their_twins(kind: str) -> None:
    ill, sound, word = TWINS[kind]
    with ag.tracing():
        w, loss = ill()
    found = ag.doctor(loss)["w"]
    assert found.illness == word
    assert found.is_ill
    assert found.remedy
    assert not ag.doctor(loss)
    with ag.tracing():
        w, loss = sound()
    assert ag.doctor(loss, parameters=w)["w"].illness == ""


@pytest.mark.parametrize("kind", TWINS)
@pytest.mark.parametrize("twin", [0, 1])
def test_the_doctor_says_what_why_says(kind: str, twin: int) -> None:
    with ag.tracing():
        w, loss = TWINS[kind][twin]()
        before = ag.doctor(loss, parameters=[w])[0].reason
        with np.errstate(all="ignore"):
            loss.backward()
    first, second = (ag.doctor(loss, parameters=[w])[0] for _ in range(2))
    assert first.reason == ag.why(w, loss) == second.reason
    assert (before.illness, before.findings) == (first.illness, first.reason.findings)
    if w.grad is not None:
        np.testing.assert_allclose(first.gradient, np.sqrt(np.mean(w.grad.numpy() ** 2)))


PRODUCTS: list[Callable[[Any, Any], Any]] = [
    lambda w, d: 3 * w * d,
    lambda w, d: (w * 2 + d) / d,
    lambda w, d: ag.exp(w) - d,
    lambda w, d: (w[:, None] * d).sum(),
    lambda w, d: ag.dot(w, d) * 2,
]


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_partial_gradient_is_told_beside_the_whole(product: Any) -> None:
    w = leaf([3.0, 2.0], "w")
    with ag.tracing():
        loss = product(w, w.detach()).sum()
    (whole,) = (each.numpy() for each in ag.grad(product(w, w).sum(), w))
    headline = ag.doctor(loss)["w"].reason.headline
    assert f"instead of {amount(whole)}, as a path was cut" in headline


@pytest.mark.parametrize("start", [1.0, 2.0])
@pytest.mark.parametrize("product", [
    lambda w, d: w * d**2, lambda w, d: 3 * w * d + w * (d * 2), lambda w, d: w * (w * 2).detach(),
])  # fmt: skip
def test_no_whole_is_told_where_it_is_not_known(product: Any, start: float) -> None:
    w = leaf([start, start], "w")
    with ag.tracing():
        loss = product(w, w.detach()).sum()
    headline = ag.doctor(loss)["w"].reason.headline
    assert "is without a path that was cut" in headline


def test_a_partial_number_reads_18_instead_of_36() -> None:
    w = leaf(6.0, "w")
    with ag.tracing():
        (3 * w * w.detach()).backward()
    assert str(ag.why(w)).startswith("w.grad is partial: 18 instead of 36, as a path was cut.")


@pytest.mark.parametrize(("start", "word"), [(2.0, "level"), (2.5, ""), (2.0 + 1e-9, "level")])
def test_a_minimum_is_no_illness(start: float, word: str) -> None:
    w = leaf(start, "w")
    checkup = ag.doctor((w - 2.0) ** 2)
    assert checkup["w"].illness == word
    assert checkup
    assert ("at a minimum" in str(checkup)) == bool(word)


def test_a_line_and_a_remedy_come_with_each() -> None:
    w, b = leaf(3.0), leaf(1.0)
    with ag.tracing():
        loss = w.detach() * w + 0 * b
    checkup = ag.doctor(loss)
    assert [(each.name, each.illness) for each in checkup] == [("b", "zero"), ("w", "partial")]
    for each in checkup:
        assert re.search(r"test_doctor.py:\d+", each.where or "")
        assert each.where in str(checkup)
        assert each.remedy in checkup.to_html()
    assert checkup["w"].ratio == 1.0
    assert len(checkup.ill) == len(checkup) == 2


def test_what_is_detached_for_a_log_is_not_missed() -> None:
    w = leaf(3.0, "w")
    with ag.tracing():
        loss = w * w
        logged = loss.detach()
        loss.item()
    assert ag.doctor(loss)
    assert logged.item() == 9.0


def test_a_frozen_parameter_is_told_and_not_ill() -> None:
    net = nn.Sequential(nn.Linear(6, 4, rng=0), nn.Tanh(), nn.Linear(4, 2, rng=1))
    net[0].weight.requires_grad_(False)
    checkup = ag.doctor((net(DATA.astype(np.float32)) ** 2).mean())
    assert checkup["0.weight"].illness == "frozen"
    assert checkup
    assert "1 frozen: 0.weight" in str(checkup)
    assert "3 healthy" in str(checkup)


def test_an_unused_part_of_a_model_is_found() -> None:
    net = nn.Sequential(nn.Linear(6, 4, rng=0), nn.Linear(4, 2, rng=1))
    checkup = ag.doctor((net[0](DATA.astype(np.float32)) ** 2).mean())
    assert [each.name for each in checkup.ill] == ["1.weight", "1.bias"]
    assert {each.illness for each in checkup.ill} == {"none"}
    assert len(ag.doctor((net[0](DATA.astype(np.float32)) ** 2).mean(), names={})) == 2


def test_a_shared_weight_is_listed_once() -> None:
    net = nn.Sequential(nn.Linear(6, 6, rng=0), nn.Tanh())
    net.append(net[0])
    names = [each.name for each in ag.doctor((net(DATA.astype(np.float32)) ** 2).mean())]
    assert sorted(names) == ["0.bias", "0.weight"]


def test_models_with_the_same_names_are_told_apart() -> None:
    made, judged = nn.Linear(4, 4, rng=0), nn.Linear(4, 1, rng=1)
    with ag.tracing():
        loss = (judged(made(np.ones((2, 4), np.float32)).detach()) ** 2).mean()
    checkup = ag.doctor(loss)
    assert {each.name: each.illness for each in checkup} == {
        "made.weight": "none", "made.bias": "none", "judged.weight": "", "judged.bias": "",
    }  # fmt: skip
    assert ag.doctor(loss, parameters=judged)


@pytest.mark.parametrize("norm", [nn.BatchNorm1d(8), nn.BatchNorm1d(8, affine=False)])
def test_a_bias_that_a_norm_takes_away_is_cancelled(norm: Any) -> None:
    net = nn.Sequential(nn.Linear(6, 8, rng=0), norm, nn.Linear(8, 2, rng=1))
    loss = (net(DATA.astype(np.float32)) ** 2).mean()
    assert [(each.name, each.illness) for each in ag.doctor(loss).ill] == [("0.bias", "cancelled")]


def test_several_losses_are_judged_by_their_sum() -> None:
    w = leaf(3.0, "w")
    a, b = 2 * w, -2 * w
    assert ag.doctor(a)
    assert ag.doctor([a, b])["w"].illness == "cancelled"
    assert ag.doctor([a, w * w])["w"].gradient == 8.0


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128"])
def test_dtypes(dtype: str) -> None:
    w = ag.Tensor(np.ones(3, dtype), requires_grad=True, name="w")
    checkup = ag.doctor(ag.real(w * w).sum())
    assert checkup["w"].gradient == pytest.approx(2.0)
    assert checkup
    assert ag.doctor(ag.real(w * 0.0).sum())["w"].illness == "zero"


NAMES = ["w" * 200, "<b>&", "무게", "🙂", "a\nb"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["a factor 0", "most dead", "one path of two"])
def test_the_table_fits_100_columns_and_escapes(name: str, kind: str) -> None:
    with ag.tracing():
        w, loss = TWINS[kind][0]()
    w.name = name
    checkup = ag.doctor(loss, parameters=[w])
    assert max(map(len, str(checkup).splitlines())) <= 100
    assert "<b>" not in checkup._repr_html_().replace("<b>1 of 1 parameter is ill</b>", "")


def test_a_large_model_takes_little_time() -> None:
    net = nn.Sequential(*(nn.Linear(8, 8, rng=i) for i in range(150)))
    loss = (net(np.ones((2, 8), np.float32)) * 1e-20).sum()
    start = time.perf_counter()
    assert len(ag.doctor(loss).ill) == 300
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda loss: ag.doctor(3.0), "loss must be a Tensor or a Graph, got float"),
        (lambda loss: ag.doctor([]), "the list is empty"),
        (lambda loss: ag.doctor([3.0]), "a loss is a Tensor, got float"),
        (lambda loss: ag.doctor(ag.Tensor(1.0)), "the loss has no graph"),
        (lambda loss: ag.doctor(loss, parameters=3), "parameters is a module, .* got int"),
        (lambda loss: ag.doctor(loss, parameters="w"), "parameters is a module, .* got str"),
        (lambda loss: ag.doctor(loss, parameters=[]), "parameters are none"),
        (lambda loss: ag.doctor(loss, parameters=[3.0]), "a parameter is a Tensor, got float"),
        (lambda loss: ag.doctor(loss, names=[1]), "names is a mapping of names, got list"),
        (lambda loss: ag.doctor(loss)["v"], "no parameter is named 'v'; there are w"),
        (lambda loss: nn.callbacks.Doctor(every=0), "every is 0"),
    ],
)
def test_bad_input_says_why(call: Any, message: str) -> None:
    loss = leaf(2.0, "w") * 2
    with pytest.raises(AutogradError, match=message):
        call(loss)


def test_without_a_loss_it_is_the_last_one_under_tracing() -> None:
    w = leaf(2.0, "w")
    with ag.tracing():
        (w * 0.0).backward()
    assert ag.doctor()["w"].illness == "zero"
    with ag.tracing():
        pass
    with pytest.raises(AutogradError, match="doctor knows no loss"):
        ag.doctor()


# ---- the callback --------------------------------------------------------------------------------


def fitted(*callbacks: Any, dead: bool = False, **options: Any) -> tuple[list[float], Any]:
    net = nn.Sequential(nn.Linear(6, 4, rng=0), nn.ReLU(), nn.Linear(4, 2, rng=1))
    if dead:
        net[0].bias.data -= 99.0
    net.compile(optim.SGD(net.parameters(), lr=0.1), "cross_entropy", **options)
    x, y = DATA.astype(np.float32), np.arange(16) % 2
    history = net.fit(x, y, batch_size=8, epochs=2, verbose=False, callbacks=callbacks, rng=0)
    return history.history["loss"], net


def test_the_callback_changes_no_loss_and_knows_the_step() -> None:
    callback = nn.callbacks.Doctor(verbose=False)
    assert fitted(callback)[0] == fitted()[0]
    assert list(callback.checkups) == [0, 1]
    for each in callback.checkups[1]:
        assert each.update == pytest.approx(0.1 * each.ratio, rel=1e-3)
    assert ag.doctor.__name__ == "doctor"


def test_the_callback_prints_what_is_ill_once(capsys: Any) -> None:
    callback = nn.callbacks.Doctor()
    fitted(callback, dead=True)
    text = capsys.readouterr().out
    assert text.count("epoch") == 1
    assert "0.weight" in text
    assert callback.checkups[1]["0.weight"].illness == "dead"
    fitted(callback)
    assert capsys.readouterr().out == ""


def test_the_callback_looks_at_each_second_epoch_and_lets_compiled_steps_be() -> None:
    callback = nn.callbacks.Doctor(every=2, verbose=False)
    fitted(callback)
    assert list(callback.checkups) == [0]
    assert fitted(callback, jit_compile=True)[0] == fitted(jit_compile=True)[0]


def test_the_html_tells_what_is_partial_as_the_text_does() -> None:
    w = leaf(3.0, "w")
    with ag.tracing():
        checkup = ag.doctor(w.detach() * w * 6.0)
    assert "18 instead of 36" in checkup.to_html()
    assert "18 instead of 36" in str(checkup)


LEVELS: dict[str, Callable[[Any], Any]] = {
    "a square, written out": lambda w: w * w - 6 * w,
    "exp(x) − x": lambda w: (ag.exp(w - 3) - w).sum(),
    "sure and right": lambda w: -ag.log(ag.sigmoid(w * 12)),
}


@pytest.mark.parametrize("kind", LEVELS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_level_point_along_several_paths_is_no_illness(kind: str, dtype: str) -> None:
    w = leaf(np.array(3.0, dtype), "w")
    assert ag.doctor(LEVELS[kind](w))["w"].illness == "level"
    other = leaf(np.array(1.0, dtype), "w")
    assert ag.doctor(LEVELS[kind](other))["w"].illness in ("", "level")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_cancels_everywhere_is_no_level_point(dtype: str) -> None:
    w = leaf(np.linspace(1, 9, 40).astype(dtype), "w")
    for loss in ((w - w.mean()).sum(), (3 * w - w - 2 * w).sum(), (w * w - w**2).sum()):
        assert ag.doctor(loss)["w"].illness == "cancelled"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("norm", [lambda: nn.BatchNorm2d(4), lambda: nn.InstanceNorm2d(4)])
def test_a_bias_before_a_norm_is_cancelled_in_float32_too(
    norm: Callable[[], Any], dtype: str
) -> None:
    model = nn.Sequential(nn.Conv2d(1, 4, 3, rng=0), norm(), nn.ReLU()).to(dtype)
    x = ag.Tensor(np.random.default_rng(5).normal(size=(8, 1, 8, 8)), dtype=dtype)
    found = ag.doctor((model(x) * np.cos(np.arange(6))).mean(), parameters=model)
    assert found["0.bias"].illness == "cancelled"
    assert found["0.weight"].illness == ""
