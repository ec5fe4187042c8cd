"""Recurrent layers: packed sequences, layers against cells, second order, and messages."""

from __future__ import annotations

import copy
import pickle
import re
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.engine.samples import draw
from autograd.errors import DTypeError, ShapeError
from autograd.gradcheck import gradcheck_module
from nn.utils.rnn import (
    PackedSequence,
    invert_permutation,
    pack_padded_sequence,
    pack_sequence,
    pad_packed_sequence,
    pad_sequence,
    unpack_sequence,
    unpad_sequence,
)

KINDS = ["RNN", "LSTM", "GRU"]


def first_of(last: Any) -> Any:
    return last[0] if isinstance(last, tuple) else last


def layer_of(kind: str, *sizes: int, **options: Any) -> Any:
    return getattr(nn, kind)(*sizes, rng=0, **options).to("float64")


@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_is_its_cell_in_a_loop(kind: str) -> None:
    layer = layer_of(kind, 2, 3)
    cell = getattr(nn, kind + "Cell")(2, 3).to("float64")
    cell.load_state_dict({k.removesuffix("_l0"): v for k, v in layer.state_dict().items()})
    x, state, outputs = ag.Tensor(draw(4, 2, 2)), None, []
    for row in x:
        state = cell(row, state)
        outputs.append(first_of(state))
    output, last = layer(x)
    ag.sum(ag.stack(outputs) ** 2).backward()
    ag.sum(output**2).backward()
    np.testing.assert_allclose(output.detach(), ag.stack(outputs).detach(), rtol=1e-12)
    np.testing.assert_allclose(first_of(last)[0].detach(), outputs[-1].detach(), rtol=1e-12)
    for name, p in cell.named_parameters():
        np.testing.assert_allclose(p.grad, layer.get_parameter(name + "_l0").grad, rtol=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_packed_sequences_are_run_each_on_its_own(kind: str) -> None:
    layer = layer_of(kind, 2, 3, num_layers=2, bidirectional=True)
    xs = [ag.Tensor(draw(n, 2, seed=n)) for n in (2, 4, 1)]
    output, last = layer(pack_sequence(xs, enforce_sorted=False))
    for n, (x, y) in enumerate(zip(xs, unpack_sequence(output), strict=True)):
        alone, own = layer(x)
        np.testing.assert_allclose(y.detach(), alone.detach(), rtol=1e-12)
        np.testing.assert_allclose(
            first_of(last)[:, n].detach(), first_of(own).detach(), rtol=1e-12
        )


class Packed(nn.Module):
    """A layer over packed sequences, as a function of the padded ones."""

    def __init__(self, layer: Any) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Any) -> Any:
        output, last = self.layer(pack_padded_sequence(x, [1, 2], enforce_sorted=False))
        return output.data, last


@pytest.mark.parametrize("kind", KINDS)
def test_gradcheck_passes_over_packed_sequences(kind: str) -> None:
    layer = layer_of(kind, 1, 1, bidirectional=True)
    assert gradcheck_module(Packed(layer), ag.Tensor(draw(2, 2, 1)))


def test_a_layer_and_direction_is_one_node_of_the_graph() -> None:
    layer = nn.LSTM(2, 3, num_layers=2, bidirectional=True)
    output, _ = layer(ag.Tensor(np.ones((5, 2, 2), "float32")))
    names = [node.op.name for node in ag.Graph(output).nodes]
    assert names.count("lstm") == 4
    assert set(names) == {"leaf", "lstm", "output", "concat"}


def test_dropout_lies_between_layers_in_training_alone() -> None:
    layer, x = nn.GRU(2, 8, num_layers=2, dropout=1.0), ag.Tensor(draw(3, 1, 2))
    silent = nn.GRU(2, 8, num_layers=2).train()
    silent.load_state_dict(layer.state_dict())
    silent.weight_ih_l1.data = np.zeros((24, 8))
    np.testing.assert_array_equal(layer(x)[0].detach(), silent(x)[0].detach())
    other = nn.GRU(2, 8, num_layers=2)
    other.load_state_dict(layer.state_dict())
    np.testing.assert_array_equal(layer.eval()(x)[0].detach(), other(x)[0].detach())


def test_no_steps_leave_the_state_as_it_is() -> None:
    h, c = ag.Tensor(draw(1, 2, 3)), ag.Tensor(draw(1, 2, 3, seed=1))
    output, last = layer_of("LSTM", 2, 3)(ag.Tensor(np.zeros((0, 2, 2))), (h, c))
    assert output.shape == (0, 2, 3)
    np.testing.assert_array_equal(last[0].detach(), h)
    np.testing.assert_array_equal(last[1].detach(), c)


# ---- packed sequences ----------------------------------------------------------------------------


def test_packing_is_undone_by_unpacking() -> None:
    xs = [ag.Tensor(draw(n, 2, seed=n), requires_grad=True) for n in (2, 4, 1)]
    for y, x in zip(unpack_sequence(pack_sequence(xs, False)), xs, strict=True):
        np.testing.assert_array_equal(y.detach(), x.detach())
        (g,) = ag.grad(ag.sum(y * y), x, retain_graph=True)
        np.testing.assert_array_equal(g, 2 * x.detach())


def test_a_packed_sequence_is_copied_pickled_and_cast() -> None:
    packed = pack_sequence([ag.Tensor([1.0, 2.0]), ag.Tensor([3.0])])
    for other in (copy.deepcopy(packed), pickle.loads(pickle.dumps(packed))):
        assert isinstance(other, PackedSequence)
        assert other.data.tolist() == [1, 3, 2]
        assert other.batch_sizes.tolist() == [2, 1]
    assert packed.to("float32") is packed
    assert packed.to("float64").data.dtype == np.float64


