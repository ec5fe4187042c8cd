"""nn.torch.nn, optim, utils.data and distributions: what holds of the face without PyTorch."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import nn as plain
import nn.torch as torch
import nn.torch.nn.functional as F
from autograd import gradcheck
from nn.torch import distributions, optim
from nn.torch import nn as nn
from nn.torch.utils.data import DataLoader, Dataset, TensorDataset
from nn.torch.vision import transforms
from nn.torch.vision.utils import make_grid


def model() -> Any:
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(inplace=True), nn.Linear(4, 2))


@pytest.mark.parametrize("name", [n for n in nn.__all__ if hasattr(plain, n)])
def test_a_layers_face_is_the_layer_and_a_module_of_the_face(name: str) -> None:
    face, own = getattr(nn, name), getattr(plain, name)
    if isinstance(own, type) and issubclass(own, plain.Module):
        assert issubclass(face, own)
        assert issubclass(face, nn.Module)
        for base in own.__mro__[1:]:  # isinstance says of the face what it says of the layer
            if base.__name__ in nn.__all__ and hasattr(plain, base.__name__):
                assert issubclass(face, getattr(nn, base.__name__))


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copy_holds_its_own_parts_by_attribute_and_by_registry(copied: Any) -> None:
    first = model()
    second = copied(first)
    second._modules["3"] = nn.Linear(4, 7)
    assert second(torch.ones(5, 3)).shape == (5, 7)
    assert first(torch.ones(5, 3)).shape == (5, 2)
    del second._modules["3"]
    assert len(second) == 3
    assert all(type(p) is nn.Parameter for p in second.parameters())


def test_what_is_set_on_a_module_is_adopted_with_all_below() -> None:
    net = nn.Module()
    net.inner = plain.Sequential(plain.Linear(2, 2), plain.LSTM(2, 3))
    for module in net.modules():
        assert isinstance(module, nn.Module)
    assert all(type(p) is nn.Parameter for p in net.parameters())
    assert type(net.inner[0](plain.Parameter([[1.0, 2.0]]))) is torch.Tensor


def test_a_childs_own_train_is_called() -> None:
    class Frozen(nn.BatchNorm1d):
        def train(self, mode: bool = True) -> Any:
            return super().train(False)

    net = nn.Sequential(Frozen(3)).train()
    assert net.training
    assert not net[0].training


def test_a_state_shows_the_parameters_and_writes_reach_them() -> None:
    layer = nn.Linear(2, 2)
    state = layer.state_dict()
    state["weight"].zero_()
    assert not layer.weight.any()
    with pytest.raises(RuntimeError, match="Error"):
        layer.load_state_dict({"weight": torch.ones(3, 3), "bias": torch.ones(2)})
    assert str(layer.load_state_dict({}, strict=False)).startswith("_IncompatibleKeys(missing")


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (nn, "CrossMapLRN2d"), (nn.functional, "conv_tbc"), (nn.utils, "prune"),
        (optim, "SparseAdam"), (distributions, "VonMises"), (torch.utils, "bottleneck"),
        (torch.utils.data, "IterDataPipe"), (transforms, "RandomRotation"),
    ],
)  # fmt: skip
def test_what_is_not_here_says_what_to_write(module: Any, name: str) -> None:
    with pytest.raises(AttributeError, match=rf"{name} is not here: \w+"):
        getattr(module, name)


@pytest.mark.parametrize("call", [lambda m: m.cuda(), lambda m: m.to("cuda:0"), lambda m: m.to(0)])
def test_a_device_that_is_not_there_is_refused(call: Any) -> None:
    with pytest.raises(Exception, match="there is no device 'cuda"):
        call(nn.Linear(2, 2))


def test_options_of_layers_are_checked_as_in_nn() -> None:
    with pytest.raises(ValueError, match="p is a probability"):
        nn.Dropout(2.0)
    with pytest.raises(TypeError, match="out_features"):
        nn.Linear(3, "4")
    with pytest.raises(ValueError, match="lr"):
        optim.SGD(nn.Linear(2, 2).parameters(), lr=-1.0)


def test_inplace_reaches_what_a_view_shows() -> None:
    x = torch.tensor([[-1.0, 2.0], [3.0, -4.0]])
    F.relu(x[0], inplace=True)
    assert x.tolist() == [[0.0, 2.0], [3.0, -4.0]]
    leaf = torch.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="leaf"):
        F.relu(leaf, inplace=True)


# ---- data ----------------------------------------------------------------------------------------


class Squares(Dataset[Any]):
    def __len__(self) -> int:
        return 7

    def __getitem__(self, index: int) -> Any:
        return np.float32(index), index * index


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_are_of_the_face_whoever_prepares_them(workers: int) -> None:
    loader = DataLoader(Squares(), batch_size=3, num_workers=workers, pin_memory=True)
    found = list(loader)
    assert [x.tolist() for x, _ in found] == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0]]
    assert all(type(part) is torch.Tensor for batch in found for part in batch)
    assert [y.dtype for _, y in found] == [torch.int64] * 3


def test_an_error_in_a_worker_arrives_and_the_order_follows_the_seed() -> None:
    class Broken(Squares):
        def __getitem__(self, index: int) -> Any:
            raise OSError("no file")

    with pytest.raises(OSError, match="no file"):
        list(DataLoader(Broken(), num_workers=1))
    seen = []
    for _ in range(2):
        generator = torch.Generator()
        generator.manual_seed(3)
        loader = DataLoader(Squares(), 7, shuffle=True, generator=generator)
        seen.append(next(iter(loader))[0].tolist())
    assert seen[0] == seen[1] != sorted(seen[0])


def test_tensors_chosen_at_once_are_the_same_as_one_by_one() -> None:
    data = TensorDataset(torch.arange(6.0).view(3, 2), torch.tensor([1, 0, 1]))
    whole = list(DataLoader(data, 2))
    single = list(DataLoader(torch.utils.data.Subset(data, range(3)), 2))
    for a, b in zip(whole, single, strict=True):
        assert [x.tolist() for x in a] == [x.tolist() for x in b]


def test_images_become_tensors() -> None:
    image = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    tensor = transforms.ToTensor()(image)
    assert tensor.shape == (3, 2, 2)
    assert tensor.dtype == torch.float32
    assert tensor[1, 0, 1] == pytest.approx(4 / 255)
    both = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,) * 3, (0.5,) * 3)])
    assert both(image)[0, 0, 0] == pytest.approx(-1.0)
    flat = transforms.ToTensor()(image[..., 0])
    assert flat.shape == (1, 2, 2)
    assert transforms.RandomHorizontalFlip(1.0)(flat).tolist() == flat.flip(-1).tolist()
    assert transforms.RandomCrop(2, padding=1)(flat).shape == (1, 2, 2)
    assert transforms.CenterCrop(4)(flat).shape == (1, 4, 4)
    assert make_grid(torch.zeros(5, 1, 4, 4), nrow=3, padding=1).shape == (3, 11, 16)


# ---- distributions -------------------------------------------------------------------------------

SMOOTH = {
    "Normal": (0.3, 0.8), "Laplace": (0.3, 0.8), "Gumbel": (0.3, 0.8), "Cauchy": (0.3, 0.8),
    "LogNormal": (0.3, 0.8), "Gamma": (1.7, 0.8), "Beta": (1.7, 0.8), "StudentT": (3.0, 0.1, 0.8),
    "Exponential": (0.7,), "InverseGamma": (1.7, 0.8), "Weibull": (1.2, 1.7),
}  # fmt: skip


@pytest.mark.parametrize("name", SMOOTH)
def test_log_prob_and_entropy_pass_gradcheck(name: str) -> None:
    made = getattr(distributions, name)
    parameters = [np.array([p, p * 1.1]) for p in SMOOTH[name]]
    at = torch.tensor(np.array([0.4, 0.6]))
    assert gradcheck(lambda *p: made(*p, validate_args=False).log_prob(at), *parameters).passed
    if name not in ("InverseGamma", "LogNormal"):
        assert gradcheck(lambda *p: made(*p, validate_args=False).entropy(), *parameters).passed


def test_draws_of_gamma_numbers_carry_the_gradient_of_their_mean() -> None:
    plain.manual_seed(0)
    a = torch.tensor(2.5, requires_grad=True)
    distributions.Gamma(a, torch.tensor(2.0)).rsample((20_000,)).mean().backward()
    assert a.grad.item() == pytest.approx(0.5, rel=0.05)


def test_what_is_derived_without_a_graph_has_a_gradient_later() -> None:
    logits = torch.tensor([0.1, 0.9], requires_grad=True)
    d = distributions.Categorical(logits=logits)
    d.sample((3,))  # asks for the probabilities, and keeps them
    d.probs[0].backward()
    assert logits.grad is not None


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_lazy_layer_is_copied_before_and_after_its_first_call(copied: Any) -> None:
    lazy = copied(nn.LazyLinear(3))
    assert lazy(torch.ones(1, 2)).shape == (1, 3)
    assert type(copied(lazy)) is nn.Linear
    assert type(lazy.weight) is nn.Parameter


def test_backward_hooks_see_gradients_of_the_face() -> None:
    seen = []
    layer = nn.Linear(2, 2)
    layer.register_full_backward_hook(lambda module, into, out: seen.extend([*into, *out]))
    layer(torch.ones(1, 2, requires_grad=True)).sum().backward()
    assert [type(grad) for grad in seen] == [torch.Tensor, torch.Tensor]
