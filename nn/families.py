"""Where public names are loaded from when they are first named: modules, and what they hold."""

__all__ = ["FUNCTIONS", "LAYERS"]

LAYERS = {
    "activation.axis_layers": "GLU LogSoftmax Maxout Softmax Softmax2d Softmin",
    "activation.clipped_layers": (
        "Hardshrink Hardsigmoid Hardswish Hardtanh Softshrink Step Threshold"
    ),
    "activation.piecewise_layers": "CELU ELU LeakyReLU PReLU ReLU ReLU6 RReLU SELU",
    "activation.smooth_layers": (
        "GELU LogSigmoid Mish Sigmoid SiLU Softplus Softsign Tanh Tanhshrink"
    ),
    "attention.layers": "MultiheadAttention",
    "attention.transformer": "Transformer TransformerDecoder TransformerEncoder",
    "attention.transformer_layers": "TransformerDecoderLayer TransformerEncoderLayer",
    "convolution.layers": "Conv1d Conv2d Conv3d LazyConv1d LazyConv2d LazyConv3d",
    "convolution.transposed_layers": (
        "ConvTranspose1d ConvTranspose2d ConvTranspose3d LazyConvTranspose1d "
        "LazyConvTranspose2d LazyConvTranspose3d"
    ),
    "convolution.unfolding_layers": "Fold Unfold",
    "dropout.layers": "AlphaDropout Dropout Dropout1d Dropout2d Dropout3d FeatureAlphaDropout",
    "embedding.layers": "Embedding EmbeddingBag",
    "linear.dense": "Dense",
    "loss.adaptive_softmax": "AdaptiveLogSoftmaxWithLoss",
    "loss.classification_layers": (
        "BCELoss BCEWithLogitsLoss CategoricalCrossEntropy CrossEntropyLoss CTCLoss NLLLoss "
        "SparseCategoricalCrossEntropy"
    ),
    "loss.distance_layers": "CosineSimilarity PairwiseDistance",
    "loss.layers": "GaussianNLLLoss HuberLoss KLDivLoss L1Loss MSELoss PoissonNLLLoss SmoothL1Loss",
    "loss.linear_cross_entropy": "LinearCrossEntropyLoss",
    "loss.margin_layers": (
        "CosineEmbeddingLoss HingeEmbeddingLoss MarginRankingLoss MultiLabelMarginLoss "
        "MultiLabelSoftMarginLoss MultiMarginLoss SoftMarginLoss TripletMarginLoss "
        "TripletMarginWithDistanceLoss"
    ),
    "module.parameter_containers": "ParameterDict ParameterList",
    "module.saving": "load load_checkpoint save save_checkpoint",
    "normalization.batch_norm_layers": (
        "BatchNorm1d BatchNorm2d BatchNorm3d LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d"
    ),
    "normalization.instance_norm_layers": (
        "InstanceNorm1d InstanceNorm2d InstanceNorm3d LazyInstanceNorm1d LazyInstanceNorm2d "
        "LazyInstanceNorm3d"
    ),
    "normalization.layer_norm_layers": "GroupNorm LayerNorm RMSNorm",
    "normalization.response_norm_layers": "LocalResponseNorm",
    "padding.layers": (
        "CircularPad1d CircularPad2d CircularPad3d ConstantPad1d ConstantPad2d ConstantPad3d "
        "ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d "
        "ReplicationPad3d ZeroPad1d ZeroPad2d ZeroPad3d"
    ),
    "pooling.adaptive_layers": (
        "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d "
        "AdaptiveMaxPool2d AdaptiveMaxPool3d"
    ),
    "pooling.average_layers": "AvgPool1d AvgPool2d AvgPool3d LPPool1d LPPool2d LPPool3d",
    "pooling.fractional_layers": "FractionalMaxPool2d FractionalMaxPool3d",
    "pooling.max_layers": "MaxPool1d MaxPool2d MaxPool3d MaxUnpool1d MaxUnpool2d MaxUnpool3d",
    "pooling.weighted_layers": "WeightedAvgPool1d WeightedAvgPool2d",
    "recurrent.cells": "GRUCell LSTMCell RNNCell",
    "recurrent.layers": "GRU LSTM RNN",
    "resampling.layers": (
        "PixelShuffle PixelUnshuffle Upsample UpsamplingBilinear2d UpsamplingNearest2d"
    ),
}

FUNCTIONS = {
    "attention.attention": "scaled_dot_product_attention",
    "attention.multi_head": "multi_head_attention_forward",
    "convolution.convolution": "conv1d conv2d conv3d",
    "convolution.transposed": "conv_transpose1d conv_transpose2d conv_transpose3d",
    "convolution.unfolding": "fold unfold",
    "loss.classification": (
        "binary_cross_entropy binary_cross_entropy_with_logits categorical_cross_entropy "
        "sparse_categorical_cross_entropy"
    ),
    "loss.ctc": "ctc_loss",
    "loss.distance": "cosine_similarity pairwise_distance pdist",
    "loss.divergence": "gaussian_nll_loss kl_div poisson_nll_loss",
    "loss.margins": (
        "multi_margin_loss multilabel_margin_loss multilabel_soft_margin_loss soft_margin_loss"
    ),
    "loss.pairs": (
        "cosine_embedding_loss hinge_embedding_loss margin_ranking_loss triplet_margin_loss "
        "triplet_margin_with_distance_loss"
    ),
    "loss.regression": "huber_loss l1_loss mse_loss smooth_l1_loss",
    "normalization.response_norm": "local_response_norm",
    "padding.padding": "pad",
    "pooling.adaptive": (
        "adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d "
        "adaptive_max_pool1d_with_indices adaptive_max_pool2d "
        "adaptive_max_pool2d_with_indices adaptive_max_pool3d "
        "adaptive_max_pool3d_with_indices"
    ),
    "pooling.average": "avg_pool1d avg_pool2d avg_pool3d lp_pool1d lp_pool2d lp_pool3d",
    "pooling.fractional": (
        "fractional_max_pool2d fractional_max_pool2d_with_indices fractional_max_pool3d "
        "fractional_max_pool3d_with_indices"
    ),
    "pooling.max": (
        "max_pool1d max_pool1d_with_indices max_pool2d max_pool2d_with_indices max_pool3d "
        "max_pool3d_with_indices"
    ),
    "pooling.unpooling": "max_unpool1d max_unpool2d max_unpool3d",
    "pooling.weighted": "weighted_avg_pool1d weighted_avg_pool2d",
    "resampling.grids": "affine_grid grid_sample",
    "resampling.interpolation": "interpolate upsample upsample_bilinear upsample_nearest",
    "resampling.pixels": "pixel_shuffle pixel_unshuffle",
}
