"""nn.torch beside PyTorch: reductions over dtypes, empty and 0-d Tensors, and dims of all kinds."""

from __future__ import annotations

import pytest

from tests.differential.torch_face import compare, expressions, faults

NAMES = (
    "sum mean prod std var max min amax amin argmax argmin all any count_nonzero median nanmedian "
    "nansum nanmean aminmax std_mean var_mean norm logsumexp unique"
)
INPUTS = "xisubntmoczdh"
DIMS = (
    "0",
    "1",
    "-1",
    "2",
    "dim=0",
    "dim=-1, keepdim=True",
    "1, True",
    "(0, 1)",
    "[0]",
    "()",
    "-3",
)
# What PyTorch does of complex numbers here is refused by name, or has no kernel there.
COMPLEX = {"std", "var", "std_mean", "var_mean", "nansum", "nanmean", "logsumexp"}
WITHOUT_MEANING = {f"torch.logsumexp({a}, ())" for a in INPUTS} | {  # an internal error of PyTorch
    f"torch.norm(o, {dim})" for dim in ("-1", "-3")
}
CALLS = """
x.std(0, unbiased=False); x.std(unbiased=False); x.std(False); x.var(1, False);
x.var(0, correction=0); x.std(dim=0, correction=2); torch.std(x, 1, False, True); x.std((0,1));
torch.var_mean(x, dim=1, unbiased=False); torch.std_mean(x, 0, False, True); x.sum(axis=1);
x.sum(axis=1, keepdims=True); torch.sum(x, axis=0); torch.mean(x, axis=(0,1)); x.max(dim=1)[0];
x.max(1).values; x.max(1, keepdim=True).indices; torch.max(x, y); x.max(y); torch.max(x, other=y);
torch.min(x, y); torch.max(i, j); torch.max(x, i); x.norm(1); x.norm(p=2, dim=1);
x.norm(2, 1, True); torch.norm(x, float('inf')); torch.norm(x, 'nuc');
torch.norm(x, 'fro', dim=(0,1)); x.norm(0); x.norm(-1); x.norm(float('-inf'));
x.norm(p=1, dim=(0,1), keepdim=True); x.norm(dtype=torch.float64); torch.dist(x, y);
torch.dist(x, y, 1); x.sum(dtype=torch.float64); i.sum(dtype=torch.float32);
i.mean(dtype=torch.float32); b.sum(); b.sum(0); u.sum(); s.sum(); b.prod(); i.prod(1);
b.float().mean(); x.logsumexp(1); x.logsumexp(dim=(0,1)); x.logsumexp(-1, keepdim=True); b.any(1);
b.all(dim=0); i.any(); u.all(); (x > 0).sum(1); (x>0).sum().item(); x.argmax(1, keepdim=True);
x.argmax(keepdim=True); x.argmin(dim=-1); torch.argmax(t, dim=1); x.cumsum(0); x.cumsum(dim=1);
i.cumsum(1); b.cumsum(0); x.cumprod(1); torch.cumsum(n, 0); i.cumprod(-1); u.cumsum(1);
x.cumsum(1, dtype=torch.float64); x.cummax(1); x.cummin(0); i.cummax(1);
torch.cummax(torch.tensor([1.,3.,3.,2.,3.]), 0); x.logcumsumexp(1); x.diff(); x.diff(n=2);
x.diff(dim=0); b.diff(); i.diff(); torch.diff(v, prepend=v[:1]); torch.trapezoid(v);
torch.trapezoid(v, dx=0.5); torch.trapz(v, v); torch.cumulative_trapezoid(v);
torch.cumulative_trapezoid(x, dx=2.); torch.renorm(x, 2, 0, 1.); x.quantile(0.5);
x.quantile(0.25, dim=1); torch.quantile(x, torch.tensor([0.2,0.6]), dim=0);
torch.quantile(x, 0.3, interpolation='nearest'); z.nanquantile(0.5);
torch.nanquantile(x, 0.4, dim=1); i.quantile(0.5); x.unique(); i.unique(return_counts=True);
i.unique(return_inverse=True); torch.unique(i, True, True, True);
torch.unique(torch.tensor([[1,2],[1,2],[0,1]]), dim=0);
torch.unique(torch.tensor([[1,2],[1,2],[0,1]]), dim=0, return_inverse=True, return_counts=True);
torch.unique_consecutive(torch.tensor([1,1,2,2,2,1]));
torch.unique_consecutive(torch.tensor([1,1,2,2,2,1]), return_inverse=True, return_counts=True);
w.bincount(); torch.bincount(w, minlength=7); torch.bincount(w, v); torch.bincount(i);
x.histc(4, -2, 2); torch.histc(x, bins=3); torch.histc(x, 5, min=0, max=1);
torch.histc(x, 4, 2, 2); torch.histc(v * 0 + 1, 3); torch.histc(v * 0 + 1, 3, 5, 5); z.unique();
torch.tensor([float('nan'),1.,float('nan')]).unique(return_inverse=True, return_counts=True);
torch.searchsorted(torch.tensor([1.,2.,3.]), torch.tensor([0.5, 2., 5.]));
torch.searchsorted(torch.tensor([1.,2.,3.]), torch.tensor([[2.,3.]]), right=True);
torch.searchsorted(torch.tensor([[1.,2.,3.],[2.,3.,4.]]), torch.tensor([[2.],[3.]]));
torch.searchsorted(torch.tensor([1,2]), 2); torch.bucketize(x, v.sort().values);
torch.bucketize(x, torch.tensor([0.,1.]), right=True); torch.isin(i, torch.tensor([1,3]));
torch.isin(i, 3); torch.isin(i, j, invert=True); x.sort(); x.sort(0); x.sort(1, True);
x.sort(descending=True); torch.sort(x, dim=0, descending=True); torch.sort(n); i.sort(); b.sort();
x.argsort(); x.argsort(1, True); torch.argsort(x, dim=0, descending=True); x.msort(); x.topk(2);
x.topk(2, dim=0); torch.topk(x, 1, largest=False); x.topk(1, 1, True, True); x.topk(5);
x.kthvalue(2); x.kthvalue(1, dim=0, keepdim=True); x.kthvalue(0); x.median(); x.median(1);
i.median(); i.median(0); z.median(); z.nanmedian(); z.median(1); z.nanmedian(1);
torch.tensor([[1,2,2,1],[3,3,1,0]]).mode(); torch.tensor([[1,2,2,1],[3,3,1,0]]).mode(0);
torch.mode(torch.tensor([1.,1.,2.]), -1, True); z.max(); z.max(1); z.min(0); z.argmax(); z.sort();
torch.aminmax(x); torch.aminmax(x, dim=0); torch.aminmax(i, dim=1, keepdim=True);
torch.count_nonzero(i, dim=1); torch.cov(x); torch.corrcoef(x); torch.cov(v);
torch.allclose(x, x); torch.allclose(x, y); torch.equal(x, x); torch.equal(x, i);
torch.isclose(x, y, atol=1.); x.equal(x); torch.allclose(x, d);
torch.isclose(z, z, equal_nan=True); torch.max(x, dim=0, keepdim=False);
"""


@pytest.mark.parametrize("name", NAMES.split())
def test_a_reduction_is_pytorchs_for_all_dtypes_and_dims(name: str) -> None:
    calls = [
        f"torch.{name}({a}{'' if dim is None else ', ' + dim})"
        for a in INPUTS
        if not (a == "c" and name in COMPLEX)
        for dim in ((None,) if name == "unique" else (None, *DIMS))
    ]
    assert faults([call for call in calls if call not in WITHOUT_MEANING]) == {}


@pytest.mark.parametrize("expression", expressions(CALLS))
def test_a_call_of_a_reduction_is_pytorchs(expression: str) -> None:
    compare(expression)
