"""nn.torch beside PyTorch: gradients of its functions, and programs that ask for gradients."""

from __future__ import annotations

import pytest

from tests.differential.torch_face import compare, expressions

LEAVES = ("x", "y", "v", "a", "t", "p")
FUNCTIONS = """
x*y; x/y; x-y; x**2; x**3.; 2**x; x.exp(); x.sin(); x.tanh(); x.sigmoid(); x.relu(); x.abs();
(x*x).sqrt(); x.max(); x.max(1)[0]; x.min(0).values; x.amax(1); x.median(); x.median(1)[0];
x.sort(1)[0]; x.sort(0,descending=True).values; x.topk(2)[0]; x.kthvalue(2)[0]; x.std(); x.std(0);
x.var(1,unbiased=False); torch.var_mean(x,1)[0]; x.mean(0); x.norm(); x.norm(dim=1); x.norm(1);
x.norm(p=3,dim=0); x.prod(); x.prod(1); x.cumsum(1); x.cumprod(1); x.cummax(1)[0]; x.logsumexp(1);
x.logcumsumexp(1); x.softmax(1); x.log_softmax(0); torch.maximum(x,y); torch.minimum(x,y);
torch.max(x,y); torch.where(b,x,y); torch.where(x>0,x,0.); x.masked_fill(b,0.); x.clamp(0,1);
x.clamp(min=y); x.gather(1,torch.tensor([[0,0],[2,1]])); x.index_select(1,k);
x.index_add(0,k-k,y); x[0]; x[:,1]; x[b]; x[k-k]; x.view(-1)[2:]; x.t()@y; x@y.t();
torch.einsum('ij,kj->ik',x,y); x.repeat(2,2); x.expand(2,2,3); v.expand(2,3)*x; x.flip(1);
x.roll(1,0); x.unfold(1,2,1); x.tril(); torch.cat([x,y],1); torch.stack([x,y]); x.split(1)[0];
x.chunk(2)[1]; x.unbind(1)[2]; x.diag(); x.flatten(); x.transpose(0,1); x.permute(1,0);
x.squeeze(); x.unsqueeze(0); x.lerp(y,0.3); torch.addcmul(x,x,y,value=2);
torch.addcdiv(x,y,x,value=2); torch.cdist(x,y); torch.dist(x,y); torch.cross(x,y,dim=1);
torch.outer(v,v); torch.dot(v,v); torch.atan2(x,y); torch.hypot(x,y); torch.logaddexp(x,y);
x.erf(); (x*x+1).lgamma(); (x*x+1).digamma(); (x*x).log1p(); x.expm1(); x.frac(); x.fmod(2); x%2;
torch.remainder(x,y); x.round(); x.floor(); x.sign(); x.double().sum(); x.half().float();
x.to(torch.float64)*d; x.type(torch.float64); x.diff(); torch.trapezoid(x); x.quantile(0.3);
x.quantile(0.5,dim=1); x.nansum(); x.mean(); x.sum((0,1)); x.repeat_interleave(2);
x.masked_select(b); torch.take(x,torch.tensor([0,4])); torch.inverse(a); torch.det(a);
torch.logdet(a); torch.cholesky(a); torch.linalg.solve(a,v); torch.linalg.norm(x);
torch.linalg.eigh(a)[0]; torch.svd(x)[1]; torch.matrix_exp(a/4); torch.prelu(x,v); torch.celu(x);
torch.float_power(x*x,1.5); x.sinc(); p.logit(); torch.special.entr(p); torch.meshgrid(v,v)[0];
torch.block_diag(x,y); torch.kron(x,y); torch.renorm(x,2,0,1.); x.sum_to_size(1,3);
x.index_copy(0,torch.tensor([1]),y[:1]); x.index_fill(1,k,0.); x.masked_scatter(b,y);
torch.cumulative_trapezoid(x); torch.scatter_reduce(x,1,torch.tensor([[0,0,1],[2,2,2]]),y,'amax');
torch.diag_embed(x); torch.cov(x); torch.corrcoef(x); (x*x).rsqrt(); x.reciprocal(); x.square();
x.pow(y*0+2); x.addmm(x[:,:2],y); torch.baddbmm(torch.ones(2,3,3),t,t.transpose(1,2)); x.angle();
torch.renorm(x,1,1,2.); x.relu().median(); x.relu().nanmedian(); x.relu().median(1)[0];
torch.cat([v,v,v*0-torch.inf]).median(); torch.cat([v,v*torch.nan]).median();
torch.cat([v,v*torch.nan]).nanmedian();
"""

