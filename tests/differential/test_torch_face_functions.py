"""nn.torch beside PyTorch: creation, random shapes, products, linear algebra, keywords."""

from __future__ import annotations

import pytest

from tests.differential.torch_face import compare, expressions

CREATED = """
torch.tensor([1,2]); torch.tensor([1.,2]); torch.tensor(1); torch.tensor(2.5); torch.tensor(True);
torch.tensor([True,False]); torch.tensor([[1,2],[3,4]]); torch.tensor([]); torch.tensor([[]]);
torch.tensor([1,2.5]); torch.tensor([1,True]); torch.tensor([1,2],dtype=torch.float32);
torch.tensor([1.5,2],dtype=torch.int64); torch.tensor(np.array([1,2]));
torch.tensor(np.array([1.,2.])); torch.tensor(np.float32(2)); torch.tensor(np.float64(2));
torch.tensor([np.float64(2)]); torch.tensor([np.float32(2)]); torch.tensor([np.int32(2), 3]);
torch.tensor([np.array([1.,2.]),np.array([3.,4.])]); torch.tensor([n,n]); torch.tensor([n,1]);
torch.tensor([m,2]); torch.tensor(x); torch.tensor([1j]); torch.tensor(range(3));
torch.tensor((1,2)); torch.tensor([[1,2],[3]]); torch.tensor('a'); torch.tensor(['a']);
torch.tensor([1.,2.],requires_grad=True).requires_grad; torch.tensor([1],device='cpu');
torch.tensor([1],device='cuda'); torch.tensor([1,2],dtype=torch.bool);
torch.tensor(3, dtype=torch.uint8); torch.as_tensor([1,2]); torch.as_tensor(np.arange(3));
torch.as_tensor(x) is x; torch.as_tensor(x, dtype=torch.float64); torch.as_tensor(3.);
torch.asarray([1,2]); torch.from_numpy(np.ones((2,2))); torch.from_numpy([1]);
torch.from_numpy(np.float64(3)); torch.scalar_tensor(3); torch.zeros(2,3); torch.zeros((2,3));
torch.zeros([2,3]); torch.zeros(2); torch.zeros(()); torch.zeros(0); torch.zeros(x.shape);
torch.zeros(*x.shape); torch.zeros(size=(2,)); torch.zeros(2,dtype=torch.int64);
torch.zeros(2,dtype=int); torch.zeros(2,dtype=float); torch.zeros(2,dtype=bool); torch.ones(2,3);
torch.ones(2, requires_grad=True).requires_grad; torch.empty(2,3).shape; torch.full((2,3),7);
torch.full((2,),2.5); torch.full((2,),True); torch.full((2,),1,dtype=torch.float32);
torch.full([2],n); torch.zeros(-1); torch.zeros(2.5); torch.zeros_like(x); torch.ones_like(i);
torch.zeros_like(x,dtype=torch.int64); torch.full_like(x,3.); torch.full_like(i,2.7);
torch.empty_like(x).shape; torch.ones_like(b); torch.arange(5); torch.arange(1,5);
torch.arange(1,5,2); torch.arange(5.); torch.arange(0,1,0.25); torch.arange(5,0,-1);
torch.arange(start=1,end=3); torch.arange(end=3); torch.arange(5,dtype=torch.float32);
torch.arange(0); torch.arange(3,1); torch.arange(0,1,0.1); torch.arange(n); torch.arange(m);
torch.arange(0, 10, step=3); torch.arange(5).float(); torch.range(1,3); torch.linspace(0,1,5);
torch.linspace(0,1,steps=3); torch.linspace(-1,1,1); torch.linspace(0,10,4,dtype=torch.float64);
torch.linspace(0,9,4,dtype=torch.int64); torch.linspace(0,1,0); torch.logspace(0,2,3);
torch.logspace(0,2,3,base=2); torch.eye(3); torch.eye(2,3); torch.eye(2,dtype=torch.int64);
torch.hann_window(5); torch.hann_window(5,periodic=False); torch.hamming_window(4);
torch.blackman_window(6); torch.bartlett_window(5); torch.Tensor([1,2]); torch.Tensor(2,3).shape;
torch.Tensor([[1,2],[3,4]]); torch.Tensor(); torch.Tensor(x); torch.Tensor(np.array([1,2]));
torch.Tensor((1,2)); torch.Tensor(torch.Size([2])).shape; torch.FloatTensor([1,2]);
torch.LongTensor([1,2]); torch.LongTensor([1.7]); torch.DoubleTensor([1,2]);
torch.ByteTensor([1,0]); torch.BoolTensor([True,False]); torch.FloatTensor(2,3).shape;
torch.IntTensor([1]); torch.FloatTensor(np.array([1.,2.])); torch.rand(2,3).shape;
torch.rand((2,3)).dtype; torch.randn(2,3,dtype=torch.float64).dtype; torch.rand(()).shape;
torch.randn([2,2]).shape; torch.randn(3,requires_grad=True).requires_grad;
torch.rand_like(x).shape; torch.randn_like(d).dtype; torch.randint(10,(2,3)).shape;
torch.randint(0,10,(2,)).dtype; torch.randint(low=0,high=3,size=(4,)).shape;
torch.randint(3,size=(2,)).shape; torch.randint(0,2,(3,),dtype=torch.float32).dtype;
torch.randint(5,3); torch.randint_like(i,0,3).dtype; torch.randperm(5).sort()[0];
torch.randperm(4).dtype; torch.normal(0.,1.,(2,3)).shape; torch.normal(0.,1.,size=(2,)).shape;
torch.normal(x, p).shape; torch.normal(mean=x, std=1.).shape; torch.normal(2.,p).dtype;
torch.bernoulli(torch.ones(3)); torch.bernoulli(torch.zeros(2,2)); torch.bernoulli(p).dtype;
torch.bernoulli(x); torch.multinomial(torch.tensor([0.,1.,0.]),1); torch.multinomial(p,2).shape;
torch.multinomial(p,5,replacement=True).shape; torch.multinomial(p,5).shape;
torch.multinomial(torch.tensor([1.,0.]),2); torch.poisson(p).dtype; torch.dropout(x,0.,True);
torch.dropout(x,0.5,False); torch.initial_seed().__class__;
torch.manual_seed(3).__class__.__name__; torch.Generator().manual_seed(2).initial_seed();
torch.get_rng_state().dtype; torch.is_grad_enabled(); torch.get_num_threads().__class__;
torch.cuda.is_available(); torch.cuda.device_count(); torch.backends.mps.is_available();
torch.device('cpu').type; torch.device('cuda',1).index; torch.device('cuda:0').type;
str(torch.device('cuda:1')); repr(torch.device('cpu')); torch.device('cpu')==torch.device('cpu');
torch.device('foo'); torch.device(type='cpu').type; torch.inf; torch.pi; torch.nan; torch.e;
torch.float; torch.double; torch.long; torch.float32 == torch.float; torch.float32 is torch.float;
{torch.float32: 1}[torch.float]; repr(torch.int64); isinstance(torch.float32, torch.dtype);
isinstance(x, torch.Tensor); isinstance(x, torch.FloatTensor); torch.bfloat16;
torch.float16.itemsize;
"""