def test_a_permutation_and_its_inverse_make_the_identity() -> None:
    order = np.random.default_rng(0).permutation(7)
    assert order[invert_permutation(order)].tolist() == list(range(7))
    assert invert_permutation(None) is None


# ---- messages ------------------------------------------------------------------------------------

X = ag.Tensor(np.zeros((3, 2, 4), "float32"))
STATE = np.zeros((1, 2, 5), "float32")

MESSAGES = [
    (lambda: nn.LSTM(4, 5)(np.zeros((3, 2, 6))), ShapeError,
     "LSTM: input is (3, 2, 6) and weight_ih_l0 (20, 4): expected (T, N, 4) or (T, 4)     in LSTM"),
    (lambda: nn.GRU(4, 5, batch_first=True)(np.zeros(4)), ShapeError,
     "GRU: input is (4,) and weight_ih_l0 (15, 4): expected (N, T, 4) or (T, 4)"),
    (lambda: nn.RNN(4, 5)(PackedSequence(np.zeros((2, 3)), [2])), ShapeError,
     "RNN: input is (2, 3) and weight_ih_l0 (5, 4): expected packed rows (_, 4)"),
    (lambda: nn.GRU(4, 5)(X, STATE[:, :1]), ShapeError,
     "GRU: hx is (1, 1, 5); for this input it must be (1, 2, 5): (num_layers · directions, N, "
     "size)"),
    (lambda: nn.GRU(4, 5)(X[:, 0], STATE), ShapeError,
     "GRU: hx is (1, 2, 5); for this input it must be (1, 5): (num_layers · directions, size)"),
    (lambda: nn.LSTM(4, 5)(X, (STATE, STATE[..., :4])), ShapeError,
     "LSTM: hx[1] is (1, 2, 4); for this input it must be (1, 2, 5)"),
    (lambda: nn.LSTM(4, 5)(X, STATE), ShapeError, "LSTM: hx has 1 parts; it must be (h, c)"),
    (lambda: nn.LSTM(4, 5, proj_size=5), ValueError,
     "LSTM: proj_size is 5; a projection makes outputs smaller than hidden_size, 5, and 0 means "
     "none"),
    (lambda: nn.RNN(4, 5, nonlinearity="tahn"), ValueError,
     "nonlinearity must be 'tanh' or 'relu', got 'tahn'; did you mean 'tanh'?"),
    (lambda: nn.RNNCell(4, 5, nonlinearity="rely"), ValueError, "did you mean 'relu'?"),
    (lambda: nn.GRU(4, 0), ValueError, "GRU: hidden_size must be at least 1, got 0"),
    (lambda: nn.GRU(4, 5, 2, dropout=1.5), ValueError, "from 0 to 1, got 1.5"),
    (lambda: nn.GRUCell(4, 5)(np.zeros((3, 6))), ShapeError,
     "GRUCell: input is (3, 6) and weight_ih (15, 4): expected (N, 4) or (4,)     in GRUCell"),
    (lambda: nn.LSTMCell(4, 5)(np.zeros((3, 4)), (np.zeros((3, 5)), np.zeros((3, 4)))), ShapeError,
     "LSTMCell: hx[1] is (3, 4); for this input, (3, 4), it must be (3, 5)"),
    (lambda: nn.RNNCell(4, 5)(np.zeros(4), np.zeros((1, 5))), ShapeError,
     "RNNCell: hx is (1, 5); for this input, (4,), it must be (5,)"),
    (lambda: pack_padded_sequence(X, [3, 2, 1]), ShapeError,
     "lengths are (3,) and input is (3, 2, 4): expected one for each of the 2 sequences, (2,).\n"
     "  Is batch_first as the input is?"),
    (lambda: pack_padded_sequence(X, [4, 1]), ValueError,
     "lengths[0] is 4; input is (3, 2, 4), so it must lie between 1 and 3"),
    (lambda: pack_padded_sequence(X, [3, 0]), ValueError, "lengths[1] is 0"),
    (lambda: pack_padded_sequence(X, [2.0, 1.0]), DTypeError, "must be integers, not float64"),
    (lambda: pack_padded_sequence(X, [2, 3]), ValueError,
     "lengths must descend, and lengths[0] is 2 before 3.\n  With enforce_sorted=False they are "
     "sorted for you."),
    (lambda: pack_padded_sequence(X[0, 0], [2]), ShapeError, "it must be (T, N, *)"),
    (lambda: pad_packed_sequence(pack_sequence([X[:, 0]]), total_length=2), ValueError,
     "total_length is 2, and the longest sequence has 3"),
    (lambda: pad_sequence([X, X[..., :1]]), ShapeError,
     "sequences[0] is (3, 2, 4) and sequences[1] is (3, 2, 1): they may differ in their first "
     "axis alone"),
    (lambda: pad_sequence([]), ValueError, "pad_sequence: there are no sequences"),
    (lambda: pad_sequence([X], padding_side="lft"), ValueError, "did you mean 'left'?"),
    (lambda: unpad_sequence(X, [1]), ShapeError,
     "lengths are (1,) and padded_sequences (3, 2, 4): expected one for each of the 2"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "message"), MESSAGES, ids=[m[2][:40] for m in MESSAGES])
def test_an_error_says_what_is_wrong_where(call: Any, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=re.escape(message)):
        call()


@pytest.mark.parametrize("kind", KINDS)
def test_dropout_of_a_single_layer_is_warned_about(kind: str) -> None:
    with pytest.warns(UserWarning, match="dropout=0.5 does nothing with num_layers=1"):
        getattr(nn, kind)(2, 3, dropout=0.5)
