"""Attention beside PyTorch's over many shapes, masks and options."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import nn
from autograd import Tensor
from nn import functional as F
from tests.differential.compare import agree, parameters_of, to_torch

SEEDS = range(60)


def drawn(rng: Any) -> tuple[list[Any], dict[str, Any]]:
    batch, heads, rows, keys = rng.integers(1, 4, 4)
    shared = heads * 2 if rng.integers(3) == 0 else heads
    arrays = [
        rng.normal(size=(batch, shared, rows, 3)),
        rng.normal(size=(batch, heads, keys, 3)),
        rng.normal(size=(batch, heads, keys, int(rng.integers(1, 4)))),
    ]
    options: dict[str, Any] = {"enable_gqa": bool(shared != heads)}
    if rng.integers(2):
        options["scale"] = float(rng.uniform(0.1, 2.0))
    kind = rng.integers(4)
    shape = (batch, shared, rows, keys)[rng.integers(3) :]
    if kind == 1:
        options["is_causal"] = True
    elif kind == 2:
        options["attn_mask"] = rng.normal(size=shape)
    elif kind == 3:
        options["attn_mask"] = rng.integers(3, size=shape) > 0  # some rows see nothing
    return arrays, options


@pytest.mark.parametrize("seed", SEEDS)
def test_attention_is_pytorchs_in_value_and_gradients(seed: int) -> None:
    arrays, options = drawn(np.random.default_rng(seed))
    ours = [Tensor(x, requires_grad=True) for x in arrays]
    theirs = [torch.tensor(x, requires_grad=True) for x in arrays]
    mask = options.pop("attn_mask", None)
    masks: list[Any] = [mask, None if mask is None else torch.tensor(mask)]
    if mask is not None and mask.dtype == float:
        masks = [Tensor(mask, requires_grad=True), torch.tensor(mask, requires_grad=True)]
        ours.append(masks[0])
        theirs.append(masks[1])
    found = F.scaled_dot_product_attention(*ours[:3], masks[0], **options)
    wanted = torch.nn.functional.scaled_dot_product_attention(*theirs[:3], masks[1], **options)
    agree(found.detach(), wanted, f"attention {options}")
    weight = np.random.default_rng(0).normal(size=found.shape)
    (found * weight).sum().backward()
    (wanted * torch.tensor(weight)).sum().backward()
    for number, (x, want) in enumerate(zip(ours, theirs, strict=True)):
        agree(x.grad, want.grad, f"gradient {number} of attention {options}")


@pytest.mark.parametrize("name", ["TransformerEncoder", "TransformerDecoder"])
def test_stacks_are_made_with_pytorchs_arguments(name: str) -> None:
    theirs = parameters_of(getattr(torch.nn, name).__init__)
    assert parameters_of(getattr(nn, name).__init__) == theirs


@pytest.mark.parametrize("name", [
    "Embedding", "EmbeddingBag", "MultiheadAttention", "Transformer", "TransformerEncoder",
    "TransformerDecoder", "TransformerEncoderLayer", "TransformerDecoderLayer",
])  # fmt: skip
def test_calls_take_pytorchs_arguments(name: str) -> None:
    theirs = parameters_of(getattr(torch.nn, name).forward)
    assert parameters_of(getattr(nn, name).forward) == theirs


@pytest.mark.parametrize("name", ["Embedding", "EmbeddingBag"])
def test_pretrained_tables_are_made_with_pytorchs_arguments(name: str) -> None:
    theirs = parameters_of(getattr(torch.nn, name).from_pretrained)
    assert parameters_of(getattr(nn, name).from_pretrained) == theirs


@pytest.mark.parametrize("seed", range(12))
def test_attention_without_weights_is_pytorchs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    options = {"add_bias_kv": bool(seed % 2), "batch_first": bool(seed % 3)}
    ours = nn.MultiheadAttention(4, 2, **options).to(np.float64)
    theirs = torch.nn.MultiheadAttention(4, 2, **options).double()
    theirs.load_state_dict({k: torch.tensor(v.numpy()) for k, v in ours.state_dict().items()})
    x = rng.normal(size=(3, 3, 4))
    padding = np.array([[False, False, True]] * 3) if seed % 4 else None
    mask = np.triu(np.ones((3, 3), bool), 1) if seed % 5 else None
    given = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    found, _ = ours(*given[:1] * 3, padding, False, mask)
    wanted, _ = theirs(*given[1:] * 3, to_torch(padding), False, to_torch(mask))
    agree(found.detach(), wanted, "output")
    (found**2).sum().backward()
    (wanted**2).sum().backward()
    agree(given[0].grad, given[1].grad, "gradient")
    for name, p in theirs.named_parameters():
        agree(ours.get_parameter(name).grad, p.grad, name)