COMPUTED = """
x@y.t(); x@v; torch.matmul(t, torch.ones(4,2)); torch.matmul(v,v); x@x; x@d.t(); i@j.t(); x@i.t();
x.mm(y.t()); torch.mm(x,v); x.mm(a); t.bmm(t.transpose(1,2)); torch.bmm(x,y); x.mv(v);
torch.mv(x,v); v.dot(v); torch.dot(x,y); torch.dot(w,w); torch.outer(v,v); torch.ger(v,v);
v.outer(v); torch.inner(v,v); torch.inner(x,y); torch.addmm(a[:2],x,a);
torch.addmm(v,x,a,beta=0.5,alpha=2); torch.addmv(x[:,0],x,v); torch.addr(a,v,v);
torch.baddbmm(torch.ones(2,3,3),t,t.transpose(1,2));
torch.addbmm(torch.ones(3,3),t,t.transpose(1,2)); torch.einsum('ij,kj->ik',x,y);
torch.einsum('ij->j',x); torch.einsum('i j, j -> i',x,v);
torch.einsum('bij,bjk->bik',t,t.transpose(1,2)); torch.einsum('ii',a); torch.einsum('ii->i',a);
torch.einsum('ij,kj->ik',[x,y]); torch.einsum('...i,...i->...',x,y); torch.einsum('ij,jk',x,a);
torch.tensordot(x,y,dims=2); torch.tensordot(x,a,dims=1); torch.tensordot(x,y,dims=([0],[0]));
torch.kron(x,a); torch.cross(x,y,dim=1); torch.cross(x,y); torch.linalg.cross(x,y);
torch.chain_matmul(x,a,a); torch.matrix_power(a,3); a.matrix_power(-1); torch.trace(a); a.trace();
torch.trace(t); torch.cdist(x,y); torch.cdist(x,y,p=1); torch.cdist(t,t); torch.vander(v);
torch.det(a); a.det(); torch.logdet(a); torch.slogdet(a); torch.inverse(a); a.inverse();
torch.pinverse(x); torch.cholesky(a); a.cholesky(); torch.linalg.cholesky(a); torch.linalg.inv(a);
torch.linalg.det(a); torch.linalg.norm(x); torch.linalg.norm(x,2); torch.linalg.norm(v,1);
torch.linalg.norm(x,'fro'); torch.linalg.norm(x,dim=1);
torch.linalg.norm(x,ord=2,dim=-1,keepdim=True); torch.linalg.vector_norm(x);
torch.linalg.vector_norm(x,1,dim=1); torch.linalg.matrix_norm(x);
torch.linalg.matrix_norm(x,'nuc'); torch.linalg.matrix_norm(t,1); torch.linalg.solve(a,v);
torch.linalg.solve(a,a); torch.linalg.eigh(a)[0]; torch.linalg.eigvalsh(a);
torch.linalg.svdvals(x); torch.linalg.svd(x)[1]; torch.svd(x)[1]; torch.svd(x)[2].shape;
torch.linalg.svd(x,full_matrices=False)[2].shape; torch.linalg.qr(a)[1].abs();
torch.qr(a)[0].abs(); torch.linalg.slogdet(a); torch.linalg.matrix_rank(a); torch.linalg.pinv(x);
torch.linalg.lstsq(x.t(),v)[0] if False else 1; torch.linalg.lstsq(a,x.t()).solution;
torch.linalg.matrix_exp(a/4); torch.matrix_exp(a/4); torch.linalg.multi_dot([x,a,a]);
torch.linalg.matrix_power(a,2); torch.linalg.cond(a);
torch.linalg.solve_triangular(a.triu(),x.t(),upper=True); torch.triangular_solve(x.t(),a)[0];
torch.cholesky_solve(x.t(),torch.linalg.cholesky(a));
torch.cholesky_inverse(torch.linalg.cholesky(a)); torch.linalg.diagonal(a);
torch.linalg.vecdot(x,y); torch.linalg.eigvals(a).real.sort()[0]; torch.linalg.eig(a)[0].dtype;
torch.linalg.inv(torch.zeros(2,2)); torch.linalg.cholesky(-a); torch.fft.fft(v);
torch.fft.rfft(v); torch.fft.irfft(torch.fft.rfft(v),3); torch.fft.fft2(x); torch.fft.fftfreq(5);
torch.fft.rfftfreq(5,0.5); torch.fft.fftshift(x); torch.fft.ifftshift(x,dim=1); torch.fft.ifft(c);
torch.fft.fftn(x); torch.fft.fft(x,dim=0); torch.fft.fft(v,n=5); torch.fft.fft(v,norm='ortho');
torch.special.expit(x); torch.special.entr(p); torch.special.i0e(x); torch.special.i1(x);
torch.special.ndtr(x); torch.special.log_softmax(x,1); torch.special.logsumexp(x,1);
torch.special.xlog1py(x,p); torch.special.gammaln(p); torch.special.psi(p);
torch.special.erfinv(p); torch.special.multigammaln(p+3,2); torch.softmax(x,1);
torch.softmax(x,dim=-1); x.softmax(0); x.log_softmax(dim=1); torch.softmax(i,1);
torch.softmax(x,1,dtype=torch.float64); torch.softmax(n,0); torch.softmax(x,dim=2); torch.relu(i);
x.relu(); torch.selu(x); torch.celu(x); torch.prelu(x,torch.tensor([0.1])); torch.prelu(x,v);
torch.threshold(x,0.5,9.); torch.hardshrink(x); torch.conv1d(torch.ones(1,1,5),torch.ones(1,1,3));
torch.conv2d(torch.ones(1,1,4,4),torch.ones(2,1,3,3),padding=1); torch.layer_norm(x,(3,));
torch.embedding(x, k-k); torch.cosine_similarity(x,y); torch.cosine_similarity(v,v,dim=0);
torch.pairwise_distance(x,y); torch.bilinear(x,y,torch.ones(2,3,3));
torch.max_pool2d(t.unsqueeze(0),2); torch.pixel_shuffle(torch.ones(1,4,2,2),2);
torch.clamp(x,0,1); torch.clamp(x,min=0.); x.clamp(max=1); x.clamp(-1,1); torch.clamp(i,0,2.5);
torch.clamp(x,y,y+1); x.clamp(); torch.clip(x,-1,1); x.clamp_min(0); torch.lerp(x,y,0.3);
x.lerp(y,p); torch.addcmul(x,x,y); torch.addcmul(x,x,y,value=0.1); torch.addcdiv(x,x,y+9,value=2);
x.add(y,alpha=3); torch.add(x,1,alpha=2); x.sub(1); torch.mul(x,2);
torch.div(x,2,rounding_mode='floor'); torch.div(i,j,rounding_mode='trunc');
torch.div(i,j,rounding_mode='floor'); torch.div(x,y,rounding_mode='trunc');
torch.round(x,decimals=1); x.round(); torch.logit(p); torch.logit(x,eps=1e-6);
torch.nan_to_num(z,nan=1.,posinf=5.); torch.polygamma(1,p); p.polygamma(2); torch.mvlgamma(p+3,2);
torch.frexp(x); torch.rsub(x,2); torch.float_power(x,2); torch.exp(x,out=torch.zeros(2,3));
torch.add(x,y,out=x); torch.sum(x,dim=0,out=torch.zeros(3)); torch.heaviside(x,y); torch.sgn(x);
torch.add(input=x,other=y); torch.mul(input=x,other=2); torch.sum(input=x,dim=0);
torch.unsqueeze(input=x,dim=0); torch.cat(tensors=[x,y],dim=0); torch.stack(tensors=[x,y]);
torch.mean(input=x); torch.matmul(input=x,other=a); torch.transpose(input=x,dim0=0,dim1=1);
torch.reshape(input=x,shape=(3,2)); torch.squeeze(input=x); torch.flatten(input=x);
torch.gather(input=x,dim=1,index=torch.tensor([[0],[1]]));
torch.where(condition=b,input=x,other=y); torch.chunk(input=x,chunks=2);
torch.split(tensor=x,split_size_or_sections=1); torch.topk(input=x,k=1);
torch.clamp(input=x,min=0); torch.pow(input=x,exponent=2); torch.pow(2,x);
torch.flip(input=x,dims=[0]); torch.roll(input=x,shifts=1,dims=0);
torch.permute(input=t,dims=(1,0,2)); torch.argmax(input=x,dim=1); torch.einsum('ij,ij->i', x, y);
x.sum(-1,True); x.mean((0,1)); x.mean(dim=[0,1],keepdim=True);
"""


@pytest.mark.parametrize("expression", expressions(CREATED))
def test_what_is_created_is_pytorchs(expression: str) -> None:
    compare(expression)


@pytest.mark.parametrize("expression", expressions(COMPUTED))
def test_what_is_computed_is_pytorchs(expression: str) -> None:
    compare(expression, tolerance=1e-5)
