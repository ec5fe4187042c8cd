"""torch.nn.functional, and what programs do with modules, in both libraries."""

from __future__ import annotations

import pytest
import torch

import nn.torch as face
from tests.differential.torch_face import Failed, compare, run

BEGIN = "F = torch.nn.functional; nn = torch.nn; torch.set_num_threads(1); "

ACTIVATIONS = [
    "relu", "relu6", "elu", "selu", "celu", "leaky_relu", "gelu", "silu", "mish", "softplus",
    "softsign", "hardtanh", "hardsigmoid", "hardswish", "hardshrink", "softshrink", "tanhshrink",
    "logsigmoid", "tanh", "sigmoid",
]  # fmt: skip
INPLACE = ["relu", "relu6", "elu", "selu", "celu", "leaky_relu", "silu", "mish", "hardtanh",
           "hardsigmoid", "hardswish"]  # fmt: skip
ELEMENTWISE = [f"F.{name}({x})" for name in ACTIVATIONS for x in ("x", "d", "n", "o", "h", "t")]
ELEMENTWISE += [f"y = x.clone(); z = F.{name}(y, inplace=True); (y, z, y is z)" for name in INPLACE]
ELEMENTWISE += [f"F.{n}_(x), x" for n in ("relu", "elu", "selu", "celu", "leaky_relu", "hardtanh")]
ELEMENTWISE += [
    "F.threshold(x, 0.5, 9.0)", "F.threshold(x, 0.5, 9.0, True), x", "F.elu(x, 0.5)",
    "F.leaky_relu(x, 0.2)", "F.gelu(x, approximate='tanh')", "F.softplus(x, 2, 1)",
    "F.hardtanh(x, -0.5, 0.5)", "F.hardshrink(x, 0.3)", "F.softshrink(x, 0.3)", "F.glu(x[:, :2])",
    "F.glu(t, 2)", "F.glu(t, dim=1)", "F.prelu(x, torch.tensor([0.25]))",
    "F.rrelu(x, training=False)", "F.rrelu(x, 0.1, 0.3)", "nn.ReLU(inplace=True)(x), x",
    "nn.Dropout(0.5, inplace=True).eval()(x), x", "nn.Hardtanh(-2, 2, True)(x), x",
    "F.relu(x.view(-1), inplace=True), x", "F.relu(x[0], True), x", "F.relu(x.t(), True), x",
    "s3 = x * 1; F.relu(s3.view(-1), True); s3",
    "nn.Sequential(nn.Flatten(), nn.ReLU(True))(t), t",
    "h2 = F.relu(x, inplace=True); h2.add_(1); (h2, x)",
    "w = x.clone().requires_grad_(); F.relu(w, inplace=True)", "F.relu(i)",
    "F.sigmoid(i)", "F.tanh(i)", "F.gelu(i)", "F.silu(i)", "F.elu(i)",
]  # fmt: skip
SOFTMAX = [
    f"F.{name}({args})" for name in ("softmax", "log_softmax", "softmin")
    for args in ("x, 1", "x, dim=0", "x, -1", "x", "t", "v", "x, dim=1, dtype=torch.float64",
                 "n, 0", "d, 1", "i, 1", "x, 2", "h, 1", "z, 1")
]  # fmt: skip
SOFTMAX += [
    "F.normalize(x)", "F.normalize(x, p=1, dim=0)", "F.normalize(v, dim=0)",
    "F.normalize(t, dim=-1)",
    "F.one_hot(w)", "F.one_hot(w, 5)", "F.one_hot(w, num_classes=4).float()", "F.one_hot(v)",
    "F.one_hot(w, 2)", "F.one_hot(torch.tensor(2), 4)", "F.one_hot(k.view(2, 1))",
    "F.gumbel_softmax(x, tau=0.5, hard=True).sum(1)", "F.gumbel_softmax(x).sum()",
    "F.cosine_similarity(x, y)", "F.cosine_similarity(x, y, dim=0)", "F.cosine_similarity(v, v, 0)",
    "F.cosine_similarity(x.unsqueeze(1), y.unsqueeze(0), dim=-1)", "F.pairwise_distance(x, y)",
    "F.pairwise_distance(x, y, p=1, keepdim=True)", "F.pdist(x)", "F.pdist(a, 1)",
]  # fmt: skip
LOSSES = [
    f"F.{name}({args})"
    for name in ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss")
    for args in (
        "x, y", "x, y, reduction='sum'", "x, y, reduction='none'", "x, d", "x, v", "v, x",
        "x.unsqueeze(1), x", "x, i", "x, n", "n, n", "o, o", "h, h", "x, k",
        "x, y, reduction='avg'",
    )
]  # fmt: skip
LOSSES += [f"F.{name}(x, y, {old})" for name in ("mse_loss", "l1_loss", "smooth_l1_loss")
    for old in ("True",
    "False",
    "None, False",
    "size_average=False",
    "reduce=False")]  # fmt: skip
