"""nn.torch beside PyTorch: shapes, parts, joins; what Tensors are asked, and casts."""

from __future__ import annotations

import pytest

from tests.differential.torch_face import compare, expressions

SHAPES = """
x.view(-1); x.view(3,2); x.view((3,2)); x.view(-1,1); x.view(torch.Size([6])); x.view(4,-1);
x.view(7); x.reshape(3,-1); x.reshape((6,)); torch.reshape(x, (3,2)); torch.reshape(x, (-1,));
x.view_as(x.t().contiguous()); x.reshape_as(torch.zeros(6)); x.transpose(0,1); x.transpose(0,-1);
t.transpose(1,2); torch.transpose(t,0,2); t.transpose(0,3); x.t(); v.t(); n.t(); t.t(); x.T; x.mT;
t.mT; v.mT; t.permute(2,0,1); t.permute((2,0,1)); torch.permute(t,(1,0,2)); t.permute(0,-1,1);
t.permute(0,1); t.movedim(0,2); torch.moveaxis(t,(0,1),(1,0)); t.swapaxes(0,1); t.swapdims(-1,0);
x.unsqueeze(0); x.unsqueeze(-1); x.unsqueeze(2); x.unsqueeze(3); n.unsqueeze(0);
torch.zeros(1,2,1).squeeze(); torch.zeros(1,2,1).squeeze(0); torch.zeros(1,2,1).squeeze(1);
torch.zeros(1,2,1).squeeze(-1); torch.zeros(1,2,1).squeeze((0,2));
torch.zeros(1,2,1).squeeze(dim=0); torch.squeeze(torch.zeros(1,2,1), 5); n.squeeze(0);
v.expand(2,3); v.expand(2,-1); v.expand(-1,3); v.expand((4,3)); x.unsqueeze(0).expand(4,-1,-1);
x.expand(3,3); v.expand_as(x); torch.broadcast_to(v,(2,3)); torch.broadcast_tensors(x,v);
n.expand(2,2); x.repeat(2,1); x.repeat(2); x.repeat(2,1,1); x.repeat((1,2)); v.repeat(3);
x.tile(2); x.tile((2,1)); torch.tile(v,(2,2)); x.tile((1,2,2)); v.repeat_interleave(2);
x.repeat_interleave(2, dim=0); x.repeat_interleave(w[:2]+0, 0);
torch.repeat_interleave(x, 3, dim=1); torch.repeat_interleave(w); x.flatten(); t.flatten(1);
t.flatten(0,1); t.flatten(start_dim=1, end_dim=2); n.flatten(); t.flatten(2,1);
torch.flatten(t, 1); x.ravel(); torch.zeros(6,2).unflatten(0,(2,3));
torch.zeros(6,2).unflatten(0,(2,-1)); x.flip(0); x.flip(0,1); x.flip((1,)); x.flip(dims=(0,));
x.flip(-1); torch.flip(x,[1]); x.fliplr(); x.flipud(); x.roll(1); x.roll(1,0);
x.roll((1,2),(0,1)); x.roll(shifts=-1,dims=1); torch.roll(t, 1, -1); torch.rot90(x);
x.rot90(2,[0,1]); x.split(1); x.split(2,dim=1); x.split([1,2],dim=1); x.split([1,1],dim=1);
torch.split(t,2,-1); torch.split(v,2); x.split(5); x.split(0); x.chunk(2); x.chunk(2,1);
x.chunk(5,dim=-1); torch.chunk(torch.arange(10),3); torch.chunk(o,2); x.tensor_split(2,dim=1);
torch.tensor_split(torch.arange(7),3); torch.tensor_split(torch.arange(7),[2,5]); x.unbind();
x.unbind(1); torch.unbind(t,dim=-1); n.unbind(); x.narrow(1,0,2); x.narrow(1,1,3);
x.narrow(0,-1,1); x.select(0,1); x.select(1,-1); torch.select(t,2,0); v.unfold(0,2,1);
x.unfold(1,2,1); t.unfold(2,2,2); v.unfold(0,4,1); torch.diag(v); torch.diag(x); x.diag(1);
v.diag(-1); a.diagonal(); t.diagonal(0,1,2); torch.diagonal(x, 1); torch.diag_embed(v);
torch.diag_embed(x,1); torch.diag_embed(x, 0, 0, 2); torch.diagflat(x); a.tril(); a.triu(1);
torch.triu(x,-1); torch.tril(t); torch.triu(torch.ones(3,3)*float('-inf'),diagonal=1);
torch.tril(torch.ones(3,3)); torch.meshgrid(v,v); torch.meshgrid(v,w,indexing='ij');
torch.meshgrid(v,w,indexing='xy'); torch.meshgrid([v,w]); torch.cartesian_prod(v,v);
torch.cartesian_prod(w,w); torch.combinations(w); torch.combinations(w,2,True);
torch.block_diag(x,a); torch.block_diag(v, a); torch.cat([x,y]); torch.cat((x,y),1);
torch.cat([x,y],dim=-1); torch.cat([x,i]); torch.cat([q,v]); torch.cat([x,v]); torch.cat([]);
torch.cat([n,n]); torch.cat((x,d),axis=1); torch.concat([x,x]); torch.stack([x,y]);
torch.stack([x,y],1); torch.stack([x,y],dim=-1); torch.stack([n,n]); torch.stack([x,v]);
torch.stack((v,v),axis=0); torch.hstack([x,y]); torch.vstack([v,v]); torch.dstack([x,y]);
torch.column_stack([v,v]); torch.row_stack([v,v]); torch.hsplit(x,3); torch.vsplit(x,2);
torch.atleast_2d(v); torch.atleast_1d(n); torch.atleast_3d(x); torch.atleast_2d([v,n]);
torch.view_as_real(c); torch.view_as_complex(torch.ones(3,2)); torch.complex(v,v);
torch.polar(v,v); c.real; c.imag; x.real; x.imag; torch.broadcast_shapes((2,1),(3,));
"""