# One program a line, of which the last expression is compared.
PROGRAMS = r"""
x=torch.ones(2,requires_grad=True); y=x*x; y.sum().backward(); x.grad
x=torch.ones(2,requires_grad=True); y=x*2; y.backward(torch.tensor([1.,3.])); x.grad
x=torch.ones(2,requires_grad=True); (x*x).sum().backward(); (x*x).sum().backward(); x.grad
x=torch.ones(2,requires_grad=True); (x*x).sum().backward(); x.grad.zero_(); x.grad
x=torch.ones(2,requires_grad=True); (x*x).sum().backward(); x.grad.data.zero_(); x.grad
x=torch.ones(2,requires_grad=True); (x*x).sum().backward(); x.data -= 0.1*x.grad.data; x
x=torch.ones(2,requires_grad=True); (x*x).sum().backward(); \
x.data.add_(x.grad.data, alpha=-0.1); x
x=torch.ones(2,requires_grad=True); (x*x).sum().backward(); x.data = x.data - x.grad; x.detach()
x=torch.ones(2,requires_grad=True); x.data.copy_(torch.zeros(2)); x.detach()
x=torch.ones(3,requires_grad=True); x.data[1] = 5; x.detach()
x=torch.ones(3,requires_grad=True); x.data[1].mul_(2); x.detach()
x=torch.ones(2,2,requires_grad=True); x.data[:,0].fill_(2); x.detach()
x=torch.ones(2,requires_grad=True); x.add_(1)
x=torch.ones(2,requires_grad=True); x[0]=1
x=torch.ones(2,requires_grad=True); exec('with torch.no_grad(): x += 1'); x.detach()
x=torch.ones(2,requires_grad=True); exec('with torch.no_grad(): x -= 0.1*x; x[0]=7'); x.detach()
x=torch.ones(2,requires_grad=True); exec('with torch.no_grad(): y=x*2'); y.requires_grad
x=torch.ones(2,requires_grad=True); y=x*2; y.is_leaf
x=torch.ones(2,requires_grad=True); y=(x*2).detach(); y.requires_grad
x=torch.ones(2,requires_grad=True); y=x*2; y.retain_grad(); y.sum().backward(); y.grad
x=torch.ones(2,requires_grad=True); y=x*2; y.detach_(); y.requires_grad
x=torch.ones(2); x.requires_grad_(); x.requires_grad
x=torch.ones(2); x.requires_grad=True; x.requires_grad
x=torch.ones(2,dtype=torch.int64); x.requires_grad_()
x=torch.ones(2,requires_grad=True); l=[]; h=x.register_hook(lambda g: g*2); \
(x*3).sum().backward(); x.grad
x=torch.ones(2,requires_grad=True); x.numpy()
x=torch.ones(2,requires_grad=True); x.detach().numpy()
x=torch.ones(2,requires_grad=True); x.tolist()
x=torch.ones(2,requires_grad=True); y=x*x; y.backward()
x=torch.ones(2,requires_grad=True); y=(x*x).sum(); y.backward(); y.backward()
x=torch.ones(2,requires_grad=True); y=(x*x).sum(); y.backward(retain_graph=True); \
y.backward(); x.grad
x=torch.ones(2,requires_grad=True); y=(x**3).sum(); \
g,=torch.autograd.grad(y,x,create_graph=True); g.sum().backward(); x.grad
x=torch.ones(2,requires_grad=True); y=x.clone(); y[0]=5; (y*y).sum().backward(); x.grad
x=torch.ones(2,2,requires_grad=True); y=x*1; y[:,0]*=3; y.sum().backward(); x.grad
x=torch.ones(2,2,requires_grad=True); y=x*1; y.add_(x).mul_(2); y.sum().backward(); x.grad
x=torch.ones(3,requires_grad=True); y=torch.zeros(3); y[1]=x[0]*2; y.sum().backward(); x.grad
x=torch.ones(3,requires_grad=True); y=torch.zeros(2,3); y[0].copy_(x); \
(y*2).sum().backward(); x.grad
x=torch.ones(2,requires_grad=True); x.grad
x=torch.ones(2,requires_grad=True); x.grad=torch.zeros(2); x.grad
x=torch.ones(2,requires_grad=True); (x*x).sum().backward(); x.grad=None; x.grad
x=torch.ones(2,requires_grad=True); torch.autograd.backward([(x*x).sum(),(x*3).sum()]); x.grad
x=torch.ones(2,requires_grad=True); torch.autograd.grad((x*x).sum(), x)
x=torch.ones(2,requires_grad=True); z_=torch.ones(2,requires_grad=True); \
torch.autograd.grad((x*x).sum(), [x,z_], allow_unused=True)
x=torch.ones(2,requires_grad=True); z_=torch.ones(2,requires_grad=True); \
torch.autograd.grad((x*x).sum(), [x,z_])
torch.autograd.functional.jacobian(lambda q: q**2, v)
torch.autograd.functional.jacobian(lambda q,r: q*r.sum(), (v,v))
torch.autograd.functional.hessian(lambda q: (q**3).sum(), v)
torch.autograd.functional.hessian(lambda q,r: (q*r**2).sum(), (v,v))
torch.autograd.functional.vjp(lambda q: q**2, v, v)
torch.autograd.functional.jvp(lambda q: q**2, v, v)
torch.autograd.functional.hvp(lambda q: (q**3).sum(), v, v)
torch.func.grad(lambda q: (q**2).sum())(v)
torch.func.grad(torch.func.grad(lambda q: q**3))(n)
torch.func.grad_and_value(lambda q: (q**2).sum())(v)
torch.func.grad(lambda q,r: (q*r).sum(), argnums=1)(v,v)
torch.func.grad(lambda q,r: (q*r).sum(), argnums=(0,1))(v,v*2)
torch.func.grad(lambda q: ((q**2).sum(), q), has_aux=True)(v)
torch.func.grad(lambda d_: (d_['a']*d_['b']).sum())({'a':v,'b':v*3})['a']
torch.func.vjp(torch.sin, v)[1](v)
torch.func.vjp(torch.sin, v)[0]
torch.func.jvp(torch.sin, (v,), (v,))
torch.func.jacrev(torch.sin)(v)
torch.func.jacfwd(torch.sin)(v)
torch.func.hessian(lambda q: (q**3).sum())(v)
torch.func.jacrev(lambda q,r: q*r, argnums=(0,1))(v,v)
torch.func.vmap(lambda q: q.sum())(x)
torch.vmap(torch.dot)(x,y)
torch.vmap(lambda q,r: q*r, in_dims=(0,None))(x,v)
torch.vmap(lambda q: (q,q.sum()), out_dims=(1,0))(x)
torch.vmap(torch.func.grad(lambda q: (q**2).sum()))(x)
torch.vmap(lambda q: q*2, in_dims=1)(x)
torch.vmap(lambda q: q*2, in_dims=1, out_dims=1)(x)
torch.func.jacrev(lambda q: torch.vmap(torch.sin)(q))(v)
torch.is_grad_enabled()
x=torch.ones(2,requires_grad=True); exec('with torch.inference_mode():\\n y=x*2'); \
y.requires_grad
f=torch.no_grad()(lambda q: (q*2).requires_grad); f(torch.ones(2,requires_grad=True))
torch.autograd.gradcheck(lambda q: (q**2).sum(), d.clone().requires_grad_())
torch.autograd.gradcheck(torch.sigmoid, (d.clone().requires_grad_(),))
torch.autograd.gradgradcheck(torch.sigmoid, (d.clone().requires_grad_(),))
x=torch.ones(2,requires_grad=True); y=x.sum(); float(y)
x=torch.ones(2,requires_grad=True); '%.2f' % x.sum()
x=torch.ones(2,requires_grad=True); f'{x.sum():.3f}'
f'{n}'; f'{n:.2f}'
f'{m:d}'
x=torch.ones(2,requires_grad=True); x.sum().item()
round(n.item(),1)
sum([n,n])
max(n, e)
[n < 3, n > 3]
sorted([torch.tensor(2.),torch.tensor(1.)])
abs(x); -x; +x; ~b; x
n.__float__()
hash(x) == hash(x)
x in [x]
x is x.data
len({x,y})
torch.tensor([1,2])[0] == 1
bool((x==x).all())
np.array(x)
np.asarray(i)
np.sum(x.numpy())
torch.tensor(x.numpy().mean())
np.float32(2)*x
x*np.float32(2)
v*np.ones(3,dtype=np.float32)
x+np.array([1.,2.,3.])
np.add(x,1)
math_=__import__('math'); math_.sqrt(n)
int(i.sum())
range(m)[-1]
[0]*m
torch.zeros(m,2).shape
torch.zeros(x.shape[0],x.size(1)).shape
x.view(x.size(0),-1).shape
x.view(m-1,-1).shape
(x.size(0),)
import copy; copy.deepcopy(x)
import pickle; pickle.loads(pickle.dumps(x))
copy_=__import__('copy'); q_=copy_.copy(x); q_
c*2; c
c.abs(); c.conj(); c
c*x
c+1
torch.view_as_real(c)
torch.view_as_complex(torch.view_as_real(c))
x.numel()*x.element_size()
torch.numel(x)
"""


@pytest.mark.parametrize("expression", expressions(FUNCTIONS))
def test_a_gradient_is_pytorchs(expression: str) -> None:
    weights = "torch.linspace(1, 2, out.numel()).view(out.shape).to(out.dtype)"
    grads = (
        f"torch.autograd.grad((out * {weights}).sum(), [{', '.join(LEAVES)}], allow_unused=True)"
    )
    compare(f"out = {expression}; list({grads})", LEAVES, 2e-5)


@pytest.mark.parametrize("program", PROGRAMS.replace("\\\n", "").strip().splitlines())
def test_a_program_with_gradients_does_what_it_does_in_pytorch(program: str) -> None:
    compare(program.replace("\\n", "\n"))
