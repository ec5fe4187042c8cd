"""nn: layers, losses and initial values, with PyTorch's names."""

from typing import TYPE_CHECKING

from autograd.engine.arguments import guard
from autograd.engine.late import late
from autograd.random import manual_seed
from nn import functional, init
from nn.families import LAYERS
from nn.linear.layers import (
    Bilinear,
    ChannelShuffle,
    Flatten,
    Identity,
    LazyLinear,
    Linear,
    Unflatten,
)
from nn.module.containers import ModuleDict, ModuleList, Sequential
from nn.module.input import Input
from nn.module.lazy import LazyModuleMixin
from nn.module.module import Module
from nn.module.parameter import Buffer, Parameter, UninitializedBuffer, UninitializedParameter
from nn.training.model import Model

if TYPE_CHECKING:
    from nn import callbacks, data, datasets, metrics, models, plot, utils
    from nn.activation.axis_layers import GLU, LogSoftmax, Maxout, Softmax, Softmax2d, Softmin
    from nn.activation.clipped_layers import (
        Hardshrink,
        Hardsigmoid,
        Hardswish,
        Hardtanh,
        Softshrink,
        Step,
        Threshold,
    )
    from nn.activation.piecewise_layers import (
        CELU,
        ELU,
        SELU,
        LeakyReLU,
        PReLU,
        ReLU,
        ReLU6,
        RReLU,
    )
    from nn.activation.smooth_layers import (
        GELU,
        LogSigmoid,
        Mish,
        Sigmoid,
        SiLU,
        Softplus,
        Softsign,
        Tanh,
        Tanhshrink,
    )
    from nn.attention.layers import MultiheadAttention
    from nn.attention.transformer import Transformer, TransformerDecoder, TransformerEncoder
    from nn.attention.transformer_layers import TransformerDecoderLayer, TransformerEncoderLayer
    from nn.convolution.layers import Conv1d, Conv2d, Conv3d, LazyConv1d, LazyConv2d, LazyConv3d
    from nn.convolution.transposed_layers import (
        ConvTranspose1d,
        ConvTranspose2d,
        ConvTranspose3d,
        LazyConvTranspose1d,
        LazyConvTranspose2d,
        LazyConvTranspose3d,
    )
    from nn.convolution.unfolding_layers import Fold, Unfold
    from nn.dropout.layers import (
        AlphaDropout,
        Dropout,
        Dropout1d,
        Dropout2d,
        Dropout3d,
        FeatureAlphaDropout,
    )
    from nn.embedding.layers import Embedding, EmbeddingBag
    from nn.linear.dense import Dense
    from nn.loss.adaptive_softmax import AdaptiveLogSoftmaxWithLoss
    from nn.loss.classification_layers import (
        BCELoss,
        BCEWithLogitsLoss,
        CategoricalCrossEntropy,
        CrossEntropyLoss,
        CTCLoss,
        NLLLoss,
        SparseCategoricalCrossEntropy,
    )
    from nn.loss.distance_layers import CosineSimilarity, PairwiseDistance
    from nn.loss.layers import (
        GaussianNLLLoss,
        HuberLoss,
        KLDivLoss,
        L1Loss,
        MSELoss,
        PoissonNLLLoss,
        SmoothL1Loss,
    )
    from nn.loss.linear_cross_entropy import LinearCrossEntropyLoss
    from nn.loss.margin_layers import (
        CosineEmbeddingLoss,
        HingeEmbeddingLoss,
        MarginRankingLoss,
        MultiLabelMarginLoss,
        MultiLabelSoftMarginLoss,
        MultiMarginLoss,
        SoftMarginLoss,
        TripletMarginLoss,
        TripletMarginWithDistanceLoss,
    )
    from nn.module.parameter_containers import ParameterDict, ParameterList
    from nn.module.saving import load, load_checkpoint, save, save_checkpoint
    from nn.normalization.batch_norm_layers import (
        BatchNorm1d,
        BatchNorm2d,
        BatchNorm3d,
        LazyBatchNorm1d,
        LazyBatchNorm2d,
        LazyBatchNorm3d,
    )
    from nn.normalization.instance_norm_layers import (
        InstanceNorm1d,
        InstanceNorm2d,
        InstanceNorm3d,
        LazyInstanceNorm1d,
        LazyInstanceNorm2d,
        LazyInstanceNorm3d,
    )
    from nn.normalization.layer_norm_layers import GroupNorm, LayerNorm, RMSNorm
    from nn.normalization.response_norm_layers import LocalResponseNorm
    from nn.padding.layers import (
        CircularPad1d,
        CircularPad2d,
        CircularPad3d,
        ConstantPad1d,
        ConstantPad2d,
        ConstantPad3d,
        ReflectionPad1d,
        ReflectionPad2d,
        ReflectionPad3d,
        ReplicationPad1d,
        ReplicationPad2d,
        ReplicationPad3d,
        ZeroPad1d,
        ZeroPad2d,
        ZeroPad3d,
    )
    from nn.pooling.adaptive_layers import (
        AdaptiveAvgPool1d,
        AdaptiveAvgPool2d,
        AdaptiveAvgPool3d,
        AdaptiveMaxPool1d,
        AdaptiveMaxPool2d,
        AdaptiveMaxPool3d,
    )
    from nn.pooling.average_layers import (
        AvgPool1d,
        AvgPool2d,
        AvgPool3d,
        LPPool1d,
        LPPool2d,
        LPPool3d,
    )
    from nn.pooling.fractional_layers import FractionalMaxPool2d, FractionalMaxPool3d
    from nn.pooling.max_layers import (
        MaxPool1d,
        MaxPool2d,
        MaxPool3d,
        MaxUnpool1d,
        MaxUnpool2d,
        MaxUnpool3d,
    )
    from nn.pooling.weighted_layers import WeightedAvgPool1d, WeightedAvgPool2d
    from nn.recurrent.cells import GRUCell, LSTMCell, RNNCell
    from nn.recurrent.layers import GRU, LSTM, RNN
    from nn.resampling.layers import (
        PixelShuffle,
        PixelUnshuffle,
        Upsample,
        UpsamplingBilinear2d,
        UpsamplingNearest2d,
    )

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "GRU",
    "LSTM",
    "RNN",
    "SELU",
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveLogSoftmaxWithLoss",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "AlphaDropout",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "Bilinear",
    "Buffer",
    "CTCLoss",
    "CategoricalCrossEntropy",
    "ChannelShuffle",
    "CircularPad1d",
    "CircularPad2d",
    "CircularPad3d",
    "ConstantPad1d",
    "ConstantPad2d",
    "ConstantPad3d",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "CosineEmbeddingLoss",
    "CosineSimilarity",
    "CrossEntropyLoss",
    "Dense",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "Embedding",
    "EmbeddingBag",
    "FeatureAlphaDropout",
    "Flatten",
    "Fold",
    "FractionalMaxPool2d",
    "FractionalMaxPool3d",
    "GRUCell",
    "GaussianNLLLoss",
    "GroupNorm",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "HingeEmbeddingLoss",
    "HuberLoss",
    "Identity",
    "Input",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "KLDivLoss",
    "L1Loss",
    "LPPool1d",
    "LPPool2d",
    "LPPool3d",
    "LSTMCell",
    "LayerNorm",
    "LazyBatchNorm1d",
    "LazyBatchNorm2d",
    "LazyBatchNorm3d",
    "LazyConv1d",
    "LazyConv2d",
    "LazyConv3d",
    "LazyConvTranspose1d",
    "LazyConvTranspose2d",
    "LazyConvTranspose3d",
    "LazyInstanceNorm1d",
    "LazyInstanceNorm2d",
    "LazyInstanceNorm3d",
    "LazyLinear",
    "LazyModuleMixin",
    "LeakyReLU",
    "Linear",
    "LinearCrossEntropyLoss",
    "LocalResponseNorm",
    "LogSigmoid",
    "LogSoftmax",
    "MSELoss",
    "MarginRankingLoss",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "MaxUnpool1d",
    "MaxUnpool2d",
    "MaxUnpool3d",
    "Maxout",
    "Mish",
    "Model",
    "Module",
    "ModuleDict",
    "ModuleList",
    "MultiLabelMarginLoss",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "MultiheadAttention",
    "NLLLoss",
    "PReLU",
    "PairwiseDistance",
    "Parameter",
    "ParameterDict",
    "ParameterList",
    "PixelShuffle",
    "PixelUnshuffle",
    "PoissonNLLLoss",
    "RMSNorm",
    "RNNCell",
    "RReLU",
    "ReLU",
    "ReLU6",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReflectionPad3d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ReplicationPad3d",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "SmoothL1Loss",
    "SoftMarginLoss",
    "Softmax",
    "Softmax2d",
    "Softmin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "SparseCategoricalCrossEntropy",
    "Step",
    "Tanh",
    "Tanhshrink",
    "Threshold",
    "Transformer",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
    "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
    "Unflatten",
    "Unfold",
    "UninitializedBuffer",
    "UninitializedParameter",
    "Upsample",
    "UpsamplingBilinear2d",
    "UpsamplingNearest2d",
    "WeightedAvgPool1d",
    "WeightedAvgPool2d",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
    "callbacks",
    "data",
    "datasets",
    "functional",
    "init",
    "load",
    "load_checkpoint",
    "manual_seed",
    "metrics",
    "models",
    "plot",
    "save",
    "save_checkpoint",
    "utils",
]

guard(__name__, __all__)
__getattr__ = late(
    "nn", "nn", LAYERS, ("callbacks", "data", "datasets", "metrics", "models", "plot", "utils")
)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
