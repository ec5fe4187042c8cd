"""nn: layers, losses and initial values, with PyTorch's names."""

from typing import TYPE_CHECKING

from autograd.arguments import guard
from autograd.late import late
from autograd.random import manual_seed
from nn import functional, init
from nn.containers import ModuleDict, ModuleList, Sequential
from nn.families import FAMILIES
from nn.input import Input
from nn.lazy import LazyModuleMixin
from nn.linear import Bilinear, ChannelShuffle, Flatten, Identity, LazyLinear, Linear, Unflatten
from nn.model import Model
from nn.module import Module
from nn.parameter import Buffer, Parameter, UninitializedBuffer, UninitializedParameter

if TYPE_CHECKING:
    from nn import callbacks, data, datasets, metrics, models, plot, utils
    from nn.activations import CELU, ELU, SELU, LeakyReLU, PReLU, ReLU, ReLU6, RReLU
    from nn.activations_axis import GLU, LogSoftmax, Maxout, Softmax, Softmax2d, Softmin
    from nn.activations_clipped import (
        Hardshrink,
        Hardsigmoid,
        Hardswish,
        Hardtanh,
        Softshrink,
        Step,
        Threshold,
    )
    from nn.activations_smooth import (
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
    from nn.adaptive import AdaptiveLogSoftmaxWithLoss
    from nn.adaptive_pooling import (
        AdaptiveAvgPool1d,
        AdaptiveAvgPool2d,
        AdaptiveAvgPool3d,
        AdaptiveMaxPool1d,
        AdaptiveMaxPool2d,
        AdaptiveMaxPool3d,
    )
    from nn.attention import MultiheadAttention
    from nn.average_pooling import AvgPool1d, AvgPool2d, AvgPool3d, LPPool1d, LPPool2d, LPPool3d
    from nn.batch_norm import (
        BatchNorm1d,
        BatchNorm2d,
        BatchNorm3d,
        LazyBatchNorm1d,
        LazyBatchNorm2d,
        LazyBatchNorm3d,
    )
    from nn.convolution import Conv1d, Conv2d, Conv3d, LazyConv1d, LazyConv2d, LazyConv3d
    from nn.dense import Dense
    from nn.distance import CosineSimilarity, PairwiseDistance
    from nn.dropout import (
        AlphaDropout,
        Dropout,
        Dropout1d,
        Dropout2d,
        Dropout3d,
        FeatureAlphaDropout,
    )
    from nn.embedding import Embedding, EmbeddingBag
    from nn.fractional_pooling import FractionalMaxPool2d, FractionalMaxPool3d
    from nn.instance_norm import (
        InstanceNorm1d,
        InstanceNorm2d,
        InstanceNorm3d,
        LazyInstanceNorm1d,
        LazyInstanceNorm2d,
        LazyInstanceNorm3d,
    )
    from nn.layer_norm import GroupNorm, LayerNorm, RMSNorm
    from nn.losses import (
        GaussianNLLLoss,
        HuberLoss,
        KLDivLoss,
        L1Loss,
        MSELoss,
        PoissonNLLLoss,
        SmoothL1Loss,
    )
    from nn.losses_classes import (
        BCELoss,
        BCEWithLogitsLoss,
        CategoricalCrossEntropy,
        CrossEntropyLoss,
        CTCLoss,
        NLLLoss,
        SparseCategoricalCrossEntropy,
    )
    from nn.losses_linear import LinearCrossEntropyLoss
    from nn.losses_margins import (
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
    from nn.max_pooling import (
        MaxPool1d,
        MaxPool2d,
        MaxPool3d,
        MaxUnpool1d,
        MaxUnpool2d,
        MaxUnpool3d,
    )
    from nn.padding import (
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
    from nn.parameter_containers import ParameterDict, ParameterList
    from nn.recurrent import GRU, LSTM, RNN
    from nn.recurrent_cells import GRUCell, LSTMCell, RNNCell
    from nn.response_norm import LocalResponseNorm
    from nn.saving import load, load_checkpoint, save, save_checkpoint
    from nn.transformer import Transformer, TransformerDecoder, TransformerEncoder
    from nn.transformer_layers import TransformerDecoderLayer, TransformerEncoderLayer
    from nn.transposed_convolution import (
        ConvTranspose1d,
        ConvTranspose2d,
        ConvTranspose3d,
        LazyConvTranspose1d,
        LazyConvTranspose2d,
        LazyConvTranspose3d,
    )
    from nn.unfolding import Fold, Unfold
    from nn.upsampling import (
        PixelShuffle,
        PixelUnshuffle,
        Upsample,
        UpsamplingBilinear2d,
        UpsamplingNearest2d,
    )
    from nn.weighted_pooling import WeightedAvgPool1d, WeightedAvgPool2d

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
    "nn", FAMILIES, ("callbacks", "data", "datasets", "metrics", "models", "plot", "utils")
)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
