"""nn.torch beside PyTorch: taking, putting, and changes in place, which reach what they show."""

from __future__ import annotations

import pytest

from autograd.errors import InPlaceError
from tests.differential.torch_face import Failed, compare, expressions, ours, run

TAKEN = """
x[0]; x[-1]; x[0,1]; x[:,1]; x[:, -1]; x[...,0]; x[None]; x[:,None]; x[1:]; x[::2]; x[::-1];
x[[0,1]]; x[[1]]; x[k]; x[:,k]; x[k,k]; x[k[:,None],k]; x[b]; x[x>0]; x[b.any(1)]; x[:, b[0]];
x[u]; x[torch.tensor([1,0],dtype=torch.uint8)]; x[m-2]; x[torch.tensor(1)]; t[0,:,k]; t[:,0,k];
t[k,:,0]; t[k,0]; t[:,k,0]; t[0,...,k]; t[k,...]; t[None,k]; t[:,k,None]; t[0,:,[1,2]];
t[[0,1],:,0]; t[[0,1],:,[0,1]]; t[:, [0,1], :]; t[1, [0,2]]; t[..., [True,False,True,False]];
t[t[:,0,0]>0]; t[b]; x[3]; x[:,5]; x[[2]]; x[-3]; x[0.5]; x[True]; x[False]; x[()]; n[()]; n[...];
n[None]; x[slice(0,1)]; x[np.array([0,1])]; x[range(2)]; x[(0,1)]; x[[0,1],[1,2]];
x[torch.tensor([])]; x[torch.tensor([],dtype=torch.long)]; v[w-1]; v[w[0]-1];
v[[True,False,True]]; v[v.argsort()]; x[1:, :2]; x[..., None, :]; t[0][1][2]; x[:1000]; x[5:];
x[-1:]; x[:, torch.tensor([0,2])]; t[:, :, torch.tensor([[0,1],[2,3]])];
x.gather(1, torch.tensor([[0],[2]])); torch.gather(x, 0, torch.tensor([[0,1,0]]));
x.gather(dim=1, index=torch.tensor([[0,0],[1,2]])); x.gather(1, torch.tensor([[5],[0]]));
x.gather(1, torch.tensor([[-1],[0]])); x.index_select(0, k-1+1); x.index_select(1,k);
torch.index_select(x,1,torch.tensor([2,2])); x.index_select(0, torch.tensor([5]));
x.take(torch.tensor([0,5])); torch.take(x, torch.tensor([[0,-1]]));
torch.take_along_dim(x, x.argsort(1), 1); x.masked_select(b); torch.masked_select(x, x>0);
x.masked_select(torch.tensor([True,False,True])); x.nonzero(); torch.nonzero(i);
i.nonzero(as_tuple=True); torch.nonzero(b, as_tuple=True); n.nonzero(); i.argwhere();
torch.where(b); torch.where(b,x,y); torch.where(x>0, x, 0.); torch.where(x>0, x, 0);
torch.where(b, 1., 0.); torch.where(b, 1, 0); torch.where(b, x, i); torch.where(b, i, 2.5);
torch.where(b, x, d); torch.where(b, n, 0); x.where(b, y); x.where(x>0, torch.tensor(0.));
torch.where(x>0, x, torch.zeros_like(x)); torch.where(b, v, 1.); torch.where(i, x, y);
x.masked_fill(b, 0); x.masked_fill(b, -1e9); x.masked_fill(b, float('-inf'));
x.masked_fill(b[0], 5); i.masked_fill(b, 2); x.masked_fill(b, n); i.masked_fill(b, float('inf'));
x.masked_fill(i==0, 1.); x.masked_fill(i, 1.);
torch.zeros(2,3).scatter(1, torch.tensor([[0],[2]]), 1.0);
torch.zeros(2,3).scatter_(1, torch.tensor([[0],[2]]), 1);
torch.zeros(2,3).scatter_(1, torch.tensor([[0],[2]]), x);
torch.zeros(2,3).scatter(0, torch.tensor([[0,1,0]]), x);
torch.zeros(2,3).scatter_add(1, torch.tensor([[0,0],[2,1]]), x);
torch.zeros(2,3).scatter_add_(0, torch.tensor([[0,0,1]]), x);
torch.zeros(2,3).scatter_(1, torch.tensor([[0],[2]]), x, reduce='add');
torch.ones(2,3).scatter_(1, torch.tensor([[0],[2]]), 2., reduce='multiply');
torch.zeros(2,3).scatter_(1, torch.tensor([[0],[2]]), value=3);
x.scatter_reduce(1, torch.tensor([[0,0,1],[2,2,2]]), y, 'sum');
x.scatter_reduce(1, torch.tensor([[0,0,1],[2,2,2]]), y, 'mean');
x.scatter_reduce(1, torch.tensor([[0,0,1],[2,2,2]]), y, reduce='amax');
x.scatter_reduce(1, torch.tensor([[0,0,1],[2,2,2]]), y, reduce='prod', include_self=False);
x.scatter_reduce(1, torch.tensor([[0,0,1],[2,2,2]]), y, 'mean', include_self=False);
x.scatter_reduce(1, torch.tensor([[0,0,1],[2,2,2]]), y, 'amin', include_self=False);
i.scatter_reduce(1, torch.tensor([[0,0,1],[2,2,2]]), j, 'amax', include_self=False);
torch.zeros(3).scatter(0, torch.tensor([0,3]), 1.); x.index_add(0, torch.tensor([0,0]), y);
x.index_add_(1, k, y[:,:2], alpha=2); torch.index_add(x,0,torch.tensor([1]),y[:1]);
x.index_copy(0, torch.tensor([1]), y[:1]); x.index_copy_(1, k, y[:,:2]); x.index_fill(1,k,0.);
x.index_fill_(0, torch.tensor([0]), -1); x.index_put((k-k, k), torch.tensor([9.,8.]));
x.index_put_((torch.tensor([0,0]), torch.tensor([1,1])), torch.tensor([1.,2.]), accumulate=True);
x.put_(torch.tensor([0,1]), torch.tensor([5.,6.])); torch.tril_indices(3,3);
torch.triu_indices(3,3,1); torch.tril_indices(2,3,offset=-1);
torch.select_scatter(x, torch.zeros(3), 0, 1); torch.slice_scatter(x, torch.zeros(2,1), 1, 1, 2);
torch.diagonal_scatter(a, torch.zeros(3)); torch.unravel_index(torch.tensor([0,5]), (2,3));
x.masked_scatter(b, torch.tensor([1.,2.,3.])); x.masked_scatter_(x>0, y);
"""

