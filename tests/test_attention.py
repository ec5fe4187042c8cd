"""Scaled dot-product attention: masks, heads that share keys, dropout, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from autograd.engine.samples import draw
from autograd.errors import DTypeError, ShapeError
from nn import functional as F

attention = F.scaled_dot_product_attention


def qkv(*lead: int, rows: int = 3, keys: int = 4) -> list[Tensor]:
    shapes = ((rows, 2), (keys, 2), (keys, 3))
    return [Tensor(draw(*lead, *s, seed=n), requires_grad=True) for n, s in enumerate(shapes)]


def gradients(out: Any, tensors: list[Tensor]) -> list[Any]:
    weights = np.random.default_rng(0).normal(size=out.shape)
    return [x.numpy() for x in ag.grad((out * weights).sum(), tensors)]


def same(found: Any, wanted: Any, tensors: list[Tensor]) -> None:
    """Equal values and gradients, but for some roundings."""
    np.testing.assert_allclose(found.detach(), wanted.detach(), rtol=0, atol=1e-13)
    for g, want in zip(gradients(found, tensors), gradients(wanted, tensors), strict=True):
        np.testing.assert_allclose(g, want, rtol=0, atol=1e-12)


def plainly(q: Tensor, k: Tensor, v: Tensor, mask: Any = 0.0) -> Any:
    return ag.softmax(q @ k.mT / math.sqrt(q.shape[-1]) + mask) @ v


def test_a_query_that_may_look_nowhere_gets_zeros_and_gives_no_gradient() -> None:
    tensors = qkv()
    allowed = np.array([[True] * 4, [False] * 4, [True] * 4])
    for mask in (allowed, np.where(allowed, 0.0, -np.inf)):
        out = attention(*tensors, mask)
        assert not out.numpy()[1].any()
        found = gradients(out, tensors)
        assert all(np.isfinite(g).all() for g in found)
        assert not found[0][1].any()


def test_a_boolean_mask_is_one_of_minus_infinity() -> None:
    tensors = qkv(2)
    allowed = np.array([[True, False, True, True]] * 3)
    same(attention(*tensors, allowed), plainly(*tensors, np.where(allowed, 0, -np.inf)), tensors)


@pytest.mark.parametrize("rows", [1, 5, 32, 33, 70])
@pytest.mark.parametrize("keys", [1, 5, 32, 40])
def test_causal_attention_is_that_of_a_triangular_mask(rows: int, keys: int) -> None:
    tensors = qkv(2, rows=rows, keys=keys)
    ahead = np.arange(keys) > np.arange(rows)[:, None]
    same(
        attention(*tensors, is_causal=True),
        plainly(*tensors, np.where(ahead, -np.inf, 0.0)),
        tensors,
    )


def test_causal_and_masked_is_both() -> None:
    tensors = qkv(2)
    allowed = np.array([[True, False, True, True]] * 3)
    both = allowed & (np.arange(4) <= np.arange(3)[:, None])
    same(attention(*tensors, allowed, is_causal=True), attention(*tensors, both), tensors)


def test_many_rows_and_keys_are_done_in_blocks_as_in_one() -> None:
    tensors = qkv(3, rows=300, keys=500)
    same(attention(*tensors), plainly(*tensors), tensors)


def test_leading_axes_broadcast() -> None:
    q, _, _ = qkv(2, 3)
    _, k, v = qkv(3)
    same(attention(q, k, v), plainly(q, k, v), [q, k, v])


@pytest.mark.parametrize("shape", [(3, 4), (4, 3, 4), (2, 1, 3, 4), (2, 4, 1, 4), (1, 4, 3, 4)])
def test_heads_that_share_keys_are_as_if_the_keys_were_repeated(shape: tuple[int, ...]) -> None:
    q, _, _ = qkv(2, 4)
    _, k, v = qkv(2, 2)
    mask = Tensor(draw(*shape, seed="mask"), requires_grad=True)
    found = attention(q, k, v, mask, enable_gqa=True)
    wanted = attention(q, ag.repeat(k, 2, axis=1), ag.repeat(v, 2, axis=1), mask)
    same(found, wanted, [q, k, v, mask])


def test_scale_multiplies_the_scores() -> None:
    q, k, v = qkv()
    same(attention(q, k, v, scale=0.25), plainly(q * (0.25 * math.sqrt(2)), k, v), [q, k, v])
    np.testing.assert_allclose(  # no score: the mean
        attention(q, k, v, scale=0.0).numpy(), [v.numpy().mean(axis=0)] * 3
    )


def test_large_scores_neither_overflow_nor_lose_their_gradient() -> None:
    q, k, v = (Tensor(x.numpy() * 1e3, requires_grad=True) for x in qkv())
    out = attention(q, k, v)
    assert np.isfinite(out.numpy()).all()
    assert all(np.isfinite(g).all() for g in gradients(out, [q, k, v]))


def test_dropout_drops_weights_keeps_the_mean_and_has_its_gradient() -> None:
    q = k = Tensor(np.zeros((1, 4000)).T)  # all weights are 1/4000
    v = Tensor(np.ones((4000, 1)))
    out = attention(q[:50], k, v, dropout_p=0.25, rng=0).numpy()
    # a mean of 4000 draws of 4/3 or 0: its deviation is √(1/3/4000), and of 50 such ones by √50
    assert abs(out.mean() - 1) < 5 * math.sqrt(1 / 3 / 4000 / 50)
    assert out.std() == pytest.approx(math.sqrt(1 / 3 / 4000), rel=0.5)
    tensors = qkv()
    found = attention(*tensors, dropout_p=0.5, rng=1)
    same(found, attention(*tensors, dropout_p=0.5, rng=1), tensors)
    assert np.any(found.numpy() != attention(*tensors).numpy())
    assert not attention(*tensors, dropout_p=1.0).numpy().any()


def test_half_precision_stays_and_is_computed_in_single() -> None:
    half = [Tensor(x.numpy().astype("float16")) for x in qkv(2)]
    single = [x.astype("float32") for x in half]
    out = attention(*half)
    assert out.dtype == np.float16
    np.testing.assert_array_equal(out.numpy(), attention(*single).numpy().astype("float16"))


Q, K, V = qkv(4)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: attention(Q, K[..., :1], V), ShapeError,
         r"query is \(4, 3, 2\), key is \(4, 4, 1\), value is \(4, 4, 3\): query and key must have "
         r"as many features, axis -1, and have 2 and 1"),
        (lambda: attention(Q, K, V[:, :3]), ShapeError,
         "each key has its value, so axis -2 must be as long, and is 4 and 3"),
        (lambda: attention(Q, K[:2], V[:2]), ShapeError,
         "do not broadcast.\n  For queries' heads that share keys and values, pass enable_gqa"),
        (lambda: attention(Q, K[:3], V[:3]), ShapeError, "before the last two do not broadcast.$"),
        (lambda: attention(Q[0, 0], K, V), ShapeError, r"\(2,\); it needs 2 axes at least"),
        (lambda: attention(Q, K, V, np.ones((3, 3), bool)), ShapeError,
         r"attn_mask is \(3, 3\); it must broadcast to the scores, \(4, 3, 4\): 3 queries by 4"),
        (lambda: attention(Q, K, V, np.ones((2, 4, 3, 4), bool)), ShapeError, "must broadcast to"),
        (lambda: attention(Q, K, V, np.ones((3, 4), int)), DTypeError,
         r"attn_mask is int64; it must be boolean, or .*\n  Write attn_mask.astype\(bool\)"),
        (lambda: attention(Q, K, V, dropout_p=2.0), ValueError, "p is a probability"),
        (lambda: attention(Q[0], K[0], V[0], enable_gqa=True), ShapeError,
         r"axis -3 holds heads; query is \(3, 2\)"),
        (lambda: attention(Q, K[:3], V[:3], enable_gqa=True), ShapeError,
         "those of query a multiple; query has 4, key 3, value 3"),
        (lambda: attention(Q, K[:2], V[:2], np.ones((3, 3, 4), bool), enable_gqa=True), ShapeError,
         r"attn_mask is \(3, 3, 4\); it must broadcast"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


# ---- multi-head attention and transformers -------------------------------------------------------


def sequence(length: int = 3, batch: int = 2) -> Tensor:
    return Tensor(draw(length, batch, 4, low=-1, high=1), requires_grad=True)


def made(**options: Any) -> nn.MultiheadAttention:
    return nn.MultiheadAttention(4, 2, rng=0, **options).to(np.float64)


CAUSAL = nn.Transformer.generate_square_subsequent_mask(3)


@pytest.mark.parametrize("options", [{}, {"add_bias_kv": True, "add_zero_attn": True}])
@pytest.mark.parametrize(
    "masks",
    [
        {},
        {"attn_mask": CAUSAL},
        {"attn_mask": CAUSAL.numpy() < 0, "key_padding_mask": np.array([[False, True, True]] * 2)},
        {"attn_mask": Tensor(draw(4, 3, 3))},
        {"is_causal": True},
    ],
)
def test_the_output_is_the_same_whether_the_weights_are_needed_or_not(
    options: dict[str, Any], masks: dict[str, Any]
) -> None:
    layer, x = made(**options), sequence()
    slow, weights = layer(x, x, x, **masks)
    fast, none = layer(x, x, x, need_weights=False, **masks)
    assert none is None
    assert weights.shape[:2] == (2, 3)
    same(fast, slow, [x, *layer.parameters()])


def test_a_causal_mask_is_recognised_and_needs_no_hint() -> None:
    layer, x = made(), sequence()
    for mask in (CAUSAL, CAUSAL.numpy() < 0, np.where(CAUSAL.numpy() < 0, -1e30, 0.0)):
        found = layer(x, x, x, attn_mask=mask, need_weights=False)[0]
        same(found, layer(x, x, x, is_causal=True, need_weights=False)[0], [x])
    by_itself = layer(x, x, x, attn_mask=CAUSAL, need_weights=False)[0]
    attends = [node for node in ag.Graph(by_itself).nodes if node.op.name == "attention"]
    assert [node.params[1] for node in attends] == [True]


def test_a_causal_hint_beside_another_mask_is_both() -> None:
    layer, x = made(), sequence()
    mask = np.array([[False, False, False], [True, False, False], [False, True, False]])
    for need in (True, False):
        found = layer(x, x, x, attn_mask=mask, is_causal=True, need_weights=need)[0]
        both = layer(x, x, x, attn_mask=mask | (CAUSAL.numpy() < 0), need_weights=need)[0]
        same(found, both, [x])


def test_a_sequence_that_is_all_padding_finds_zeros_with_or_without_weights() -> None:
    layer, x = made(), sequence()
    padding = np.array([[True] * 3, [False] * 3])
    for need in (True, False):
        out, weights = layer(x, x, x, padding, need_weights=need)
        assert not out.numpy()[:, 0].any()  # the biases start as 0
        assert out.numpy()[:, 1].any()
        assert weights is None or not weights.numpy()[0].any()
        assert all(np.isfinite(g).all() for g in gradients(out, [x]))


def test_static_keys_and_values_take_the_place_of_projected_ones() -> None:
    layer, x = made(), sequence()
    _, k, v = ag.split(ag.linear(x, layer.in_proj_weight, layer.in_proj_bias), 3, axis=-1)
    k, v = (ag.transpose(ag.reshape(y, (3, 4, 2)), (1, 0, 2)).detach() for y in (k, v))

    def call(query: Any, **static: Any) -> Any:
        return F.multi_head_attention_forward(
            query, x, x, 4, 2, layer.in_proj_weight, layer.in_proj_bias, None, None, False, 0.0,
            layer.out_proj.weight, layer.out_proj.bias, **static,
        )[0]  # fmt: skip

    np.testing.assert_allclose(call(x, static_k=k, static_v=v).detach(), call(x).detach())
    with pytest.raises(ShapeError, match=r"static key or value is \(4, 2, 2\); it must be"):
        call(x, static_k=k, static_v=v[:, :2])


def test_equal_seeds_give_equal_parameters_and_dropout_follows_the_generator() -> None:
    for make in (
        lambda: nn.MultiheadAttention(4, 2, add_bias_kv=True, rng=3),
        lambda: nn.TransformerEncoderLayer(4, 2, 3, rng=3),
        lambda: nn.TransformerDecoderLayer(4, 2, 3, rng=3),
        lambda: nn.Transformer(4, 2, 1, 1, 3, rng=3),
    ):
        for p, q in zip(make().parameters(), make().parameters(), strict=True):
            np.testing.assert_array_equal(p.numpy(), q.numpy())
    layer, x = made(dropout=0.5), sequence()
    for need in (True, False):
        first, again, other = (
            (nn.manual_seed(seed), layer(x, x, x, need_weights=need)[0].numpy())[1]
            for seed in (1, 1, 2)
        )
        np.testing.assert_array_equal(first, again)
        assert np.any(first != other)


def test_what_comes_later_does_not_change_what_a_causal_model_finds() -> None:
    layer = nn.TransformerEncoderLayer(4, 2, 3, 0.0, rng=0).to(np.float64)
    model, x = nn.TransformerEncoder(layer, 2), sequence().numpy()
    changed = np.concatenate([x[:2], x[2:] + 1])
    first, second = (model(Tensor(y), mask=CAUSAL).numpy() for y in (x, changed))
    np.testing.assert_allclose(first[:2], second[:2], rtol=0, atol=1e-14)  # roundings of GEMM
    assert np.any(first[2] != second[2])


def test_an_activation_may_be_a_name_a_function_or_a_module() -> None:
    x = sequence()
    found = [
        nn.TransformerEncoderLayer(4, 2, 3, 0.0, activation, rng=0).to(np.float64)(x).numpy()
        for activation in ("gelu", F.gelu, nn.GELU(), lambda y: F.gelu(y))
    ]
    for other in found[1:]:
        np.testing.assert_array_equal(other, found[0])


def test_a_transformer_takes_an_encoder_and_a_decoder_of_the_user() -> None:
    class Sum(nn.Module):
        def forward(self, tgt: Any, memory: Any, **masks: Any) -> Any:
            return tgt + ag.sum(memory, axis=0)

    class Same(nn.Module):
        def forward(self, src: Any, **masks: Any) -> Any:
            return src

    model = nn.Transformer(4, 2, custom_encoder=Same(), custom_decoder=Sum())
    x = sequence()
    np.testing.assert_array_equal(model(x, x).numpy(), (x + ag.sum(x, axis=0)).numpy())


X = sequence()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.MultiheadAttention(4, 3), ValueError,
         "MultiheadAttention: embed_dim 4 does not fall into 3 heads of equal size"),
        (lambda: nn.MultiheadAttention(4, 2, dropout=1.5), ValueError, "dropout is a probabil"),
        (lambda: made()(X, X[:2], X), ShapeError, "key and value must agree but for the features"),
        (lambda: made()(X, X[:, :1], X[:, :1]), ShapeError,
         r"the batches differ.\n  The batch lies along axis 1: batch_first is False"),
        (lambda: made()(X[..., :3], X, X), ShapeError,
         "query must have embed_dim 4 features, axis -1, and has 3"),
        (lambda: made()(X, X[0], X[0]), ShapeError, r"all must be \(L, N, E\), or all \(L, E\)"),
        (lambda: made()(X, X, X, attn_mask=np.ones((2, 3), bool)), ShapeError,
         r"attn_mask is \(2, 3\); for 3 queries and 3 keys it must be \(3, 3\), or \(4, 3, 3\)"),
        (lambda: made()(X, X, X, np.ones((3, 2), bool)), ShapeError,
         r"key_padding_mask is \(3, 2\); for 2 sequences of 3 keys it must be \(2, 3\)"),
        (lambda: made()(X, X, X, np.ones((2, 3), int)), DTypeError, "key_padding_mask is int64"),
        (lambda: nn.TransformerEncoderLayer(4, 2, activation="gleu"), ValueError,
         "activation must be 'relu' or 'gelu', got 'gleu'; did you mean 'gelu'"),
        (lambda: nn.Transformer(4, 2, 1, 1, 3)(X, X[:, :1]), ShapeError,
         r"src is \(3, 2, 4\), tgt is \(3, 1, 4\): the batches, axis 1, differ; batch_first is"),
        (lambda: nn.Transformer(4, 2, 1, 1, 3)(X, X[..., :3]), ShapeError, "must have d_model 4"),
        (lambda: nn.Transformer(4, 2, 1, 1, 3)(X, X[0]), ShapeError,
         r"both must be \(length, N, E\), or both \(length, E\)"),
    ],
)  # fmt: skip
def test_what_does_not_fit_heads_is_said(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_the_module_is_named_where_a_mask_does_not_fit() -> None:
    model = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 3), 1)
    with pytest.raises(ShapeError, match=r"attn_mask.*in layers.0.self_attn \(MultiheadAttention"):
        model(X, mask=np.ones((2, 2), bool))
