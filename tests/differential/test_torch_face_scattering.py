"""nn.torch beside PyTorch: scattering, ranks, distances, windows, and what programs use often.

Left out is what PyTorch leaves open or does by mistake: several elements that go to one place of an
`index_copy`, an original element that ties for an extremum with include_self=False.
"""

from __future__ import annotations

import pytest

from tests.differential.torch_face import compare, expressions

SCATTERED = """
torch.zeros(2,3).scatter(1, torch.tensor([[0],[2]]), 1.0); n.scatter(0, torch.tensor(0), n*2);
n.scatter(0, torch.tensor([0]), n*2); n.scatter_add(0, torch.tensor(0), n);
n.scatter_reduce(0, torch.tensor(0), n, 'amax');
n.scatter_reduce(0, torch.tensor([0]), n.view(1), 'amax'); n.index_add(0, torch.tensor(0), n);
n.index_fill(0, torch.tensor(0), 2.); n.index_copy(0, torch.tensor(0), n*3);
n.index_copy(0, torch.tensor([0]), n*3); n.index_reduce(0, torch.tensor(0), n, 'prod');
x.scatter_reduce(1, torch.tensor([[0,0,1],[2,2,2]]), y, 'foo');
x.scatter_reduce(2, torch.tensor([[0,0,1],[2,2,2]]), y, 'sum');
x.scatter_reduce(1, torch.tensor([[0,0,3],[2,2,2]]), y, 'sum');
x.scatter_reduce(1, torch.tensor([[0,0,-1],[2,2,2]]), y, 'sum');
x.scatter_reduce(1, torch.tensor([0,0,1]), y, 'sum');
x.scatter_reduce(1, torch.tensor([[0,0,1,1],[2,2,2,2]]), y, 'sum');
x.scatter_reduce(1, torch.tensor([[0,0,1]]), y, 'mean');
x.scatter_reduce(1, torch.tensor([[0,0,1]]), y, 'amin', include_self=False);
x.scatter_reduce(1, torch.tensor([[0.,0,1]]), y, 'mean');
x.scatter_reduce(1, torch.tensor([[0,0,1]],dtype=torch.int32), y, 'mean');
x.scatter_reduce(1, torch.tensor([[0,0,1]]), d, 'mean');
x.scatter_reduce(1, torch.zeros(2,0,dtype=torch.long), y, 'mean');
x.scatter_reduce(1, torch.zeros(0,dtype=torch.long), y, 'mean');
i.scatter_reduce(1, torch.tensor([[0,0,1],[2,2,2]]), j, 'mean');
i.scatter_reduce(1, torch.tensor([[0,0,1],[2,2,2]]), j, 'mean', include_self=False);
i.scatter_reduce(1, torch.tensor([[0,0,1],[2,2,2]]), j, 'prod');
i.scatter_reduce(1, torch.tensor([[0,0,1],[2,2,2]]), j, 'prod', include_self=False);
i.scatter_reduce(1, torch.tensor([[0,0,1],[2,2,2]]), j, 'amin', include_self=False);
i.scatter_reduce(0, torch.tensor([[0,0,1],[1,1,1]]), j, 'sum', include_self=False);
s.scatter_reduce(0, torch.tensor([[0,0,1],[1,1,1]]), s, 'amax');
u.scatter_reduce(0, torch.tensor([[0,0,1],[1,1,1]]), u, 'prod');
u.scatter_reduce(0, torch.tensor([[0,0,1],[1,1,1]]), u, 'amin',include_self=False);
h.scatter_reduce(0, torch.tensor([[0,0,1],[1,1,1]]), h, 'mean');
h.scatter_reduce(0, torch.tensor([[0,0,1],[1,1,1]]), h, 'prod');
h.scatter_reduce(0, torch.tensor([[0,0,1],[1,1,1]]), h, 'amax');
b.scatter_reduce(0, torch.tensor([[0,0,1],[1,1,1]]), b, 'amax');
b.scatter_reduce(0, torch.tensor([[0,0,1],[1,1,1]]), b, 'sum');
b.scatter_reduce(0, torch.tensor([[0,0,1],[1,1,1]]), b, 'prod');
c.scatter_reduce(0, torch.tensor([[0,0,1],[1,1,1]]), c, 'sum');
c.scatter_reduce(0, torch.tensor([[0,0,1],[1,1,1]]), c, 'prod');
c.scatter_reduce(0, torch.tensor([[0,0,1],[1,1,1]]), c, 'mean');
c.scatter_reduce(0, torch.tensor([[0,0,1],[1,1,1]]), c, 'amax');
z.scatter_reduce(0, torch.tensor([[0,0,1],[1,1,1]]), x, 'amax');
z.scatter_reduce(0, torch.tensor([[0,0,1],[1,1,1]]), x, 'amin');
z.scatter_reduce(0, torch.tensor([[0,0,1],[1,1,1]]), x, 'sum');
z.scatter_reduce(0, torch.tensor([[0,0,1],[1,1,1]]), x, 'prod');
x.scatter_reduce_(0, torch.tensor([[0,0,1]]), y, 'amax');
x.scatter_reduce_(0, torch.tensor([[0,0,1]]), y, reduce='prod', include_self=False); x;
torch.scatter_reduce(x, 0, torch.tensor([[0,0,1]]), y, 'amax');
torch.scatter_reduce(input=x, dim=0, index=torch.tensor([[0,0,1]]), src=y, reduce='sum');
t.scatter_reduce(-1, torch.tensor([[[0,0,1]],[[3,3,3]]]), t, 'prod');
x.index_reduce(0, torch.tensor([0,0]), y, 'prod');
x.index_reduce(0, torch.tensor([0,0]), y, 'mean', include_self=False);
x.index_reduce(1, k, y[:,:2], 'amax'); x.index_reduce(1, k, y, 'amax');
x.index_reduce(1, k, y[:,:2], 'sum'); x.index_reduce(1, torch.tensor([0,-1]), y[:,:2], 'amax');
x.index_reduce(1, torch.tensor([0,3]), y[:,:2], 'amax');
i.index_reduce(0, torch.tensor([0,0]), j, 'mean');
i.index_reduce(0, torch.tensor([0,0]), j, 'prod', include_self=False);
x.index_reduce_(0, torch.tensor([1]), y[:1], 'prod');
torch.index_reduce(x, 0, torch.tensor([1]), y[:1], 'mean');
x.index_reduce(0, torch.tensor([1]), d[:1], 'mean');
x.index_reduce(-1, torch.tensor([1,1,1]), y, 'mean'); x.index_fill(0, torch.tensor([-1]), 3.);
x.index_fill(0, torch.tensor([2]), 3.); x.index_fill(0, torch.tensor([-3]), 3.);
x.index_fill(1, torch.tensor(1), 3.); x.index_fill(1, torch.tensor([[1]]), 3.);
x.index_fill(1, torch.tensor([1.]), 3.); x.index_fill(1, torch.tensor([1],dtype=torch.int32), 3.);
x.index_fill(1, k, n); x.index_fill(1, k, v); x.index_fill(2, k, 1.); i.index_fill(1,k,2.7);
i.index_fill(1,k,n); b.index_fill(1,k,True); c.index_fill(1,k,1j); x.index_fill(1,k,1j);
x.index_fill(1,torch.tensor([],dtype=torch.long),1.); x.index_fill(1, torch.tensor([0,0,1]), 5);
o.index_fill(1,k,1.); x.index_fill(dim=1,index=k,value=2);
x.index_copy(0, torch.tensor([-1]), y[:1]); x.index_copy(0, torch.tensor([2]), y[:1]);
x.index_copy(0, torch.tensor([0,0]), y); x.index_copy(0, torch.tensor([0]), y);
x.index_copy(0, torch.tensor([0]), d[:1]); x.index_copy(0, torch.tensor([0]), y[0]);
x.index_copy(1, torch.tensor(0), y[:,:1]); x.index_copy(0, torch.tensor([[0]]), y[:1]);
v.index_copy(0, torch.tensor([1]), n.view(1)); v.index_copy(0, torch.tensor(1), n);
v.index_copy(0, torch.tensor([1]), n); i.index_copy(1,k,j[:,:2]);
b.index_copy(0,torch.tensor([1]),b[:1]); x.index_copy(-1,k,y[:,:2]);
x.index_copy(0,torch.tensor([],dtype=torch.long),y[:0]);
x.index_put((k-k, k), torch.tensor([9.,8.])); x.index_put((torch.tensor([0,0]),),y);
x.index_put([torch.tensor([0,1]),None],y); x.index_put((None,k),y[:,:2]);
x.index_put((b,),torch.tensor([1.,2.,3.])); x.index_put((b,),n);
x.index_put((torch.tensor([0]),torch.tensor([5])),n);
x.index_put((torch.tensor([-1]),torch.tensor([-1])),n); x.index_put((k-k,k),torch.tensor([1,2]));
x.index_put((k-k,k),torch.tensor([1.,2.]),True);
x.index_put((k-k,k-k),torch.tensor([1.,2.]),accumulate=True);
i.index_put((k-k,k-k),torch.tensor([1,2]),accumulate=True);
b.index_put((k-k,k),torch.tensor([True,False])); x.index_put((k-k,k-k),n,accumulate=True);
x.index_put((b,),n,accumulate=True); x.index_put(indices=(k-k,k),values=n);
t.index_put((None,k-k,k),t[:,0,:2]); t.index_put((k[1:],None,k),t[0,:,:2].t());
x.index_put_((k-k,k),n); torch.index_put(x,(k-k,k),n); x.index_put((u.bool(),), n);
x.masked_scatter(b, y); x.masked_scatter(b, v[:2]); x.masked_scatter(b, d);
x.masked_scatter(b[0], y); x.masked_scatter(i>0, v); x.masked_scatter(i, y);
x.masked_scatter(u, y); v.masked_scatter(b, y);
x.masked_scatter(torch.zeros(2,3,dtype=torch.bool), torch.tensor([])); x.masked_scatter(b, i);
i.masked_scatter(b, j); o.masked_scatter(o>0, v); n.masked_scatter(torch.tensor(True), v);
n.masked_scatter(b, y); b.masked_scatter(b, b); c.masked_scatter(b, c*2); x.masked_scatter_(b, y);
x.masked_scatter_(torch.ones(2,2,3,dtype=torch.bool), torch.ones(12));
x.masked_scatter(torch.ones(2,2,3,dtype=torch.bool), torch.ones(12)); torch.masked_scatter(x,b,y);
x.masked_scatter(mask=b,source=y); x.select_scatter(v, 0, 1); x.select_scatter(v, 0, -1);
x.select_scatter(v,0,2); x.select_scatter(v,1,0); x.select_scatter(v[:2],1,-1);
x.select_scatter(v[:2],-1,0); x.select_scatter(w,0,0); i.select_scatter(v,0,0);
torch.select_scatter(x, n, 0, 0); torch.select_scatter(v, n, 0, 0);
x.select_scatter(src=v,dim=0,index=1); n.select_scatter(n,0,0); x.select_scatter(x[:1],0,0);
x.select_scatter(torch.zeros(1),0,0); x.slice_scatter(y[:1],0,1); x.slice_scatter(y[:,:2],1,0,2);
x.slice_scatter(y[:,:2],1,-2); x.slice_scatter(y[:,:2],1,0,-1);
x.slice_scatter(y[:,:2],1,0,None,2); x.slice_scatter(y,1,0,100); x.slice_scatter(y[:,:1],1,0,2);
x.slice_scatter(y,start=0); x.slice_scatter(y[:,:0],1,3); x.slice_scatter(y[:,:1],1,0,3,-1);
x.slice_scatter(y[:,:1],1,0,3,0); x.slice_scatter(j,0); torch.slice_scatter(x,y[1:],dim=0,start=1);
x.slice_scatter(y[:,:2],dim=-1,end=2); x.slice_scatter(y[:,:0],1,2,1); a.diagonal_scatter(v);
a.diagonal_scatter(v[:2],1); a.diagonal_scatter(v[:2],-1); a.diagonal_scatter(v,1);
x.diagonal_scatter(v[:2]); t.diagonal_scatter(t[:,0,:3].t()[:2].t()[:,:2],0,0,1);
t.diagonal_scatter(torch.ones(3,2),0,0,2); t.diagonal_scatter(torch.ones(4,2),1,dim1=0,dim2=1);
t.diagonal_scatter(torch.ones(3,2),dim1=2,dim2=0); torch.diagonal_scatter(a,w);
x.diagonal_scatter(v[:0],5); x.diagonal_scatter(v[:2],0,0,0); v.diagonal_scatter(v);
torch.diag_embed(v); torch.diag_embed(x); torch.diag_embed(x,1); torch.diag_embed(x,-2);
torch.diag_embed(x,0,0,2); torch.diag_embed(x,0,0,0); torch.diag_embed(x,1,-1,0);
torch.diag_embed(x,offset=1,dim1=2,dim2=1); x.diag_embed(); torch.diag_embed(i);
torch.diag_embed(b); torch.diag_embed(c); torch.diag_embed(n); torch.diag_embed(q);
torch.diag_embed(o); torch.diag_embed(x,0,3,4); torch.diag_embed(h); torch.block_diag(x,y);
torch.block_diag(x); torch.block_diag(x,v,n); torch.block_diag(x,i); torch.block_diag();
torch.block_diag(t); torch.block_diag(x,q); torch.block_diag(o,x); torch.block_diag(i,j);
torch.block_diag(b,b); torch.block_diag(c,x); torch.block_diag(*[x,y]); torch.block_diag(n);
torch.block_diag(q); torch.block_diag([x,y]); torch.block_diag(h,x); torch.cdist(x,y);
torch.cdist(x,y,1); torch.cdist(x,y,p=0); torch.cdist(x,y,p=float('inf')); torch.cdist(x,y,3.5);
torch.cdist(x,y,-1); torch.cdist(x,v); torch.cdist(x,y[:,:2]); torch.cdist(t,t[:,:1]);
torch.cdist(t,t[:1]); torch.cdist(i,j); torch.cdist(x,d);
torch.cdist(x,y,compute_mode='donot_use_mm_for_euclid_dist');
torch.cdist(x,y,2.,'use_mm_for_euclid_dist'); torch.cdist(x,y,2.,'foo'); torch.cdist(o,x);
torch.cdist(x,o); torch.cdist(x[:,:0],y[:,:0]); torch.cdist(x[:,:0],y[:,:0],1); torch.cdist(d,d);
torch.cdist(h,h); torch.cdist(c,c); torch.cdist(x1=x,x2=y,p=2); torch.cdist(z,x);
torch.cdist(x,y,.5); torch.cartesian_prod(v,v); torch.cartesian_prod(v); torch.cartesian_prod(w,k);
torch.cartesian_prod(w,k,w); torch.cartesian_prod(v,w); torch.cartesian_prod(x,v);
torch.cartesian_prod(n,v); torch.cartesian_prod(); torch.cartesian_prod(q,v);
torch.cartesian_prod(*[w,w]); torch.cartesian_prod([w,w]); torch.combinations(v);
torch.combinations(w,3); torch.combinations(w,1); torch.combinations(w,0); torch.combinations(w,4);
torch.combinations(w,-1); torch.combinations(w,2,True);
torch.combinations(w,r=3,with_replacement=True); torch.combinations(x); torch.combinations(n);
torch.combinations(q); x.kthvalue(1); x.kthvalue(3,1); x.kthvalue(2,0,True); x.kthvalue(0);
x.kthvalue(4); x.kthvalue(1,5); n.kthvalue(1); n.kthvalue(2); i.kthvalue(2); z.kthvalue(3);
z.kthvalue(1); torch.kthvalue(x,2,keepdim=True); torch.kthvalue(x,k=2,dim=0); b.kthvalue(1);
o.kthvalue(1,0); o.kthvalue(1,1); n.kthvalue(1,keepdim=True); n.kthvalue(1,0);
u.kthvalue(2).values; x.kthvalue(2).indices; i.mode(); j.mode(0); x.mode(); x.mode(1,True);
x.mode(keepdim=True); n.mode(); n.mode(keepdim=True); torch.mode(j,1); torch.mode(x,2);
torch.mode(torch.tensor([[1,2,2,1],[3,3,1,0]]));
torch.mode(torch.tensor([1.,float('nan'),float('nan')]))[0]; b.mode(); u.mode(); o.mode(1);
o.mode(0); torch.mode(torch.tensor([1.,1.,0.,0.])); x.aminmax(); x.aminmax(dim=1);
x.aminmax(dim=0,keepdim=True); x.aminmax(keepdim=True); n.aminmax(); n.aminmax(dim=0); i.aminmax();
b.aminmax(); z.aminmax(); z.aminmax(dim=1); o.aminmax(); o.aminmax(dim=0); o.aminmax(dim=1);
torch.aminmax(x,dim=-1).min; torch.aminmax(x).max; x.aminmax(1); x.aminmax(dim=3); x.nanmedian();
z.nanmedian(); z.nanmedian(1); z.nanmedian(0,True); i.nanmedian(); i.nanmedian(1); n.nanmedian();
n.nanmedian(0); q.nanmedian(); o.nanmedian(0); torch.nanmedian(z,dim=1,keepdim=True);
torch.nanmedian(torch.tensor([float('nan')]*2));
torch.nanmedian(torch.tensor([[float('nan')]*2]),1).values; z.median(); z.median(1);
torch.allclose(x,y); torch.allclose(x,x); torch.allclose(x,x+1e-9); torch.allclose(x,d);
torch.allclose(i,i); torch.allclose(z,z); torch.allclose(z,z,equal_nan=True);
torch.allclose(x,x+1,atol=2.); torch.allclose(x,x*1.01,rtol=.1); x.allclose(x);
torch.allclose(x,v); torch.allclose(x,v[:2]); torch.allclose(b,b); torch.allclose(c,c);
torch.allclose(x,1.5); torch.allclose(n,n); torch.allclose(o,o); torch.allclose(x,x,-1.);
torch.allclose(x,x,rtol=1e-3,atol=-1); x.unfold(1,2,1); x.unfold(1,2,2); x.unfold(0,2,1);
x.unfold(-1,3,1); x.unfold(1,4,1); x.unfold(1,0,1); x.unfold(1,2,0); x.unfold(1,2,-1);
n.unfold(0,1,1); n.unfold(0,0,1); t.unfold(1,2,1); t.unfold(2,2,2).unfold(1,2,1); i.unfold(1,2,1);
x.unfold(dimension=1,size=2,step=1); x.unfold(2,1,1); x.unfold(1,1,5); x.unfold(1,-1,1);
b.unfold(1,2,1); c.unfold(1,2,1); o.unfold(1,2,1); o.unfold(0,1,1); o.unfold(0,0,1);
x.index_add(0,torch.tensor([0,0]),y,alpha=2); x.index_add(0,torch.tensor([0,0]),y,alpha=.5);
i.index_add(0,torch.tensor([0,0]),j,alpha=2); i.index_add(0,torch.tensor([0,0]),j,alpha=.5);
x.index_add(0,torch.tensor([0]),y); x.index_add(0,torch.tensor([0,2]),y);
x.index_add(0,torch.tensor([0,-1]),y); x.index_add(0,torch.tensor([[0,1]]),y);
x.index_add(1,torch.tensor([1,1,0]),y); x.index_add(0,torch.tensor([0,0]),d);
x.index_add(dim=0,index=torch.tensor([0,0]),source=y,alpha=-1); v.index_add(0,torch.tensor(1),n);
v.index_add(0,torch.tensor([1]),n); b.index_add(0,torch.tensor([0,0]),b);
x.index_add(0,torch.tensor([0,0],dtype=torch.int32),y);
c.index_add(0,torch.tensor([0,0]),c,alpha=1j); h.index_add(0,torch.tensor([0,0]),h);
x.index_add_(0,torch.tensor([0,0]),y,alpha=3); x; x.cummax(1); x.cummax(0); x.cummin(1);
z.cummax(1); z.cummin(0); i.cummax(1); j.cummin(-1); n.cummax(0); n.cummin(0); b.cummax(1);
o.cummax(0); o.cummax(1); x.cummax(2); torch.cummax(x,dim=1).indices;
torch.cummin(torch.tensor([1,1,0,0,1]),0); torch.cummax(torch.tensor([1,1,0,2,2]),0); u.cummax(0);
h.cummin(0); x.sum_to_size(1,3); x.sum_to_size(3); x.sum_to_size((2,1)); x.sum_to_size(());
x.sum_to_size(2,3); x.sum_to_size(1,2,3); x.sum_to_size(2,2); i.sum_to_size(1,3);
s.sum_to_size(1,3); b.sum_to_size(1,3); t.sum_to_size(3,1); x.sum_to_size(torch.Size([1,1]));
n.sum_to_size(()); o.sum_to_size(1,3); x.sum_to_size(0,3); x.sum_to_size(1);
x.gather(1,torch.tensor([[0],[2]])); x.gather(-1,torch.tensor([[0],[2]]));
x.gather(1,torch.tensor([[0,1,2,0],[2,2,2,1]])); x.gather(0,torch.tensor([[0,1,1,0]]));
x.gather(1,torch.tensor([0,1])); n.gather(0,torch.tensor(0)); n.gather(0,torch.tensor([0,0]));
v.gather(0,torch.tensor(1)); x.gather(1,torch.tensor([[0.]]));
x.gather(1,torch.tensor([[0]],dtype=torch.int32)); x.gather(2,torch.tensor([[0]]));
x.gather(1,torch.zeros(2,0,dtype=torch.long));
x.gather(1,torch.tensor([[0],[2]]),sparse_grad=True);
torch.gather(input=x,dim=1,index=torch.tensor([[0],[2]]));
x.gather(1,torch.zeros(3,1,dtype=torch.long)); n.gather(0,torch.tensor([1]));
torch.zeros(2,3).scatter_(1, torch.tensor([[0],[2]]), x, reduce='foo');
torch.zeros(2,3).scatter_(1, torch.tensor([[0],[2]]), x, reduce='multiply');
torch.zeros(2,3).scatter_(1, torch.tensor([[0],[2]]), 2, reduce='add');
torch.zeros(2,3).scatter(1, torch.tensor([[0],[2]]), value=n);
torch.zeros(2,3).scatter(1, torch.tensor([[0],[2]]), n);
torch.zeros(2,3).scatter(1, torch.tensor([[0,0,0,0]]), x);
torch.zeros(2,3).scatter(1, torch.tensor([[0],[-1]]), 1.);
torch.zeros(2,3).scatter(2, torch.tensor([[0]]), 1.);
torch.zeros(2,3,dtype=torch.long).scatter(1, torch.tensor([[0],[1]]), 1);
torch.zeros(2,3,dtype=torch.long).scatter(1, torch.tensor([[0],[1]]), 1.5);
torch.zeros(2,3).scatter(1, torch.tensor([[0],[1]]), i);
torch.zeros(2,3,dtype=torch.bool).scatter(1, torch.tensor([[0],[1]]), True);
torch.zeros(2,3).scatter(1, torch.zeros(0,dtype=torch.long), x);
torch.zeros(2,3).scatter(1, torch.tensor([[0,1,2],[0,1,2],[0,1,2]]), 1.);
torch.zeros(2,3).scatter(dim=1, index=torch.tensor([[0],[2]]), src=x);
torch.scatter(torch.zeros(2,3), 1, torch.tensor([[0],[2]]), x);
torch.zeros(3,3).scatter(0, torch.tensor([[0,1,2]]), x);
torch.zeros(2,3).scatter_add(1, torch.tensor([[0],[2]]), d);
torch.zeros(2,3).scatter_add(1, torch.tensor([[0],[2]]), 1.);
torch.zeros(2,3).scatter_add(1, torch.tensor([[0],[3]]), x);
torch.zeros(2,3).scatter_add(1, torch.tensor([[0,0,0,0],[1,1,1,1]]), x);
torch.scatter_add(x,0,torch.tensor([[0,0,0]]),y);
torch.zeros(4,3).scatter_add(0,torch.tensor([[0,3,0]]),y);
x.scatter_add(dim=0,index=torch.tensor([[0,0,0]]),src=y);
x.scatter_add(1,torch.zeros(2,0,dtype=torch.long),y); b.scatter_add(0,torch.tensor([[0,0,1]]),b);
c.scatter_add(0,torch.tensor([[0,0,1]]),c); torch.hamming_window(6); torch.hamming_window(6,False);
torch.hamming_window(6,True,.5,.4); torch.kaiser_window(7); torch.kaiser_window(7,False,5.);
torch.kaiser_window(1); torch.kaiser_window(0); torch.hamming_window(1); torch.hamming_window(0);
torch.hann_window(6); torch.hamming_window(2,False); torch.kaiser_window(2);
"""
# Of a signal g and its transform f.
SIGNALS = """
torch.stft(g,8,return_complex=True); torch.stft(g,8); torch.stft(g,8,return_complex=False);
torch.stft(g,8,4,return_complex=True); torch.stft(g[0],8,return_complex=True);
g.stft(8,return_complex=True); torch.stft(g,8,2,6,return_complex=True);
torch.stft(g,8,window=torch.hann_window(8),return_complex=True);
torch.stft(g,8,window=torch.hann_window(7),return_complex=True);
torch.stft(g,8,win_length=5,window=torch.hann_window(5),return_complex=True);
torch.stft(g,8,center=False,return_complex=True);
torch.stft(g,8,align_to_window=True,return_complex=True);
torch.stft(g,8,normalized=True,return_complex=True);
torch.stft(g,8,onesided=False,return_complex=True);
torch.stft(g.to(torch.complex64),8,return_complex=True); torch.stft(g.to(torch.complex64),8);
torch.stft(g.to(torch.complex64),8,onesided=True);
torch.stft(g,8,window=torch.ones(8,dtype=torch.complex64));
torch.stft(g,8,pad_mode='constant',return_complex=True);
torch.stft(g,8,pad_mode='replicate',return_complex=True);
torch.stft(g,8,pad_mode='circular',return_complex=True);
torch.stft(g,8,pad_mode='foo',return_complex=True); torch.stft(g,100,return_complex=True);
torch.stft(g,40,return_complex=True); torch.stft(g,0,return_complex=True);
torch.stft(g,8,0,return_complex=True); torch.stft(g,8,win_length=9,return_complex=True);
torch.stft(g,8,win_length=0,return_complex=True); torch.stft(g.long(),8,return_complex=True);
torch.stft(t,2,return_complex=True); torch.stft(n,2,return_complex=True);
torch.stft(g,7,return_complex=True); torch.stft(g,1,1,return_complex=True);
torch.stft(g.double(),8,return_complex=True);
torch.stft(g,8,window=torch.hann_window(8).double(),return_complex=True);
torch.stft(q,4,return_complex=True); torch.stft(g,3,return_complex=True);
torch.stft(g,8,window=torch.ones(2,8),return_complex=True);
torch.stft(input=g,n_fft=8,hop_length=3,return_complex=True); torch.istft(f,8); f.istft(8);
torch.istft(f,8,length=33); torch.istft(f,8,length=60); torch.istft(f,8,length=5);
torch.istft(f[0],8); torch.istft(f,8,normalized=True); torch.istft(f,8,onesided=True);
torch.istft(f,8,onesided=False); torch.istft(f,8,center=False);
torch.istft(f,8,window=torch.hann_window(8));
torch.istft(f,8,window=torch.hann_window(8),center=False); torch.istft(f,8,return_complex=True);
torch.istft(torch.view_as_real(f),8); torch.istft(g,8); torch.istft(f,8,8); torch.istft(f,8,9);
torch.istft(f,10); torch.istft(f,9); torch.istft(f,8,2,4,window=torch.ones(4));
torch.istft(f,8,4,2,window=torch.ones(2)); torch.istft(f,8,window=torch.ones(7));
torch.istft(torch.stft(g,8,onesided=False,return_complex=True),8);
torch.istft(f.to(torch.complex128),8); torch.istft(f[:,:,:0],8); torch.istft(f,8,0);
"""
SIGNAL = (
    "g=torch.linspace(-1,1,66).sin().mul(7).cos().view(2,33); "
    "f=torch.stft(g,8,return_complex=True); "
)
LEAVES = ("x", "y", "v", "a", "t", "p")
GRADIENTS = """
torch.linalg.lu(a)[1]; torch.linalg.lu(a)[2]; torch.linalg.lu_factor(a)[0]; torch.lu(a)[0];
torch.linalg.eigvals(a).real.sort()[0]; torch.linalg.eig(a)[0].abs().sum(); a.lu()[0];
torch.linalg.lu_solve(*torch.linalg.lu_factor(a),a[:,:2]); torch.lu_unpack(*torch.lu(a))[2];
torch.gradient(x)[0]; torch.cov(x,aweights=p[0]); torch.nuclear_norm(x); torch.frobenius_norm(x,1);
x.renorm(2,0,1.); torch.nanquantile(x,.3);
torch.searchsorted(v.sort()[0],x)*x; x.repeat_interleave(torch.tensor([1,2,0]),1);
x.scatter_reduce(1, torch.tensor([[0,0,1],[2,2,2]]), y, 'sum');
x.scatter_reduce(1, torch.tensor([[0,0,1],[2,2,2]]), y, 'prod');
x.scatter_reduce(1, torch.tensor([[0,0,1],[2,2,2]]), y, 'mean');
x.scatter_reduce(1, torch.tensor([[0,0,1],[2,2,2]]), y, 'amax');
x.scatter_reduce(1, torch.tensor([[0,0,1],[2,2,2]]), y, 'amin');
x.scatter_reduce(1, torch.tensor([[0,0,1],[2,2,2]]), y, 'sum',include_self=False);
x.scatter_reduce(1, torch.tensor([[0,0,1],[2,2,2]]), y, 'prod',include_self=False);
x.scatter_reduce(1, torch.tensor([[0,0,1],[2,2,2]]), y, 'mean',include_self=False);
x.scatter_reduce(1, torch.tensor([[0,0,1],[2,2,2]]), y, 'amax',include_self=False);
x.scatter_reduce(1, torch.tensor([[0,0,1],[2,2,2]]), x*0+1, 'amax');
(x*0+1).scatter_reduce(1, torch.tensor([[0,0,1],[2,2,2]]), y*0+1, 'amax');
(x*0+1).scatter_reduce(1, torch.tensor([[0,0,1],[2,2,2]]), y*0+1, 'amin');
(x*(x>0)).scatter_reduce(1, torch.tensor([[0,0,1],[2,2,2]]), y*(y>0), 'prod');
(x*(x>0)).scatter_reduce(1, torch.tensor([[0,0,1],[2,2,2]]), y*(y>0), 'prod', include_self=False);
(x*(x>0)).index_reduce(0, torch.tensor([0,0]), y*(y>0), 'prod');
x.index_reduce(0, torch.tensor([0,0]), y, 'prod');
x.index_reduce(0, torch.tensor([0,0]), y, 'mean', include_self=False);
x.index_reduce(1, k, y[:,:2], 'amax'); (x*0).index_reduce(0, torch.tensor([0,0]), y*0, 'amax');
x.index_add(0,torch.tensor([0,0]),y,alpha=2.5); x.index_fill(1,k,2.); x.index_fill(1,k,v[0]);
x.index_copy(0,torch.tensor([1,0]),y); x.index_put((k-k,k),v[:2]);
x.index_put((k-k,k-k),v[:2],accumulate=True); x.index_put((b,),v); x.index_put((b,),v[0]);
x.masked_scatter(b,y); x.masked_scatter(b[0],y); x.select_scatter(v,0,1);
x.slice_scatter(y[:,:2],1,0,2); a.diagonal_scatter(v); torch.diag_embed(x,1);
torch.block_diag(x,v,a); torch.cartesian_prod(v,v); torch.combinations(v,2,True); x.kthvalue(2)[0];
x.mode()[0]; (x*0+1).mode(1)[0]; x.aminmax()[0]; x.aminmax(dim=1)[1]; (x*0).aminmax(dim=1)[0];
x.nanmedian(); x.nanmedian(1)[0]; x.unfold(1,2,1); x.cummax(1)[0]; (x*0).cummax(1)[0];
x.cummin(0)[0]; x.sum_to_size(2,1); x.gather(1,torch.tensor([[0,0],[2,1]]));
x.scatter(1,torch.tensor([[0],[2]]),v[0]); x.put(k,v[:2]); x.put(k,v[:2],True); torch.cdist(x,y);
torch.cdist(x,x); torch.cdist(x,x,1); torch.cdist(x,x,3.5); torch.cdist(x,x,float('inf'));
torch.cdist(x,y,0); torch.cdist(x,y,.5); torch.cdist(x,x,1.5); torch.cdist(x,y,1);
torch.cdist(x,y,float('inf')); torch.cdist(t,t); torch.cdist(t,t[:,:1]);
torch.stft(v.repeat(8),8,return_complex=True).abs().pow(2);
torch.stft(v.repeat(8),8,return_complex=False);
torch.istft(torch.stft(v.repeat(8),8,return_complex=True)*2,8);
torch.stft(t.view(2,12),4,window=p.view(6)[:4],return_complex=False);
x.scatter_(1,torch.tensor([[0],[2]]),y);
x.clone().scatter_reduce_(1,torch.tensor([[0],[2]]),y,'amax');
x.clone().index_reduce_(0,torch.tensor([0,0]),y,'mean'); x.clone().index_fill_(1,k,0.);
x.clone().index_put_((k-k,k),v[:2]); x.clone().masked_scatter_(b,y);
x.clone().index_copy_(0,torch.tensor([1,0]),y);
x.clone().index_add_(0,torch.tensor([0,0]),y,alpha=3);
"""
# What programs use, with the options and mistakes that are rare.
FREQUENT = """
torch.linalg.lu(a); torch.linalg.lu(x); torch.linalg.lu(x.t()); torch.linalg.lu_factor(a);
torch.linalg.lu_factor(x); torch.linalg.lu_factor_ex(a); torch.lu(a); torch.lu(x); a.lu();
torch.lu(a,get_infos=True); torch.lu_unpack(*torch.lu(a)); torch.lu_unpack(*torch.lu(x.t()));
torch.lu_unpack(*torch.lu(a),unpack_pivots=False)[1]; torch.lu_solve(a[:,:2],*torch.lu(a));
torch.linalg.lu_solve(*torch.linalg.lu_factor(a),a[:,:2]); a[:,:2].lu_solve(*torch.lu(a));
torch.linalg.lu_solve(*torch.linalg.lu_factor(a),a[:2],left=False); torch.linalg.solve_ex(a,a);
torch.linalg.lu_solve(*torch.linalg.lu_factor(a),a,adjoint=True); torch.linalg.lu(v);
torch.linalg.tensorsolve(torch.eye(6).view(2,3,2,3)*2,x); torch.linalg.solve_ex(a,a,left=False)[1];
torch.linalg.eigvals(a).dtype; torch.linalg.eig(a)[0].dtype; torch.linalg.eig(a.double())[1].dtype;
torch.linalg.lu(a.expand(2,3,3)); torch.lu_unpack(*torch.lu(a.expand(2,3,3)));
x.addmm(x[:,:2],y); torch.addmm(x,x[:,:2],y,beta=.5,alpha=2); torch.addmm(v,x[:,:2],y);
torch.addmm(n,x[:,:2],y); torch.addmm(i,i[:,:2],j,alpha=2); torch.addmm(x,x,y);
torch.addmm(x*float('nan'),x[:,:2],y,beta=0); x.addmm_(x[:,:2],y); torch.addmm(x, 2, x[:,:2], y);
torch.baddbmm(t[:,:,:3],t,t.transpose(1,2));
torch.baddbmm(torch.zeros(1),t,t.transpose(1,2),alpha=.5);
torch.addbmm(torch.zeros(3,3),t,t.transpose(1,2)); torch.addmv(v[:2],x,v); torch.addr(x,v[:2],v);
torch.bmm(t,t); torch.bmm(t,t.mT); torch.addcmul(x,x,y,value=2); torch.addcmul(x,v,y);
torch.addcdiv(x,y,x+9,value=.5); torch.addcdiv(i,i,j); torch.addcmul(i,i,j,value=2);
x.addcmul_(x,y); torch.addcmul(x,2,x,y); torch.addcmul(x,n,y); torch.lerp(x,y,.3);
torch.lerp(x,y,x); torch.lerp(x,y,n); torch.lerp(i,j,1); x.lerp(d,.1);
torch.lerp(x,y,torch.tensor(.3)); torch.lerp(x,n,.5); torch.logaddexp2(x,y); torch.logaddexp(x,d);
torch.logaddexp(i,j); torch.heaviside(x,n); torch.heaviside(i,j); torch.heaviside(x,d);
torch.hypot(x,y); torch.hypot(i,j); torch.hypot(x,d); torch.xlogy(x,y); torch.xlogy(x,2.);
torch.xlogy(2,y.abs()); torch.xlogy(i,j);
torch.xlogy(torch.zeros(2),torch.tensor([0.,float('nan')])); torch.bucketize(x,v.sort()[0]);
torch.bucketize(x,v.sort()[0],right=True); torch.bucketize(n,v.sort()[0]); torch.bucketize(2,w);
torch.bucketize(x,v.sort()[0],out_int32=True); torch.bucketize(i,w.sort()[0]);
torch.bucketize(x,x); torch.searchsorted(v.sort()[0],x); torch.searchsorted(v.sort()[0],1.);
torch.searchsorted(x.sort()[0],y); torch.searchsorted(x.sort()[0],y,side='right');
torch.searchsorted(x,y,sorter=x.argsort());
torch.searchsorted(v.sort()[0],x,right=True,side='left');
torch.searchsorted(v.sort()[0],x,right=True); torch.searchsorted(x.sort()[0],t);
torch.tensordot(x,y,2); torch.tensordot(x,y,dims=([1],[1])); torch.tensordot(x,y.t(),1);
torch.tensordot(t,t,dims=([0,1],[0,1])); torch.tensordot(x,y,dims=0);
torch.tensordot(x,y,dims=[[1],[1]]); torch.tensordot(x,y,dims=3);
torch.tensordot(x,y,dims=([0],[1])); x.renorm(2,0,1.); x.renorm(1,1,.5); x.renorm(2,-1,1.);
x.renorm(2,0,100.); x.renorm(float('inf'),0,1.); x.renorm(0,0,1.); x.renorm(-1,0,1.);
x.renorm(2,0,-1.); v.renorm(2,0,1.); t.renorm(3,1,1.); i.renorm(2,0,1.); x.renorm_(2,0,1.);
x.renorm(p=2,dim=0,maxnorm=1); x.repeat_interleave(2); x.repeat_interleave(2,0);
x.repeat_interleave(w,1); x.repeat_interleave(torch.tensor([1,0]),dim=0);
torch.repeat_interleave(x,w,dim=1,output_size=6); x.repeat_interleave(torch.tensor([2]),1);
x.repeat_interleave(w,0); x.repeat_interleave(-1); n.repeat_interleave(3);
x.repeat_interleave(0,1); x.repeat_interleave(repeats=2,dim=-1);
torch.repeat_interleave(torch.tensor([0,2])); x.repeat_interleave(k); x.narrow(1,-2,2);
x.narrow(1,torch.tensor(1),1); x.narrow(0,1,5); x.narrow(0,2,0); x.narrow(0,3,0); x.narrow(0,0,-1);
n.narrow(0,0,1); x.narrow_copy(1,1,1); x.narrow(-1,1,2); torch.narrow(x,0,0,1);
x.take_along_dim(x.argsort(1),1); x.take_along_dim(torch.tensor([[0],[2]]),1);
x.take_along_dim(torch.tensor([0,3])); x.take_along_dim(torch.tensor([[0,1,1]]),dim=0);
x.take_along_dim(torch.tensor([[-1]]),1); x.take_along_dim(torch.tensor([0]),1);
x.take_along_dim(torch.tensor([[0.]]),1); x.unbind(-1); x.unbind(2); o.unbind(0); o.unbind(1);
x.chunk(5); x.chunk(0); x.chunk(1,-1); n.chunk(1); t.vsplit(2); t.hsplit(3); t.dsplit(2);
x.vsplit([1]); x.hsplit([1,2]); v.hsplit(3); v.vsplit(1); x.dsplit(1); x.hsplit(2);
x.tensor_split(2,1); x.tensor_split([1,2],dim=1); x.tensor_split(torch.tensor(2),1);
x.tensor_split(torch.tensor([1]),1); x.split([1,2],1); x.split(2,1); x.split([1,1],1); x.split(-1);
t.movedim((0,1),(2,0)); t.movedim(-1,0); t.movedim((0,0),(1,2)); t.moveaxis(0,1);
x.rot90(-1,(0,1)); t.rot90(1,[1,2]); x.rot90(1,(0,0)); v.rot90(); x.rot90(k=1,dims=[1,0]);
torch.trapz(x); torch.trapz(x,dx=2); torch.trapz(x,y); torch.trapezoid(x,v);
torch.trapezoid(x,dim=0); torch.trapezoid(i); torch.trapezoid(x,v[:2],dim=0);
torch.cumulative_trapezoid(x); torch.cumulative_trapezoid(x,v);
torch.cumulative_trapezoid(x,dx=.5,dim=0); torch.cumulative_trapezoid(x,y);
torch.cumulative_trapezoid(i); torch.trapezoid(o); torch.trapezoid(x[:,:1]);
torch.trapezoid(x[:,:0]); torch.cumulative_trapezoid(x[:,:1]); torch.trapezoid(x,v[:2]);
torch.trapezoid(n); x.logcumsumexp(0); z.logcumsumexp(1); n.logcumsumexp(0); i.logcumsumexp(1);
o.logcumsumexp(0); x.logcumsumexp(2); torch.isclose(x,y); torch.isclose(z,z,equal_nan=True);
torch.isclose(i,j); torch.isclose(x,x+1e-6,atol=1e-5); torch.isclose(x,n); torch.isclose(b,b);
torch.isclose(x,d); torch.isclose(c,c); z.nan_to_num(); z.nan_to_num(0.,1.,-1.);
z.nan_to_num(nan=5); z.nan_to_num(posinf=1); i.nan_to_num(); z.half().nan_to_num();
z.double().nan_to_num(); b.nan_to_num(); c.nan_to_num(); torch.float_power(2,x);
torch.float_power(i,2); torch.float_power(i,-1); torch.float_power(x,y); torch.float_power(c,2);
x.float_power(.5); torch.float_power(x,i); x.count_nonzero(); x.count_nonzero(1);
x.count_nonzero((0,1)); i.count_nonzero(dim=0); b.count_nonzero(); n.count_nonzero();
z.count_nonzero(); o.count_nonzero(0); c.count_nonzero(); torch.std_mean(x); torch.std_mean(x,1);
torch.std_mean(x,dim=1,keepdim=True); torch.std_mean(x,unbiased=False); torch.std_mean(x,False);
torch.std_mean(x,dim=0,correction=0); torch.var_mean(x,(0,1),True,True);
torch.var_mean(x,[0,1],correction=2); torch.var_mean(x,0,False); torch.var_mean(i);
torch.var_mean(n); torch.std_mean(x,None); torch.var_mean(x,dim=(0,)); x.std(0,correction=0);
x.std(dim=None); x.var(unbiased=False,dim=1); x.var(());
torch.var_mean(x,1,unbiased=False,keepdim=True); torch.corrcoef(v); torch.corrcoef(n);
torch.cov(x,correction=0); torch.cov(x,fweights=w); torch.cov(x,aweights=v.abs());
torch.cov(x,correction=0,fweights=w,aweights=v.abs()); torch.cov(n); torch.cov(i);
torch.cov(x,fweights=v); torch.cov(x,fweights=w[:2]); torch.cov(c); torch.corrcoef(c);
torch.cov(t); torch.cov(x,correction=5); torch.vander(v,2); torch.vander(v,4,increasing=True);
torch.vander(w); torch.vander(x); torch.vander(n); torch.vander(w,0); torch.vander(v,N=3);
torch.vander(c[0]); torch.linalg.vander(v); torch.linalg.vander(v,N=5); torch.linalg.vander(x);
x.cov(); x.corrcoef(); torch.gradient(v); torch.gradient(x); torch.gradient(x,dim=1);
torch.gradient(x,spacing=2.); torch.gradient(x,spacing=(v[:2],v));
torch.gradient(x,spacing=[1.,2.]); torch.gradient(v,spacing=(w.float(),));
torch.gradient(t,dim=(0,2)); torch.gradient(t,dim=2,edge_order=2); torch.gradient(v,edge_order=2);
torch.gradient(n); torch.gradient(i); torch.gradient(x,dim=5); torch.gradient(x[:,:1],dim=1);
torch.gradient(x,spacing=(v,),dim=1); torch.clip(x,0,1); x.clamp(max=y); x.clamp(n,None);
x.clamp(0,n); i.clamp(0.5); i.clamp(1,2); x.clamp(2,1); z.clamp(0,1); h.clamp(0); b.clamp(0,1);
x.clamp_max(1); x.clamp_min(y); i.clamp_min(0); torch.clamp(x,min=0); x.clip(max=0); x.dist(y);
x.dist(y,1); x.dist(y,0); x.dist(y,float('inf')); x.dist(v); x.dist(i); torch.dist(x,y,p=3);
x.norm(); x.norm('fro'); x.norm('nuc'); x.norm(2,1); x.norm(p=2,dim=(0,1)); x.norm(float('inf'),0);
x.norm(0,1,True); x.norm(p='fro',dim=1); i.norm(); x.norm(-float('inf'),1); x.norm('nuc',(0,1));
c.norm(); torch.norm(x,p=.5,dim=0); n.norm(); torch.norm(x, 'fro', (0,1));
torch.norm(x,dim=0,keepdim=True); torch.frobenius_norm(x); torch.nuclear_norm(x);
torch.frobenius_norm(x,1); torch.frobenius_norm(x,dim=[0,1],keepdim=True);
torch.nuclear_norm(x,keepdim=True); x.multiply(2); x.true_divide(i);
x.divide(y,rounding_mode='floor'); torch.div(i,2,rounding_mode='floor');
torch.div(x,y,rounding_mode='foo'); i.floor_divide(2); torch.floor_divide(x,.5);
torch.true_divide(i,j); torch.remainder(5,i.abs()+1); torch.remainder(x,-1.5); torch.fmod(x,-1.5);
torch.fmod(i,3); i%3; x%i; torch.rsub(x,y,alpha=2); torch.sub(x,y,alpha=.5);
torch.add(x,1,alpha=3); torch.add(i,1,alpha=.5); torch.add(b,b); torch.sub(b,b); torch.square(i);
i.pow(2); i.pow(-1); torch.pow(2,i.abs()); torch.pow(2.,i); i.pow(.5); b.pow(2); i.pow(i.abs());
x.pow(i); x.sqrt(); i.sqrt(); i.exp(); b.exp(); i.sigmoid(); i.tanh(); i.reciprocal(); i.rsqrt();
i.log(); i.sin(); i.abs(); i.neg(); b.neg(); u.neg(); i.sign(); b.sign(); i.ceil(); i.floor();
i.round(); x.round(decimals=1); i.round(decimals=1); i.trunc(); i.frac(); c.sgn();
x.signbit(); i.signbit(); x.logit(.1); p.logit(); p.logit(eps=.3); x.erfinv(); p.erfinv(); i.erf();
x.sinc(); x.i0(); i.i0(); x.lgamma(); x.digamma(); i.lgamma(); x.mvlgamma(1);
(x.abs()+2).mvlgamma(3); i.deg2rad(); x.rad2deg(); x.ldexp(i); torch.ldexp(x,torch.tensor(2));
x.frexp(); x.nextafter(y); x.copysign(y); x.copysign(-1); i.copysign(-1.); i.gcd(j); i.lcm(j);
torch.gcd(i,4); x.gcd(y); i.bitwise_and(j); i.bitwise_not(); b.bitwise_not();
i.bitwise_left_shift(2); i<<1; i>>1; x.bitwise_and(y); i^j; b^b; ~i; i&1; b|False;
"""


@pytest.mark.parametrize("expression", expressions(SCATTERED) + expressions(FREQUENT))
def test_a_function_gives_what_it_gives_in_pytorch(expression: str) -> None:
    compare(expression)


@pytest.mark.parametrize("expression", expressions(SIGNALS))
def test_a_transform_gives_what_it_gives_in_pytorch(expression: str) -> None:
    compare(SIGNAL + expression)


@pytest.mark.parametrize("expression", expressions(GRADIENTS))
def test_a_gradient_is_pytorchs(expression: str) -> None:
    weights = "torch.linspace(1, 2, out.numel()).view(out.shape).to(out.dtype)"
    grads = (
        f"torch.autograd.grad((out * {weights}).sum(), [{', '.join(LEAVES)}], allow_unused=True)"
    )
    compare(f"out = {expression}; list({grads})", LEAVES, 2e-5)