LOSSES += [
    "F.smooth_l1_loss(x, y, beta=0.5)", "F.huber_loss(x, y, delta=0.5)",
    "F.huber_loss(x, y, 'sum', 0.5)", "F.cross_entropy(x, k)",
    "F.cross_entropy(x, k, reduction='sum')",
    "F.cross_entropy(x, k, reduction='none')", "F.cross_entropy(x, k, torch.tensor([1., 2., 3.]))",
    "F.cross_entropy(x, k, label_smoothing=0.1)", "F.cross_entropy(x, k, ignore_index=2)",
    "F.cross_entropy(x, torch.tensor([-100, 1]))", "F.cross_entropy(x, torch.tensor([-100, -100]))",
    "F.cross_entropy(x, p)", "F.cross_entropy(x, F.one_hot(k, 3).float())",
    "F.cross_entropy(x, k.float())", "F.cross_entropy(x, w)",
    "F.cross_entropy(v, torch.tensor(1))",
    "F.cross_entropy(t, torch.tensor([[0, 1, 2, 0], [1, 1, 0, 2]]))",
    "F.cross_entropy(t.view(-1, 4), torch.arange(6) % 4)", "F.cross_entropy(d, k)",
    "F.cross_entropy(x, torch.tensor([0, 3]))", "F.cross_entropy(x, k.unsqueeze(1))",
    "F.cross_entropy(x, k, None, False)", "F.cross_entropy(x, k, None, None, 2)",
    "F.cross_entropy(input=x, target=k, weight=None)", "F.cross_entropy(h, k)",
    "F.nll_loss(F.log_softmax(x, 1), k)",
    "F.nll_loss(F.log_softmax(x, 1), k, reduction='sum').item()",
    "F.nll_loss(F.log_softmax(x, dim=1), k, size_average=False)",
    "F.nll_loss(F.log_softmax(t, 1), torch.zeros(2, 4).long())",
    "F.binary_cross_entropy(p, p)", "F.binary_cross_entropy(p, b.float())",
    "F.binary_cross_entropy(p, b.float(), reduction='sum')", "F.binary_cross_entropy(p, p[0])",
    "F.binary_cross_entropy(p, p.view(-1))", "F.binary_cross_entropy(p, torch.ones_like(p), p)",
    "F.binary_cross_entropy(p.view(-1), b.float().view(-1), size_average=False)",
    "F.binary_cross_entropy(x, p)",
    "F.binary_cross_entropy(torch.zeros(2), torch.ones(2))",
    "F.binary_cross_entropy_with_logits(x, p)", "F.binary_cross_entropy_with_logits(x, b.float())",
    "F.binary_cross_entropy_with_logits(x, b.float(), pos_weight=torch.tensor([1., 2., 3.]))",
    "F.binary_cross_entropy_with_logits(x, p[0])", "F.binary_cross_entropy_with_logits(x, p, p)",
    "F.kl_div(F.log_softmax(x, 1), p)", "F.kl_div(F.log_softmax(x, 1), p, reduction='batchmean')",
    "F.kl_div(F.log_softmax(x, 1), p, reduction='sum')", "F.kl_div(x, y, log_target=True)",
    "F.kl_div(x, p[0])", "F.kl_div(x, p, size_average=False)",
    "F.poisson_nll_loss(x, p)", "F.poisson_nll_loss(x, p, log_input=False, full=True)",
    "F.gaussian_nll_loss(x, y, p)", "F.gaussian_nll_loss(x, y, p, full=True, reduction='sum')",
    "F.hinge_embedding_loss(x, b.float() * 2 - 1)", "F.soft_margin_loss(x, b.float() * 2 - 1)",
    "F.margin_ranking_loss(x, y, b.float() * 2 - 1, margin=0.2)",
    "F.margin_ranking_loss(v, v + 1, torch.ones(3))",
    "F.cosine_embedding_loss(x, y, torch.tensor([1, -1]))",
    "F.triplet_margin_loss(x, y, y + 1)",
    "F.triplet_margin_loss(x, y, p, margin=2, p=1, swap=True)",
    "F.multi_margin_loss(x, k)",
    "F.multilabel_margin_loss(x, torch.tensor([[0, -1, 1], [2, 1, -1]]))",
    "F.multilabel_soft_margin_loss(x, b.float())",
    "F.ctc_loss(F.log_softmax(t.permute(2, 0, 1), 2), torch.tensor([[1, 2], [2, 1]]),"
    " torch.tensor([4, 4]), torch.tensor([2, 1]))",
]  # fmt: skip
LINEAR = [
    "F.linear(x, a)", "F.linear(x, a, v)", "F.linear(v, a)", "F.linear(t[:, :, :3], a, bias=v)",
    "F.bilinear(x, y, torch.ones(2, 3, 3))", "F.linear(i, j)",
    "F.embedding(w, a.repeat(2, 1))", "F.embedding(w.view(1, 3), a.repeat(2, 1), padding_idx=0)",
    "F.embedding(k, a)", "F.embedding(torch.tensor(1), a)", "F.embedding(v, a)",
    "F.embedding(w, x)",
    "F.embedding_bag(w.view(1, 3), a.repeat(2, 1))", "F.embedding(k.int(), a)",
    "F.embedding_bag(w, a.repeat(2, 1), torch.tensor([0, 2]), mode='sum')",
    "F.dropout(x, 0.5, False)", "F.dropout(x, p=0.0)", "F.dropout(x, 1.0)",
    "F.dropout(x, training=False)", "F.dropout(x, 1.5)", "F.dropout2d(t.unsqueeze(0), 0.5, False)",
    "F.alpha_dropout(x, 0.5, False)",
    "(F.dropout(torch.ones(1000), 0.25) == 0).float().mean() > 0.1",
    "F.layer_norm(x, (3,))", "F.layer_norm(x, [3], v, v)", "F.layer_norm(x, x.size()[1:])",
    "F.layer_norm(t, t.shape[1:], eps=1e-3)", "F.batch_norm(x, v, p[0], training=False)",
    "F.batch_norm(x, None, None, training=True)", "F.group_norm(t, 3)", "F.instance_norm(t)",
    "F.rms_norm(x, (3,))", "F.local_response_norm(t, 2)",
    "m = torch.zeros(3); s2 = torch.ones(3); F.batch_norm(x, m, s2, training=True); (m, s2)",
    "F.scaled_dot_product_attention(t, t, t)",
    "F.scaled_dot_product_attention(t, t, t, is_causal=True)",
    "F.scaled_dot_product_attention(t, t, t, attn_mask=torch.ones(3, 3).tril().bool())",
    "F.scaled_dot_product_attention(t, t, t, torch.zeros(3, 3), 0.0, scale=0.5)",
    "F.scaled_dot_product_attention(t.view(1, 2, 3, 4), t.view(1, 2, 3, 4)[:, :1],"
    " t.view(1, 2, 3, 4)[:, :1], enable_gqa=True)",
]  # fmt: skip
IMAGE = "g = torch.arange(96.).view(2, 3, 4, 4) / 96; "
IMAGES = [
    IMAGE + e for e in (
        "F.conv2d(g, torch.ones(2, 3, 3, 3))",
        "F.conv2d(g, torch.ones(2, 3, 3, 3), padding=1, stride=2)",
        "F.conv2d(g, torch.ones(2, 3, 2, 2), torch.ones(2), 2, 1, 1, 1)",
        "F.conv2d(g, torch.ones(3, 1, 3, 3), padding='same', groups=3)",
        "F.conv2d(g, torch.ones(2, 2, 3, 3))", "F.conv2d(g[0], torch.ones(2, 3, 3, 3))",
        "F.conv1d(g[0], torch.ones(2, 4, 3))",
        "F.conv3d(g.unsqueeze(0), torch.ones(1, 2, 2, 2, 2))",
        "F.conv_transpose2d(g, torch.ones(3, 2, 2, 2), stride=2)", "F.max_pool2d(g, 2)",
        "F.conv_transpose1d(g[0], torch.ones(4, 2, 2), None, 2, 0, 1)",
        "F.max_pool2d(g, kernel_size=3, stride=1, padding=1)", "F.max_pool2d(g, (2, 1))",
        "F.max_pool2d(g, 2, return_indices=True)", "F.max_pool2d(g, 3, ceil_mode=True)",
        "F.max_pool1d(g[0], 2)", "F.avg_pool2d(g, 2)", "F.avg_pool2d(g, 3, 1, 1, False, False)",
        "F.avg_pool2d(g, 2, divisor_override=3)", "F.avg_pool1d(g[0], 2)", "F.lp_pool2d(g, 2, 2)",
        "F.adaptive_avg_pool2d(g, 1)", "F.adaptive_avg_pool2d(g, (1, 1))",
        "F.adaptive_avg_pool2d(g, (None, 2))", "F.adaptive_max_pool2d(g, 2)",
        "F.adaptive_max_pool2d(g, 2, True)", "F.interpolate(g, scale_factor=2)",
        "F.interpolate(g, size=(8, 8), mode='bilinear', align_corners=False)",
        "F.interpolate(g, size=6, mode='bicubic', align_corners=True)",
        "F.upsample(g, scale_factor=2)",
        "F.interpolate(g, (2, 2), mode='area')",
        "F.interpolate(g, scale_factor=0.5, mode='nearest')",
        "F.pad(g, (1, 2))", "F.pad(g, (1, 1, 2, 0), value=3)",
        "F.pad(g, (1, 1, 1, 1), mode='reflect')",
        "F.pad(g, (1, 1, 1, 1), 'replicate')", "F.pad(g, (1, 1, 1, 1), 'circular')",
        "F.pad(x, (0, 1), 'constant', 0)", "F.pad(x, (-1, 0))", "F.pad(x, [1, 1, 1, 1])",
        "F.pad(w, (0, 2))", "F.pad(x, (1, 1, 1, 1, 1, 1))", "F.pad(b, (1, 0), value=True)",
        "F.unfold(g, 2)", "F.unfold(g, (3, 3), padding=1, stride=2)",
        "F.fold(F.unfold(g, 2, stride=2), (4, 4), 2, stride=2)",
        "F.pixel_shuffle(g.view(1, 4, 6, 4), 2)",
        "F.pixel_unshuffle(g, 2)", "F.channel_shuffle(g, 3)",
        "F.grid_sample(g, F.affine_grid(torch.eye(2, 3).repeat(2, 1, 1), g.size()),"
        " align_corners=False)",
        "F.affine_grid(torch.eye(2, 3).unsqueeze(0), (1, 1, 2, 2), align_corners=True)",
        "q1, r1 = F.max_pool2d(g, 2, return_indices=True); F.max_unpool2d(q1, r1, 2)",
    )
]  # fmt: skip


