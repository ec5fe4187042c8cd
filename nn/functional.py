"""Layers and losses as functions of Tensors: a face that hands on what the rooms of `nn` hold.

What holds for all of them is said here. `input` is a Tensor, an array or lists of numbers; shapes
that do not fit raise ShapeError. `dim` is an axis, and `keepdim` leaves length 1 there. Of losses,
`target` is what the input should have been, and `reduction` makes the "mean" or the "sum" of all
losses, or leaves them as they are ("none"). `training` says whether to do what is done in training
alone; `rng` is a generator or a seed; `inplace` is taken for PyTorch's sake and has no effect.
Integers and booleans are computed in the default dtype where a function averages or weighs.
"""

from typing import TYPE_CHECKING

from autograd.engine.arguments import guard
from autograd.engine.late import late
from nn.activation.piecewise import (
    celu,
    elu,
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    leaky_relu,
    prelu,
    relu,
    relu6,
    rrelu,
    selu,
    softshrink,
    threshold,
)
from nn.activation.smooth import (
    gelu,
    logsigmoid,
    mish,
    sigmoid,
    silu,
    softplus,
    softsign,
    tanh,
    tanhshrink,
)
from nn.activation.softmax import (
    glu,
    gumbel_softmax,
    log_softmax,
    maxout,
    normalize,
    one_hot,
    softmax,
    softmin,
)
from nn.dropout.dropout import (
    alpha_dropout,
    dropout,
    dropout1d,
    dropout2d,
    dropout3d,
    feature_alpha_dropout,
)
from nn.embedding.embedding import embedding, embedding_bag
from nn.families import FUNCTIONS
from nn.linear.linear import bilinear, channel_shuffle, linear
from nn.loss.cross_entropy import cross_entropy, linear_cross_entropy, nll_loss
from nn.normalization.batch_norm import batch_norm, instance_norm
from nn.normalization.layer_norm import group_norm, layer_norm, rms_norm

if TYPE_CHECKING:
    from nn.attention.attention import scaled_dot_product_attention
    from nn.attention.multi_head import multi_head_attention_forward
    from nn.convolution.convolution import conv1d, conv2d, conv3d
    from nn.convolution.transposed import conv_transpose1d, conv_transpose2d, conv_transpose3d
    from nn.convolution.unfolding import fold, unfold
    from nn.loss.classification import (
        binary_cross_entropy,
        binary_cross_entropy_with_logits,
        categorical_cross_entropy,
        sparse_categorical_cross_entropy,
    )
    from nn.loss.ctc import ctc_loss
    from nn.loss.distance import cosine_similarity, pairwise_distance, pdist
    from nn.loss.divergence import gaussian_nll_loss, kl_div, poisson_nll_loss
    from nn.loss.margins import (
        multi_margin_loss,
        multilabel_margin_loss,
        multilabel_soft_margin_loss,
        soft_margin_loss,
    )
    from nn.loss.pairs import (
        cosine_embedding_loss,
        hinge_embedding_loss,
        margin_ranking_loss,
        triplet_margin_loss,
        triplet_margin_with_distance_loss,
    )
    from nn.loss.regression import huber_loss, l1_loss, mse_loss, smooth_l1_loss
    from nn.normalization.response_norm import local_response_norm
    from nn.padding.padding import pad
    from nn.pooling.adaptive import (
        adaptive_avg_pool1d,
        adaptive_avg_pool2d,
        adaptive_avg_pool3d,
        adaptive_max_pool1d,
        adaptive_max_pool1d_with_indices,
        adaptive_max_pool2d,
        adaptive_max_pool2d_with_indices,
        adaptive_max_pool3d,
        adaptive_max_pool3d_with_indices,
    )
    from nn.pooling.average import (
        avg_pool1d,
        avg_pool2d,
        avg_pool3d,
        lp_pool1d,
        lp_pool2d,
        lp_pool3d,
    )
    from nn.pooling.fractional import (
        fractional_max_pool2d,
        fractional_max_pool2d_with_indices,
        fractional_max_pool3d,
        fractional_max_pool3d_with_indices,
    )
    from nn.pooling.max import (
        max_pool1d,
        max_pool1d_with_indices,
        max_pool2d,
        max_pool2d_with_indices,
        max_pool3d,
        max_pool3d_with_indices,
    )
    from nn.pooling.unpooling import max_unpool1d, max_unpool2d, max_unpool3d
    from nn.pooling.weighted import weighted_avg_pool1d, weighted_avg_pool2d
    from nn.resampling.grids import affine_grid, grid_sample
    from nn.resampling.interpolation import (
        interpolate,
        upsample,
        upsample_bilinear,
        upsample_nearest,
    )
    from nn.resampling.pixels import pixel_shuffle, pixel_unshuffle

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool1d_with_indices",
    "adaptive_max_pool2d",
    "adaptive_max_pool2d_with_indices",
    "adaptive_max_pool3d",
    "adaptive_max_pool3d_with_indices",
    "affine_grid",
    "alpha_dropout",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "batch_norm",
    "bilinear",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "categorical_cross_entropy",
    "celu",
    "channel_shuffle",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "cosine_embedding_loss",
    "cosine_similarity",
    "cross_entropy",
    "ctc_loss",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "elu",
    "embedding",
    "embedding_bag",
    "feature_alpha_dropout",
    "fold",
    "fractional_max_pool2d",
    "fractional_max_pool2d_with_indices",
    "fractional_max_pool3d",
    "fractional_max_pool3d_with_indices",
    "gaussian_nll_loss",
    "gelu",
    "glu",
    "grid_sample",
    "group_norm",
    "gumbel_softmax",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hinge_embedding_loss",
    "huber_loss",
    "instance_norm",
    "interpolate",
    "kl_div",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "linear",
    "linear_cross_entropy",
    "local_response_norm",
    "log_softmax",
    "logsigmoid",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "margin_ranking_loss",
    "max_pool1d",
    "max_pool1d_with_indices",
    "max_pool2d",
    "max_pool2d_with_indices",
    "max_pool3d",
    "max_pool3d_with_indices",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
    "maxout",
    "mish",
    "mse_loss",
    "multi_head_attention_forward",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
    "normalize",
    "one_hot",
    "pad",
    "pairwise_distance",
    "pdist",
    "pixel_shuffle",
    "pixel_unshuffle",
    "poisson_nll_loss",
    "prelu",
    "relu",
    "relu6",
    "rms_norm",
    "rrelu",
    "scaled_dot_product_attention",
    "selu",
    "sigmoid",
    "silu",
    "smooth_l1_loss",
    "soft_margin_loss",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "sparse_categorical_cross_entropy",
    "tanh",
    "tanhshrink",
    "threshold",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
    "unfold",
    "upsample",
    "upsample_bilinear",
    "upsample_nearest",
    "weighted_avg_pool1d",
    "weighted_avg_pool2d",
]

__getattr__ = late("nn.functional", "nn", FUNCTIONS)
guard(__name__, __all__)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
