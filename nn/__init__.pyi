# fmt: off
# isort: skip_file
"""The public names of nn, and where each is defined."""

from autograd.random import manual_seed as manual_seed
from nn import (
    functional as functional, init as init, callbacks as callbacks, data as data,
    datasets as datasets, keras as keras, metrics as metrics, models as models,
    parallel as parallel, plot as plot, tensorboard as tensorboard, utils as utils,
    vision as vision,
)
from nn.linear.layers import (
    Bilinear as Bilinear, ChannelShuffle as ChannelShuffle, Flatten as Flatten,
    Identity as Identity, LazyLinear as LazyLinear, Linear as Linear, Unflatten as Unflatten,
)
from nn.module.containers import (
    ModuleDict as ModuleDict, ModuleList as ModuleList, Sequential as Sequential,
)
from nn.module.input import Input as Input
from nn.module.lazy import LazyModuleMixin as LazyModuleMixin
from nn.module.module import Module as Module
from nn.module.parameter import (
    Buffer as Buffer, Parameter as Parameter, UninitializedBuffer as UninitializedBuffer,
    UninitializedParameter as UninitializedParameter,
)
from nn.training.model import Model as Model
from nn.activation.axis_layers import (
    GLU as GLU, LogSoftmax as LogSoftmax, Maxout as Maxout, Softmax as Softmax,
    Softmax2d as Softmax2d, Softmin as Softmin,
)
from nn.activation.clipped_layers import (
    Hardshrink as Hardshrink, Hardsigmoid as Hardsigmoid, Hardswish as Hardswish,
    Hardtanh as Hardtanh, Softshrink as Softshrink, Step as Step, Threshold as Threshold,
)
from nn.activation.piecewise_layers import (
    CELU as CELU, ELU as ELU, SELU as SELU, LeakyReLU as LeakyReLU, PReLU as PReLU, ReLU as ReLU,
    ReLU6 as ReLU6, RReLU as RReLU,
)
from nn.activation.smooth_layers import (
    GELU as GELU, LogSigmoid as LogSigmoid, Mish as Mish, Sigmoid as Sigmoid, SiLU as SiLU,
    Softplus as Softplus, Softsign as Softsign, Tanh as Tanh, Tanhshrink as Tanhshrink,
)
from nn.attention.layers import MultiheadAttention as MultiheadAttention
from nn.attention.transformer import (
    Transformer as Transformer, TransformerDecoder as TransformerDecoder,
    TransformerEncoder as TransformerEncoder,
)
from nn.attention.transformer_layers import (
    TransformerDecoderLayer as TransformerDecoderLayer,
    TransformerEncoderLayer as TransformerEncoderLayer,
)
from nn.convolution.layers import (
    Conv1d as Conv1d, Conv2d as Conv2d, Conv3d as Conv3d, LazyConv1d as LazyConv1d,
    LazyConv2d as LazyConv2d, LazyConv3d as LazyConv3d,
)
from nn.convolution.transposed_layers import (
    ConvTranspose1d as ConvTranspose1d, ConvTranspose2d as ConvTranspose2d,
    ConvTranspose3d as ConvTranspose3d, LazyConvTranspose1d as LazyConvTranspose1d,
    LazyConvTranspose2d as LazyConvTranspose2d, LazyConvTranspose3d as LazyConvTranspose3d,
)
from nn.convolution.unfolding_layers import Fold as Fold, Unfold as Unfold
from nn.dropout.layers import (
    AlphaDropout as AlphaDropout, Dropout as Dropout, Dropout1d as Dropout1d,
    Dropout2d as Dropout2d, Dropout3d as Dropout3d, FeatureAlphaDropout as FeatureAlphaDropout,
)
from nn.embedding.layers import Embedding as Embedding, EmbeddingBag as EmbeddingBag
from nn.linear.dense import Dense as Dense
from nn.loss.adaptive_softmax import AdaptiveLogSoftmaxWithLoss as AdaptiveLogSoftmaxWithLoss
from nn.loss.classification_layers import (
    BCELoss as BCELoss, BCEWithLogitsLoss as BCEWithLogitsLoss,
    CategoricalCrossEntropy as CategoricalCrossEntropy, CrossEntropyLoss as CrossEntropyLoss,
    CTCLoss as CTCLoss, NLLLoss as NLLLoss,
    SparseCategoricalCrossEntropy as SparseCategoricalCrossEntropy,
)
from nn.loss.distance_layers import (
    CosineSimilarity as CosineSimilarity, PairwiseDistance as PairwiseDistance,
)
from nn.loss.layers import (
    GaussianNLLLoss as GaussianNLLLoss, HuberLoss as HuberLoss, KLDivLoss as KLDivLoss,
    L1Loss as L1Loss, MSELoss as MSELoss, PoissonNLLLoss as PoissonNLLLoss,
    SmoothL1Loss as SmoothL1Loss,
)
from nn.loss.linear_cross_entropy import LinearCrossEntropyLoss as LinearCrossEntropyLoss
from nn.loss.margin_layers import (
    CosineEmbeddingLoss as CosineEmbeddingLoss, HingeEmbeddingLoss as HingeEmbeddingLoss,
    MarginRankingLoss as MarginRankingLoss, MultiLabelMarginLoss as MultiLabelMarginLoss,
    MultiLabelSoftMarginLoss as MultiLabelSoftMarginLoss, MultiMarginLoss as MultiMarginLoss,
    SoftMarginLoss as SoftMarginLoss, TripletMarginLoss as TripletMarginLoss,
    TripletMarginWithDistanceLoss as TripletMarginWithDistanceLoss,
)
from nn.module.parameter_containers import (
    ParameterDict as ParameterDict, ParameterList as ParameterList,
)
from nn.module.saving import (
    load as load, load_checkpoint as load_checkpoint, save as save,
    save_checkpoint as save_checkpoint,
)
from nn.normalization.batch_norm_layers import (
    BatchNorm1d as BatchNorm1d, BatchNorm2d as BatchNorm2d, BatchNorm3d as BatchNorm3d,
    LazyBatchNorm1d as LazyBatchNorm1d, LazyBatchNorm2d as LazyBatchNorm2d,
    LazyBatchNorm3d as LazyBatchNorm3d,
)
from nn.normalization.instance_norm_layers import (
    InstanceNorm1d as InstanceNorm1d, InstanceNorm2d as InstanceNorm2d,
    InstanceNorm3d as InstanceNorm3d, LazyInstanceNorm1d as LazyInstanceNorm1d,
    LazyInstanceNorm2d as LazyInstanceNorm2d, LazyInstanceNorm3d as LazyInstanceNorm3d,
)
from nn.normalization.layer_norm_layers import (
    GroupNorm as GroupNorm, LayerNorm as LayerNorm, RMSNorm as RMSNorm,
)
from nn.normalization.response_norm_layers import LocalResponseNorm as LocalResponseNorm
from nn.normalization.sync_batch_norm import SyncBatchNorm as SyncBatchNorm
from nn.padding.layers import (
    CircularPad1d as CircularPad1d, CircularPad2d as CircularPad2d,
    CircularPad3d as CircularPad3d, ConstantPad1d as ConstantPad1d,
    ConstantPad2d as ConstantPad2d, ConstantPad3d as ConstantPad3d,
    ReflectionPad1d as ReflectionPad1d, ReflectionPad2d as ReflectionPad2d,
    ReflectionPad3d as ReflectionPad3d, ReplicationPad1d as ReplicationPad1d,
    ReplicationPad2d as ReplicationPad2d, ReplicationPad3d as ReplicationPad3d,
    ZeroPad1d as ZeroPad1d, ZeroPad2d as ZeroPad2d, ZeroPad3d as ZeroPad3d,
)
from nn.pooling.adaptive_layers import (
    AdaptiveAvgPool1d as AdaptiveAvgPool1d, AdaptiveAvgPool2d as AdaptiveAvgPool2d,
    AdaptiveAvgPool3d as AdaptiveAvgPool3d, AdaptiveMaxPool1d as AdaptiveMaxPool1d,
    AdaptiveMaxPool2d as AdaptiveMaxPool2d, AdaptiveMaxPool3d as AdaptiveMaxPool3d,
)
from nn.pooling.average_layers import (
    AvgPool1d as AvgPool1d, AvgPool2d as AvgPool2d, AvgPool3d as AvgPool3d, LPPool1d as LPPool1d,
    LPPool2d as LPPool2d, LPPool3d as LPPool3d,
)
from nn.pooling.fractional_layers import (
    FractionalMaxPool2d as FractionalMaxPool2d, FractionalMaxPool3d as FractionalMaxPool3d,
)
from nn.pooling.max_layers import (
    MaxPool1d as MaxPool1d, MaxPool2d as MaxPool2d, MaxPool3d as MaxPool3d,
    MaxUnpool1d as MaxUnpool1d, MaxUnpool2d as MaxUnpool2d, MaxUnpool3d as MaxUnpool3d,
)
from nn.pooling.weighted_layers import (
    WeightedAvgPool1d as WeightedAvgPool1d, WeightedAvgPool2d as WeightedAvgPool2d,
)
from nn.recurrent.cells import GRUCell as GRUCell, LSTMCell as LSTMCell, RNNCell as RNNCell
from nn.recurrent.layers import GRU as GRU, LSTM as LSTM, RNN as RNN
from nn.resampling.layers import (
    PixelShuffle as PixelShuffle, PixelUnshuffle as PixelUnshuffle, Upsample as Upsample,
    UpsamplingBilinear2d as UpsamplingBilinear2d, UpsamplingNearest2d as UpsamplingNearest2d,
)