# What PyTorch refuses for its kernels' sake, and has one meaning all the same.
WIDER = [
    "F.relu(b)", "F.l1_loss(i, i)", "F.l1_loss(x, b)", "F.cross_entropy(x, k.int())",
    "F.binary_cross_entropy(p, p.double())", "F.linear(x, d)",
]  # fmt: skip


@pytest.mark.parametrize("expression", WIDER)
def test_what_is_taken_here_alone(expression: str) -> None:
    assert isinstance(run(torch, BEGIN + expression), Failed)
    assert isinstance(run(face, BEGIN + expression), face.Tensor)


@pytest.mark.parametrize("expression", [*ELEMENTWISE, *SOFTMAX])
def test_elementwise(expression: str) -> None:
    compare(BEGIN + expression)


@pytest.mark.parametrize("expression", LOSSES)
def test_losses(expression: str) -> None:
    compare(BEGIN + expression)


@pytest.mark.parametrize("expression", [*LINEAR, *IMAGES])
def test_layers(expression: str) -> None:
    compare(BEGIN + expression, tolerance=1e-5)


GRADIENTS = [
    f"w = x.clone().requires_grad_(); f = {call}; f.sum().backward(); w.grad"
    for call in (
        "F.softmax(w, 1)[:, 0]", "F.cross_entropy(w, k)", "F.mse_loss(w, y)", "F.gelu(w)",
        "F.layer_norm(w, (3,)) * y", "F.relu(w * 1, inplace=True)", "F.normalize(w) * y",
        "F.mse_loss(w, v)", "F.kl_div(F.log_softmax(w, 1), p)", "F.huber_loss(w, y, delta=0.3)",
        "F.scaled_dot_product_attention(w, w, w, is_causal=True) * y", "F.leaky_relu_(w * 2) * w",
    )
]  # fmt: skip