# Programs, of which the last expression is compared.
CHANGES = """
x[0]=0; x | x[:,1]=5.; x | x[0]=v; x | x[b]=0; x | x[x>0]=1.5; x |
x[b]=torch.tensor([7.,8.,9.]); x | x[:, :2]*=0; x | x[0]+=1; x | x[:,1]-=v[:2]; x |
x[...,0]=n; x | x[k,k]=1; x | x[[0,1],[1,2]]=torch.tensor([5.,6.]); x | x[0,0]=2; x |
i[0]=2.7; i | i[0]=v; i | i[b]=3; i | x[0]=i[0]; x | x[:]=0; x | x[None]=1; x | x[0:1]=y[0:1]; x |
t[0,:,[1,2]]=0.; t | t[0,:,[1,2]]=torch.ones(3,2)*torch.arange(2); t |
t[:, [0,1], 0] = torch.tensor([1.,2.]); t | x.view(-1)[0]=1; x | x[0][1]=3; x | x.t()[0]=0.; x |
x.T[0,1]=5; x | x[0].fill_(1); x | x[:,0].zero_(); x | x.t().zero_(); x |
x.view(-1)[1:3].add_(1); x | x[0].mul_(2); x | row=x[0]; row+=1; x | row=x[0]; row+=1; row |
e=x[0,0]; e+=1; x | e=x[0,0]; e.fill_(7); x | x.diagonal().fill_(0); x | x.fill_(2); x |
x.zero_(); x | x.add_(1); x | x.add_(y, alpha=2); x | x.sub_(y).mul_(2).div_(3); x |
x.copy_(y); x | x.copy_(v); x | x.copy_(i); x | i.copy_(x); i | x.clamp_(0,1); x |
x.clamp_(min=0); x | x.clamp_min_(0); x | x.exp_(); x | x.abs_().sqrt_(); x | x.sigmoid_(); x |
x.relu_(); x | x.tanh_(); x | torch.relu_(x); x | x.neg_(); x | x.pow_(2); x |
x.masked_fill_(b,0.); x | x.lerp_(y,0.5); x | x.addcmul_(x,y,value=0.5); x |
x.addcdiv_(x,y+9,value=-1); x | x.round_(); x | x.floor_(); x | x.t_(); x | x.unsqueeze_(0); x |
x.squeeze_(); x | x.transpose_(0,1); x | x.resize_(3,2); x | x.tril_(); x | x.cumsum_(1); x |
x.eq_(y); x | i.add_(1.5); i | i+=2.5; i | i*=2; i | i/=2; i | i//=2; i | =True; b | b&=b; b |
x%=2; x | x**=2; x | x+=d; x | x+=i; x | x-=1; x | x*=b; x | x/=2; x | h+=x; h | n+=1; n |
n.add_(2); n | x.fill_diagonal_(9); x | a.fill_diagonal_(0); a | x.data.add_(1); x |
x.data[0]=5; x | x.data=y; x | x.data*=2; x | x.detach().zero_(); x | d=x.detach(); d[0]=9; x |
d=x.data; d+=1; x | d=x.data; d.mul_(0); x | x.addmm_(a[:2,:2],y); x |
x.addmm_(x[:,:2],a[:2]); x | x.logical_not_(); x | x.nan_to_num_(); x | z.nan_to_num_(); z |
x.random_(3).max() < 3; 0 | x.normal_().shape; 0 | x.uniform_(2,3).min() >= 2; 0 |
x.bernoulli_(1.); x | x.bernoulli_(0.); x | x.exponential_().min() > 0; 0 |
x.view(3,2).t().copy_(y); x | x.chunk(2)[0].zero_(); x | x.split(1,1)[2].fill_(4); x |
x.unbind(0)[1].add_(1); x | list(x)[0].add_(1); x | x.narrow(1,0,2).zero_(); x |
x.select(1,0).zero_(); x | x.unsqueeze(0).add_(1); x | x.squeeze().add_(1); x |
x.expand(2,2,3)[0].add_(1); x | x.permute(1,0).add_(1); x | x.reshape(6).add_(1); x |
x[::1].zero_(); x | x[b].fill_(0); x | x[[0]].fill_(0); x | x.view_as(x).mul_(3); x |
x.real.add_(1); x | x.contiguous().add_(1); x | x.to('cpu').add_(1); x | x.float().add_(1); x |
x.double().add_(1); x | for r in x: r.add_(1); x |
"""