QUESTIONS = """
x.numel(); x.size(); x.size(0); x.size(-1); x.size(2); x.dim(); x.ndimension(); x.ndim; x.shape;
x.nelement(); x.shape[1:]; x.shape[0]; x.shape.numel(); tuple(x.shape); x.size()[:-1];
list(x.shape)+[1]; (*x.shape[:1], 2); x.element_size(); x.stride(); x.t().stride();
x.t().is_contiguous(); x.is_contiguous(); x.stride(0); x.itemsize; x.nbytes; len(x); len(n);
x.dtype; x.type(); i.type(); x.type('torch.DoubleTensor'); x.type(torch.int64);
x.type(torch.LongTensor); x.to(torch.float64); x.to('cpu'); x.to(torch.device('cpu'));
x.to('cpu', torch.float64); x.to(i); x.to(dtype=torch.int32); x.to(device='cpu'); x.to('cuda');
x.cuda(); x.cpu(); x.double(); x.float(); x.half(); x.int(); x.long(); x.short(); x.bool();
x.byte(); i.float(); i.double(); i.type_as(x); x.is_floating_point(); i.is_floating_point();
torch.is_floating_point(x); torch.is_tensor(x); torch.is_tensor(3); torch.is_complex(c);
x.is_cuda; x.device; str(x.device); x.device.type; x.requires_grad; x.is_leaf; x.item(); n.item();
m.item(); b[0,0].item(); x.tolist(); n.tolist(); i.tolist(); float(n); int(m); bool(n); bool(x);
int(n); m.__index__(); [1,2,3,4][m]; x.numpy(); n.numpy(); np.asarray(x); x.data; x.detach();
x.clone(); x.contiguous(); x.t().contiguous(); list(x); [r.sum() for r in x];
[float(e) for e in v]; 2.5 in n; x == None; x != None; (x == 'a'); x.sum_to_size(1,3);
x.sum_to_size(3); torch.numel(x); torch.result_type(x, i); torch.result_type(i, 2.5);
torch.promote_types(torch.int32, torch.float16); torch.can_cast(torch.double, torch.float);
torch.can_cast(torch.float, torch.int); torch.float32.is_floating_point;
torch.int64.is_floating_point; torch.finfo(torch.float32).eps; torch.finfo(torch.float32).max;
torch.finfo(torch.float16).tiny; torch.finfo(x.dtype).min; torch.iinfo(torch.int32).max;
torch.iinfo(torch.uint8).bits; torch.get_default_dtype(); x.is_same_size(y); x.new_zeros(2);
x.new_ones(2,3); x.new_full((2,),3.); x.new_tensor([1,2]); x.new_empty(2).shape;
i.new_zeros((2,2)); x.new_zeros(2, dtype=torch.int64); torch.Size([1,2]) + (3,);
torch.Size([2]) == (2,); x.H; x.adjoint(); x.is_signed(); torch.is_nonzero(n); torch.numel(n);
x.T.shape; x.view(torch.int32); x.is_sparse; x.get_device();
"""


@pytest.mark.parametrize("expression", expressions(SHAPES))
def test_a_shape_is_pytorchs(expression: str) -> None:
    compare(expression)


@pytest.mark.parametrize("expression", expressions(QUESTIONS))
def test_an_answer_is_pytorchs(expression: str) -> None:
    compare(expression)
