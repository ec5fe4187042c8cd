"""The families of layers: a file, and the public names that are loaded from it when named."""

__all__ = ["FAMILIES"]

FAMILIES = {
    "activations": "CELU ELU LeakyReLU PReLU ReLU ReLU6 RReLU SELU",
    "activations_axis": "GLU LogSoftmax Maxout Softmax Softmax2d Softmin",
    "activations_clipped": "Hardshrink Hardsigmoid Hardswish Hardtanh Softshrink Step Threshold",
    "activations_smooth": "GELU LogSigmoid Mish Sigmoid SiLU Softplus Softsign Tanh Tanhshrink",
    "adaptive": "AdaptiveLogSoftmaxWithLoss",
    "adaptive_pooling": (
        "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d "
        "AdaptiveMaxPool2d AdaptiveMaxPool3d"
    ),
    "attention": "MultiheadAttention",
    "average_pooling": "AvgPool1d AvgPool2d AvgPool3d LPPool1d LPPool2d LPPool3d",
    "batch_norm": (
        "BatchNorm1d BatchNorm2d BatchNorm3d LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d"
    ),
    "convolution": "Conv1d Conv2d Conv3d LazyConv1d LazyConv2d LazyConv3d",
    "dense": "Dense",
    "distance": "CosineSimilarity PairwiseDistance",
    "dropout": "AlphaDropout Dropout Dropout1d Dropout2d Dropout3d FeatureAlphaDropout",
    "embedding": "Embedding EmbeddingBag",
    "fractional_pooling": "FractionalMaxPool2d FractionalMaxPool3d",
    "instance_norm": (
        "InstanceNorm1d InstanceNorm2d InstanceNorm3d LazyInstanceNorm1d LazyInstanceNorm2d "
        "LazyInstanceNorm3d"
    ),
    "layer_norm": "GroupNorm LayerNorm RMSNorm",
    "losses": "GaussianNLLLoss HuberLoss KLDivLoss L1Loss MSELoss PoissonNLLLoss SmoothL1Loss",
    "losses_classes": (
        "BCELoss BCEWithLogitsLoss CategoricalCrossEntropy CrossEntropyLoss CTCLoss NLLLoss "
        "SparseCategoricalCrossEntropy"
    ),
    "losses_linear": "LinearCrossEntropyLoss",
    "losses_margins": (
        "CosineEmbeddingLoss HingeEmbeddingLoss MarginRankingLoss MultiLabelMarginLoss "
        "MultiLabelSoftMarginLoss MultiMarginLoss SoftMarginLoss TripletMarginLoss "
        "TripletMarginWithDistanceLoss"
    ),
    "max_pooling": "MaxPool1d MaxPool2d MaxPool3d MaxUnpool1d MaxUnpool2d MaxUnpool3d",
    "padding": (
        "CircularPad1d CircularPad2d CircularPad3d ConstantPad1d ConstantPad2d ConstantPad3d "
        "ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d "
        "ReplicationPad3d ZeroPad1d ZeroPad2d ZeroPad3d"
    ),
    "parameter_containers": "ParameterDict ParameterList",
    "recurrent": "GRU LSTM RNN",
    "recurrent_cells": "GRUCell LSTMCell RNNCell",
    "response_norm": "LocalResponseNorm",
    "saving": "load load_checkpoint save save_checkpoint",
    "transformer": "Transformer TransformerDecoder TransformerEncoder",
    "transformer_layers": "TransformerDecoderLayer TransformerEncoderLayer",
    "transposed_convolution": (
        "ConvTranspose1d ConvTranspose2d ConvTranspose3d LazyConvTranspose1d "
        "LazyConvTranspose2d LazyConvTranspose3d"
    ),
    "unfolding": "Fold Unfold",
    "upsampling": "PixelShuffle PixelUnshuffle Upsample UpsamplingBilinear2d UpsamplingNearest2d",
    "weighted_pooling": "WeightedAvgPool1d WeightedAvgPool2d",
}
