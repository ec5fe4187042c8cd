# fmt: off
# isort: skip_file
"""The public names of nn.functional, and where each is defined."""

from nn.activation.piecewise import (
    celu as celu, elu as elu, hardshrink as hardshrink, hardsigmoid as hardsigmoid,
    hardswish as hardswish, hardtanh as hardtanh, leaky_relu as leaky_relu, prelu as prelu,
    relu as relu, relu6 as relu6, rrelu as rrelu, selu as selu, softshrink as softshrink,
    threshold as threshold,
)
from nn.activation.smooth import (
    gelu as gelu, logsigmoid as logsigmoid, mish as mish, sigmoid as sigmoid, silu as silu,
    softplus as softplus, softsign as softsign, tanh as tanh, tanhshrink as tanhshrink,
)
from nn.activation.softmax import (
    glu as glu, gumbel_softmax as gumbel_softmax, log_softmax as log_softmax, maxout as maxout,
    normalize as normalize, one_hot as one_hot, softmax as softmax, softmin as softmin,
)
from nn.dropout.dropout import (
    alpha_dropout as alpha_dropout, dropout as dropout, dropout1d as dropout1d,
    dropout2d as dropout2d, dropout3d as dropout3d,
    feature_alpha_dropout as feature_alpha_dropout,
)
from nn.embedding.embedding import embedding as embedding, embedding_bag as embedding_bag
from nn.linear.linear import (
    bilinear as bilinear, channel_shuffle as channel_shuffle, linear as linear,
)
from nn.loss.cross_entropy import (
    cross_entropy as cross_entropy, linear_cross_entropy as linear_cross_entropy,
)
from nn.loss.nll import nll_loss as nll_loss
from nn.normalization.batch_norm import batch_norm as batch_norm, instance_norm as instance_norm
from nn.normalization.layer_norm import (
    group_norm as group_norm, layer_norm as layer_norm, rms_norm as rms_norm,
)
from nn.attention.attention import scaled_dot_product_attention as scaled_dot_product_attention
from nn.attention.multi_head import multi_head_attention_forward as multi_head_attention_forward
from nn.convolution.convolution import conv1d as conv1d, conv2d as conv2d, conv3d as conv3d
from nn.convolution.transposed import (
    conv_transpose1d as conv_transpose1d, conv_transpose2d as conv_transpose2d,
    conv_transpose3d as conv_transpose3d,
)
from nn.convolution.unfolding import fold as fold, unfold as unfold
from nn.loss.classification import (
    binary_cross_entropy as binary_cross_entropy,
    binary_cross_entropy_with_logits as binary_cross_entropy_with_logits,
    categorical_cross_entropy as categorical_cross_entropy,
    sparse_categorical_cross_entropy as sparse_categorical_cross_entropy,
)
from nn.loss.ctc import ctc_loss as ctc_loss
from nn.loss.distance import (
    cosine_similarity as cosine_similarity, pairwise_distance as pairwise_distance,
    pdist as pdist,
)
from nn.loss.divergence import (
    gaussian_nll_loss as gaussian_nll_loss, kl_div as kl_div,
    poisson_nll_loss as poisson_nll_loss,
)
from nn.loss.margins import (
    multi_margin_loss as multi_margin_loss, multilabel_margin_loss as multilabel_margin_loss,
    multilabel_soft_margin_loss as multilabel_soft_margin_loss,
    soft_margin_loss as soft_margin_loss,
)
from nn.loss.pairs import (
    cosine_embedding_loss as cosine_embedding_loss, hinge_embedding_loss as hinge_embedding_loss,
    margin_ranking_loss as margin_ranking_loss, triplet_margin_loss as triplet_margin_loss,
    triplet_margin_with_distance_loss as triplet_margin_with_distance_loss,
)
from nn.loss.regression import (
    huber_loss as huber_loss, l1_loss as l1_loss, mse_loss as mse_loss,
    smooth_l1_loss as smooth_l1_loss,
)
from nn.normalization.response_norm import local_response_norm as local_response_norm
from nn.padding.padding import pad as pad
from nn.pooling.adaptive import (
    adaptive_avg_pool1d as adaptive_avg_pool1d, adaptive_avg_pool2d as adaptive_avg_pool2d,
    adaptive_avg_pool3d as adaptive_avg_pool3d, adaptive_max_pool1d as adaptive_max_pool1d,
    adaptive_max_pool1d_with_indices as adaptive_max_pool1d_with_indices,
    adaptive_max_pool2d as adaptive_max_pool2d,
    adaptive_max_pool2d_with_indices as adaptive_max_pool2d_with_indices,
    adaptive_max_pool3d as adaptive_max_pool3d,
    adaptive_max_pool3d_with_indices as adaptive_max_pool3d_with_indices,
)
from nn.pooling.average import (
    avg_pool1d as avg_pool1d, avg_pool2d as avg_pool2d, avg_pool3d as avg_pool3d,
    lp_pool1d as lp_pool1d, lp_pool2d as lp_pool2d, lp_pool3d as lp_pool3d,
)
from nn.pooling.fractional import (
    fractional_max_pool2d as fractional_max_pool2d,
    fractional_max_pool2d_with_indices as fractional_max_pool2d_with_indices,
    fractional_max_pool3d as fractional_max_pool3d,
    fractional_max_pool3d_with_indices as fractional_max_pool3d_with_indices,
)
from nn.pooling.max import (
    max_pool1d as max_pool1d, max_pool1d_with_indices as max_pool1d_with_indices,
    max_pool2d as max_pool2d, max_pool2d_with_indices as max_pool2d_with_indices,
    max_pool3d as max_pool3d, max_pool3d_with_indices as max_pool3d_with_indices,
)
from nn.pooling.unpooling import (
    max_unpool1d as max_unpool1d, max_unpool2d as max_unpool2d, max_unpool3d as max_unpool3d,
)
from nn.pooling.weighted import (
    weighted_avg_pool1d as weighted_avg_pool1d, weighted_avg_pool2d as weighted_avg_pool2d,
)
from nn.resampling.grids import affine_grid as affine_grid, grid_sample as grid_sample
from nn.resampling.interpolation import (
    interpolate as interpolate, upsample as upsample, upsample_bilinear as upsample_bilinear,
    upsample_nearest as upsample_nearest,
)
from nn.resampling.pixels import pixel_shuffle as pixel_shuffle, pixel_unshuffle as pixel_unshuffle
