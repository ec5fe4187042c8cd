"""nn.torch beside PyTorch: how Tensors and what belongs to them are printed, sign for sign."""

from __future__ import annotations

import pytest
import torch

import nn.torch as ours

SHOWN = """
torch.tensor(1.5)
torch.tensor([1.,2.])
torch.tensor([1.5,2.25])
torch.tensor([1,2,300])
torch.tensor([True,False])
torch.tensor([])
torch.zeros(0,3)
torch.zeros(2,0,dtype=torch.int64)
torch.tensor([1e-5,1.])
torch.tensor([1e8,1.])
torch.tensor([1e10,2.])
torch.tensor([12345.678,0.001])
torch.tensor([float('nan'),float('inf'),1.])
torch.tensor([float('nan'),float('inf'),1.5])
torch.tensor([-float('inf')])
torch.tensor([-1.,2.])
torch.arange(100)
torch.arange(100.)/7
torch.arange(2000)
torch.arange(2000.).view(40,50)
torch.ones(3,4)
torch.ones(2,3,4)
torch.arange(24.).view(2,3,4)/3
torch.ones(2,2,2,2)
torch.ones(100,100)
torch.tensor([1.,2.],dtype=torch.float64)
torch.tensor([1,2],dtype=torch.int32)
torch.tensor([1.,2.],dtype=torch.float16)
torch.tensor([1+2j,3-1.5j])
torch.tensor(1+2j)
torch.tensor([1.,2.],requires_grad=True)
torch.tensor(3.,requires_grad=True)
torch.tensor([1.,2.],requires_grad=True)*2
torch.tensor([1.,2.],requires_grad=True)+2
(torch.tensor([1.,2.],requires_grad=True)*2).sum()
(torch.tensor([1.,2.],requires_grad=True)*2).mean()
torch.tensor([1.,2.],requires_grad=True).exp()
torch.tensor([1.,2.],requires_grad=True)**2
torch.tensor([1.,2.],requires_grad=True)-torch.tensor(1.)
torch.tensor([1.,2.],requires_grad=True)/2
-torch.tensor([1.,2.],requires_grad=True)
torch.tensor([1.,2.],requires_grad=True).relu()
torch.tensor([1.,2.],requires_grad=True).sigmoid()
torch.tensor([1.,2.],requires_grad=True).log()
torch.tensor([[1.,2.]],requires_grad=True)@torch.ones(2,2)
torch.arange(100.).requires_grad_()*1
torch.tensor(5)
torch.tensor(True)
torch.tensor([0.])
torch.tensor(0.)
torch.tensor([0.1,100.,1000.])
torch.tensor([0.0001,0.001])
torch.tensor([0.00009])
torch.tensor([[1,20],[300,4]])
torch.tensor([[1.5,-20],[300,4]])
torch.tensor([100000.5])
torch.tensor([99999.5])
torch.tensor([1.,1001.])
torch.tensor([[[]]])
torch.Size([1,2])
torch.ones(2).max(0)
torch.float32
torch.device('cpu')
torch.finfo(torch.float32)
torch.iinfo(torch.int8)
torch.arange(1001)
torch.zeros(30,30)
torch.rand(3)*0+0.12345678
torch.linspace(0,1,50)
torch.full((3,),1e-10)
torch.tensor([1e-10,1.])
torch.full((3,3),123456.)
torch.tensor(1e-10)
torch.tensor(123456789.)
torch.tensor(0.1+0.2,dtype=torch.float64)
torch.arange(30).view(1,1,30)
torch.ones(3,3,dtype=torch.uint8)
torch.randn(0)
torch.zeros(8,8,8,8)
"""


@pytest.mark.parametrize("expression", SHOWN.strip().splitlines())
def test_what_is_printed_is_what_pytorch_prints(expression: str) -> None:
    wanted = repr(eval(expression, {"torch": torch}))  # noqa: S307 - written above
    assert repr(eval(expression, {"torch": ours})) == wanted  # noqa: S307


OPTIONS = (
    {"precision": 2}, {"sci_mode": True}, {"linewidth": 40}, {"threshold": 5},
    {"edgeitems": 1, "threshold": 3}, {},
)  # fmt: skip


@pytest.mark.parametrize("options", OPTIONS)
def test_print_options_mean_what_they_mean_in_pytorch(options: dict[str, object]) -> None:
    shown = []
    for library in (torch, ours):
        library.set_printoptions(**options)
        try:
            shown.append(repr(library.arange(30.0).view(3, 10) / 7))
        finally:
            library.set_printoptions(profile="default")
    assert shown[0] == shown[1]
