"""Packed sequences, and recurrent layers over them, beside PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import autograd as ag
import nn
from autograd.engine.samples import draw
from tests.differential.compare import agree, to_torch

ours, theirs = nn.utils.rnn, torch.nn.utils.rnn

LENGTHS = {"descending": [3, 2, 2], "in any order": [1, 3, 2], "alike": [3, 3, 3], "short": [2, 1]}
EACH = pytest.mark.parametrize("lengths", LENGTHS.values(), ids=LENGTHS)
BATCH_FIRST = pytest.mark.parametrize("batch_first", [False, True])


def same_packed(found: Any, wanted: Any) -> None:
    assert [x is None for x in found] == [x is None for x in wanted]
    for name, x, y in zip(found._fields, found, wanted, strict=True):
        if x is not None:
            agree(x.detach(), y, name)


def batch(lengths: list[int], batch_first: bool = False) -> Any:
    return draw(len(lengths), 3, 2) if batch_first else draw(3, len(lengths), 2)


@EACH
@BATCH_FIRST
def test_packing_and_padding_are_pytorchs(lengths: list[int], batch_first: bool) -> None:
    x = batch(lengths, batch_first)
    options = {"batch_first": batch_first, "enforce_sorted": False}
    found = ours.pack_padded_sequence(x, lengths, **options)
    wanted = theirs.pack_padded_sequence(to_torch(x), torch.tensor(lengths), **options)
    same_packed(found, wanted)
    for back in ({}, {"padding_value": -1.0}, {"total_length": 5}):
        pair = ours.pad_packed_sequence(found, batch_first, **back)
        for y, want in zip(pair, theirs.pad_packed_sequence(wanted, batch_first, **back)):  # noqa: B905
            agree(y, want, str(back))
    for y, want in zip(ours.unpack_sequence(found), theirs.unpack_sequence(wanted), strict=True):
        agree(y, want, "unpacked")


@EACH
@BATCH_FIRST
@pytest.mark.parametrize("side", ["right", "left"])
def test_lists_of_sequences_are_padded_as_pytorchs(
    lengths: list[int], batch_first: bool, side: str
) -> None:
    xs = [draw(n, 2, seed=n) for n in lengths]
    options = (batch_first, 0.5, side)
    found = ours.pad_sequence(xs, *options)
    wanted = theirs.pad_sequence(list(map(to_torch, xs)), *options)
    agree(found, wanted, "padded")
    counts = torch.tensor(lengths)
    pairs = zip(
        ours.unpad_sequence(found, lengths, batch_first),
        theirs.unpad_sequence(wanted, counts, batch_first),
        strict=True,
    )
    for y, want in pairs:
        agree(y, want, "unpadded")
    same_packed(
        ours.pack_sequence(xs, enforce_sorted=False),
        theirs.pack_sequence(list(map(to_torch, xs)), enforce_sorted=False),
    )


LAYERS = {
    "RNN": {},
    "RNN relu": {"nonlinearity": "relu", "bidirectional": True},
    "LSTM": {},
    "LSTM both": {"bidirectional": True, "num_layers": 2},
    "LSTM projected": {"bidirectional": True, "num_layers": 2, "proj_size": 2},
    "GRU": {"bias": False},
    "GRU both": {"bidirectional": True, "num_layers": 2, "batch_first": True},
}


@EACH
@pytest.mark.parametrize("with_state", [False, True])
@pytest.mark.parametrize("name", LAYERS)
def test_layers_over_packed_sequences_are_pytorchs(
    name: str, with_state: bool, lengths: list[int]
) -> None:
    kind, options = name.split()[0], LAYERS[name]
    layer: Any = getattr(nn, kind)(2, 3, **options).to("float64")
    peer = getattr(torch.nn, kind)(2, 3, **options).double()
    peer.load_state_dict({k: to_torch(v.numpy()) for k, v in layer.state_dict().items()})
    x = batch(lengths)
    count = layer.num_layers * (1 + layer.bidirectional)
    arrays = [draw(count, len(lengths), width) for width in (layer.proj_size or 3, 3)]
    given = [ag.Tensor(a, requires_grad=True) for a in (x, *arrays)]
    tensors = [to_torch(a).requires_grad_() for a in (x, *arrays)]
    first = tuple(given[1:]) if kind == "LSTM" else given[2]
    their_first = tuple(tensors[1:]) if kind == "LSTM" else tensors[2]
    packed = ours.pack_padded_sequence(given[0], lengths, enforce_sorted=False)
    their_packed = theirs.pack_padded_sequence(
        tensors[0], torch.tensor(lengths), enforce_sorted=False
    )
    output, last = layer(packed, first if with_state else None)
    want, want_last = peer(their_packed, their_first if with_state else None)
    same_packed(output, want)
    pairs = [(output.data, want.data)]
    if kind == "LSTM":
        pairs += list(zip(last, want_last, strict=True))
    else:
        pairs.append((last, want_last))
    weights = [draw(*y.shape, seed="weight") for y, _ in pairs]
    sum(ag.sum(y * w) for (y, _), w in zip(pairs, weights, strict=True)).backward()
    sum((y * to_torch(w)).sum() for (_, y), w in zip(pairs, weights, strict=True)).backward()
    for y, wanted in pairs:
        agree(y.detach(), wanted, name)
    for tensor, peer_tensor in zip(given, tensors, strict=True):
        if peer_tensor.grad is not None:
            agree(tensor.grad, peer_tensor.grad, "gradient of an input")
    for key, parameter in peer.named_parameters():
        agree(layer.get_parameter(key).grad, parameter.grad, key)


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_parameters_stand_in_pytorchs_order(name: str) -> None:
    options = {"num_layers": 2, "bidirectional": True}
    options |= {"proj_size": 1} if name == "LSTM" else {}
    found = getattr(nn, name)(2, 3, **options)
    wanted = getattr(torch.nn, name)(2, 3, **options)
    assert [(k, p.shape) for k, p in found.named_parameters()] == [
        (k, tuple(p.shape)) for k, p in wanted.named_parameters()
    ]
    assert np.array_equal(
        [len(group) for group in found.all_weights], [len(group) for group in wanted.all_weights]
    )