# What is written to each reaches x where PyTorch gives a view, and does not where it copies.
WRITTEN = """
x.flip(0); x.flip(1); x.fliplr(); x.flipud(); x.rot90(); x.rot90(2); x.roll(1,0); x.roll(0,0);
x.repeat(1,1); x.repeat(2,1,1); x[:1].repeat(2,1); x.tile(1,1); x.tile((2,1));
x.repeat_interleave(1); torch.diag(a[:2]); torch.diag(x); x.tril(); x.triu(-5); torch.cat([x]);
torch.stack([x]); x.index_select(0,torch.tensor([0,1])); x.clone(); torch.where(x==x,x,x);
x.masked_fill(x>99,0.); x.sort(0)[0]; x.abs(); x.ceil(); x.round(); x.float();
x.to(torch.float32); x.type(torch.float32); x.real; x.conj(); torch.positive(x); x.squeeze();
x.unsqueeze(0); x.view(-1); x.reshape(2,3); x.reshape(3,2); x.flatten(0,1); x.ravel(); x.t();
x.T; x.mT; x.transpose(0,1); x.permute(1,0); x.swapaxes(0,1); x.movedim(0,1); x.narrow(0,0,1);
x.select(0,0); x.unbind()[0]; x.split(1)[0]; x.chunk(2)[0]; x.tensor_split(2)[0];
x.hsplit(3)[0]; x.vsplit(2)[0]; x.diagonal(); x[0]; x[:]; x[...]; x[None]; x[0:1]; x[:,1:];
x[[0]]; x[torch.tensor([0])]; x[x==x]; x.contiguous(); x.detach(); x.data; x.expand_as(x);
x.expand(2,3); x.broadcast_to(2,3); torch.broadcast_tensors(x)[0]; torch.atleast_2d(x);
torch.atleast_3d(x); x.unflatten(0,(1,2)); x.view_as(x); x.sum_to_size(2,3); x.clamp(-99,99);
x.clamp(min=-99); x.nan_to_num(); x.masked_select(x==x); torch.take(x,torch.tensor([0]));
x.gather(0,torch.tensor([[0,0,0]])); x.cumsum(0); x*1; x+0; x/1; x**1; -x;
torch.meshgrid(x[0],x[1])[0]; torch.as_tensor(x); torch.tensor(x); torch.einsum('ij->ij',x);
torch.einsum('ij->ji',x); torch.block_diag(x); torch.hstack([x]); torch.vstack([x]);
x.amax((0,),True); x.max(0)[0]; x.mean(0); x.softmax(1); x.diff(n=0); x.adjoint(); x.H;
x.unsqueeze(0).squeeze(0); x.view(2,3)[1]; x.transpose(0,1).contiguous(); x.type_as(x); x.cpu();
x.double(); x.index_fill(0,torch.tensor([0]),1.); torch.ravel(x.t()); x.movedim(0,0);
x.swapdims(0,0); torch.broadcast_to(x,(2,3)); x.relu(); x.sign(); x.floor(); x.trunc();
x.frac(); torch.real(x); x.nansum(); x.quantile(0.5,dim=0); x.median(0)[0]; x.topk(2)[0];
torch.kron(torch.ones(1,1),x); torch.tensordot(x,torch.ones(1),dims=0);
torch.cartesian_prod(x[0]); torch.unbind(x,1)[1]; torch.squeeze(x,0); torch.lerp(x,x,0.);
x.float().float(); x.resolve_conj(); x.positive();
x.index_put((torch.tensor([0]),torch.tensor([0])),x[0,:1]); torch.select_scatter(x,x[0],0,0);
x.new_tensor(x); torch.complex(x,x).real; x.view(torch.float32); x.logical_not();
x.matmul(torch.eye(3)); x.norm(dim=0); x.prod(0); x.std(0); x.unique(); torch.flatten(x);
torch.numel(x) and x.t().t(); torch.asarray(x); torch.clone(x); torch.combinations(x[0],1);
torch.unsafe_chunk(x,1)[0]; torch.row_stack([x]); torch.column_stack([x]); torch.dstack([x]);
torch.rot90(x,0); torch.roll(x,0); torch.gather(x,1,torch.tensor([[0],[1]]));
torch.trapezoid(x); x.logit(); x.swapaxes(1,1);
"""

REFUSED = ("x.unfold(0, 2, 1).add_(1); x", "torch.as_strided(x, (2,), (1,)).add_(1); x")


@pytest.mark.parametrize("expression", expressions(TAKEN))
def test_what_is_taken_or_put_is_pytorchs(expression: str) -> None:
    compare(expression)


@pytest.mark.parametrize("program", expressions(CHANGES, " |"))
def test_what_is_changed_in_place_is_pytorchs(program: str) -> None:
    compare(program)


@pytest.mark.parametrize("expression", expressions(WRITTEN))
def test_a_write_reaches_what_it_reaches_in_pytorch(expression: str) -> None:
    compare(f"q = ({expression}); q.add_(1); (q, x, a)")


@pytest.mark.parametrize("program", REFUSED)
def test_a_write_to_what_had_to_be_copied_raises_and_never_vanishes(program: str) -> None:
    found = run(ours, program)
    assert isinstance(found, Failed)
    assert isinstance(found.error, InPlaceError)