@pytest.mark.parametrize("expression", GRADIENTS)
def test_gradients(expression: str) -> None:
    compare(BEGIN + expression)


LAYER = "torch.manual_seed(0); l = nn.Linear(3, 2); l.weight.data.fill_(0.5); l.bias.data.zero_(); "
MODULES = [
    LAYER + e for e in (
        "l(x)", "l.weight.requires_grad, l.weight.is_leaf, l.bias.shape", "list(l.state_dict())",
        "[n for n, p1 in l.named_parameters()]", "sum(p1.numel() for p1 in l.parameters())",
        "str(l)", "l.half().weight", "l.double()(d)", "l.to(torch.float64)(d)", "l.to('cpu')(x)",
        "l.to(torch.device('cpu'), torch.float64).weight", "l.to(d).weight",
        "l.to(dtype=torch.float16).bias",
        "l.cuda()", "l.to('cuda')", "l.cpu()(x)", "l.float()(x)", "l.eval().training",
        "l.train().training",
        "l.type(torch.float64).weight", "l.requires_grad_(False).weight.requires_grad",
        "l(x).sum().backward(); l.zero_grad(); l.weight.grad",
        "l(x).sum().backward(); l.zero_grad(set_to_none=False); l.weight.grad",
        "l(x).sum().backward(); l.weight.grad", "l.weight.data = torch.ones(2, 3); l(x)",
        "l.weight.data *= 2; l(x)", "l.weight.data.mul_(2); l(x)", "l.weight.data[0] = 7.; l(x)",
        "s1 = l.state_dict(); s1['weight'].fill_(3.); l(x)",
        "s1 = l.state_dict(); s1['bias'] += 1; l(x)",
        "s1 = l.state_dict(); s1['bias'] = torch.ones(2); l.load_state_dict(s1); l(x)",
        "l.load_state_dict({'weight': torch.ones(2, 3)}, strict=False)",
        "str(l.load_state_dict(l.state_dict()))", "l.load_state_dict({'weight': torch.ones(2, 3)})",
        "l.load_state_dict({'weight': torch.ones(2, 2), 'bias': torch.ones(2)})",
        "l.weight = nn.Parameter(torch.ones(2, 3)); l(x)", "l.weight = torch.ones(2, 3)",
        "l.register_buffer('r', torch.ones(2)); list(l.state_dict())",
        "l.register_buffer('r', torch.ones(2), persistent=False); (list(l.state_dict()), l.r)",
        "l.register_parameter('r', None); l.r", "l._modules['k1'] = nn.ReLU(); str(l)",
        "l._parameters['bias'] = None; l(x)", "del l._parameters['bias']; l.bias",
        "l._buffers['c1'] = torch.ones(2); l.c1", "l.bias.data.copy_(torch.tensor([1., 2.])); l(x)",
        "nn.init.constant_(l.weight, 2.0); l(x)", "nn.init.zeros_(l.weight); l(x)",
        "nn.init.eye_(l.weight); l(x)", "torch.nn.init.ones_(l.bias); l(x)",
        "torch.nn.utils.clip_grad_norm_(l.parameters(), 1.0)",
        "l(x).sum().backward(); torch.nn.utils.clip_grad_norm_(l.parameters(), 0.5), l.weight.grad",
        "l(x).sum().backward(); torch.nn.utils.clip_grad_value_(l.parameters(), 0.5);"
        " l.weight.grad",
        "nn.utils.parameters_to_vector(l.parameters())",
        "nn.utils.vector_to_parameters(torch.arange(8.), l.parameters()); l(x)",
        "l.apply(lambda m1: m1.weight.data.fill_(1.0) if isinstance(m1, nn.Linear) else None)(x)",
        "l.get_parameter('bias')", "l.extra_repr()", "[type(c1).__name__ for c1 in l.modules()]",
        "import_copy = __import__('copy'); m1 = import_copy.deepcopy(l);"
        " m1.weight.data.zero_(); l(x)",
        "l.weight.grad = torch.ones(2, 3); l.weight.grad",
        "torch.is_grad_enabled(), l(x).requires_grad",
        "hs = []; hk = l.register_forward_hook(lambda m1, i1, o1: hs.append(o1.shape));"
        " l(x); hk.remove();"
        " l(x); hs", "l.register_forward_hook(lambda m1, i1, o1: o1 * 2); l(x)",
        "l.register_forward_pre_hook(lambda m1, i1: (i1[0] * 2,)); l(x)", "l.share_memory() is l",
        "l.weight.data.norm()", "l.weight.size(1)", "l.in_features, l.out_features", "l.foo",
        "l.half().to(torch.float32).weight.dtype",
        "l.add_module('q1', nn.Tanh()); len(list(l.children()))",
        "isinstance(l.weight, nn.Parameter), isinstance(l.weight, torch.Tensor)",
        "l.named_modules(prefix='net').__next__()[0]", "len(set(l.parameters()))",
    )
]  # fmt: skip
MODULES += [
    "nn.Sequential(nn.Flatten(), nn.Linear(12, 2)).eval()(t).shape", "nn.Flatten(0)(t)",
    "s1 = nn.Sequential(nn.ReLU(), nn.Tanh()); s1.append(nn.Sigmoid()); (len(s1),"
    " str(s1[1:]), str(s1[-1]))",
    "m1 = nn.ModuleList([nn.ReLU() for q1 in range(3)]); m1.extend([nn.Tanh()]);"
    " (len(m1), str(m1), str(m1[:2]))",
    "m1 = nn.ModuleDict({'a1': nn.ReLU()}); m1['b1'] = nn.Tanh(); (list(m1.keys()),"
    " str(m1), 'a1' in m1)",
    "m1 = nn.ParameterList([nn.Parameter(torch.ones(2))]); m1.append(torch.ones(1));"
    " (len(m1), m1[0])",
    "m1 = nn.ParameterDict({'a1': nn.Parameter(torch.ones(2))}); list(m1.items())",
    "nn.Parameter(torch.ones(2))", "nn.Parameter(torch.ones(2), requires_grad=False)",
    "nn.Parameter(torch.ones(2)) * 2", "nn.Parameter(x.clone().requires_grad_() * 2).is_leaf",
    "nn.Parameter(i)", "nn.Parameter(i, False)", "str(nn.Parameter(torch.ones(2)))", "nn.Buffer(v)",
    "b1 = nn.BatchNorm1d(3); b1(x); (b1.running_mean, b1.running_var, b1.num_batches_tracked)",
    "b1 = nn.BatchNorm1d(3).eval(); b1(x)", "list(nn.BatchNorm2d(2).state_dict())",
    "e1 = nn.Embedding(5, 2, padding_idx=0); (e1.weight[0], e1(w).shape, e1.num_embeddings)",
    "nn.Embedding.from_pretrained(a)(k)",
    "nn.Embedding.from_pretrained(a, freeze=False).weight.requires_grad",
    "r1 = nn.LSTM(3, 2, batch_first=True); o1, (h1, c1) = r1(x.unsqueeze(0)); (o1.shape,"
    " h1.shape, c1.shape)",
    "r1 = nn.GRU(3, 2); r1.flatten_parameters(); list(r1.state_dict())", "nn.RNN('LSTM', 2, 3)",
    "nn.LSTM(3, 2, 2, bidirectional=True).all_weights[1][0].shape",
    "r1 = nn.LSTMCell(3, 2); h1, c1 = r1(x); (h1.shape, c1.shape)",
    "m1 = nn.MultiheadAttention(4, 2, batch_first=True); o1, w1 = m1(t, t, t);"
    " (o1.shape, w1.shape)",
    "m1 = nn.MultiheadAttention(4, 2); m1(t, t, t, need_weights=False)[1]",
    "nn.Transformer.generate_square_subsequent_mask(3)",
    "torch.nn.utils.rnn.pad_sequence([torch.ones(2), torch.ones(3)], batch_first=True)",
    "q1 = nn.utils.rnn.pack_padded_sequence(x.unsqueeze(-1), [3, 2], batch_first=True);"
    " (q1.data, q1.batch_sizes)",
    "q1 = nn.utils.rnn.pack_padded_sequence(x.unsqueeze(-1), [3, 2], batch_first=True);"
    " nn.utils.rnn.pad_packed_sequence(q1, batch_first=True)",
    "nn.CrossEntropyLoss()(x, k)", "nn.CrossEntropyLoss(reduction='none')(x, k)",
    "str(nn.CrossEntropyLoss())",
    "nn.MSELoss()(x, y)", "nn.MSELoss(size_average=False)(x, y)",
    "nn.MSELoss(reduction='mean')(x, v)",
    "nn.BCELoss()(p, b.float())", "nn.BCEWithLogitsLoss()(x, p)", "nn.NLLLoss()(x, k)",
    "nn.L1Loss()(x, y)",
    "nn.KLDivLoss(reduction='batchmean')(x, p)", "nn.SmoothL1Loss()(x, y)",
    "nn.HuberLoss(delta=0.5)(x, y)",
    "nn.Softmax(dim=1)(x)", "nn.Softmax()(x)", "nn.LogSoftmax(dim=-1)(x)", "nn.LogSoftmax()(x)",
    "nn.Upsample(scale_factor=2)(t)", "nn.Identity(3, a=1)(x)", "nn.Unflatten(1, (1, 3))(x).shape",
    "nn.PReLU()(x)", "nn.LeakyReLU(0.1, True)(x), x", "nn.GELU('tanh')(x)",
    "nn.CosineSimilarity(dim=1)(x, y)",
    "nn.DataParallel(nn.ReLU())(x)", "nn.AdaptiveAvgPool1d(1)(t)", "nn.MaxPool1d(2)(t)",
    "nn.LayerNorm(3)(x)",
    "nn.GroupNorm(1, 3)(t)", "nn.Module().forward(x)", "nn.Linear(3, 2, False).bias",
    "nn.Linear(3)",
    "nn.Linear(3, 2, device='cuda')", "nn.Linear(3, 2, dtype=torch.float64).weight.dtype",
    "nn.Conv2d(1, 2, 3, 1, 1).weight.shape",
    "nn.Conv2d(3, 4, kernel_size=(3, 5), padding='same', bias=False)(t.view(1, 3, 2, 4)).shape",
    "nn.Dropout()(torch.ones(0))", "nn.Dropout(2.0)", "nn.Hardtanh(min_value=-2)(x)",
    "nn.TripletMarginLoss()(x, y, p)", "nn.ZeroPad2d(1)(t)", "nn.ReflectionPad1d(1)(t)",
    "nn.PixelShuffle(1)(t)",
    "torch.nn.functional.relu is F.relu", "torch.nn.parameter.Parameter is nn.Parameter",
]  # fmt: skip


@pytest.mark.parametrize("expression", MODULES)
def test_modules(expression: str) -> None:
    compare(BEGIN + expression)
