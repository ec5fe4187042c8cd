# fmt: off
# isort: skip_file
"""The public names of keras.layers, and where each is defined."""

from nn.keras.base.layer import Layer as Layer
from nn.keras.layers import core as core
from nn.keras.layers.activation import (
    ELU as ELU, LeakyReLU as LeakyReLU, PReLU as PReLU, ReLU as ReLU, Softmax as Softmax,
)
from nn.keras.layers.attention import (
    AdditiveAttention as AdditiveAttention, Attention as Attention,
    MultiHeadAttention as MultiHeadAttention,
)
from nn.keras.layers.augmentation import (
    CenterCrop as CenterCrop, RandomBrightness as RandomBrightness,
    RandomContrast as RandomContrast, RandomFlip as RandomFlip, RandomRotation as RandomRotation,
    RandomTranslation as RandomTranslation, RandomZoom as RandomZoom, Resizing as Resizing,
)
from nn.keras.layers.cells import (
    GRUCell as GRUCell, LSTMCell as LSTMCell, SimpleRNNCell as SimpleRNNCell,
    StackedRNNCells as StackedRNNCells,
)
from nn.keras.layers.convolutional import (
    Conv1D as Conv1D, Conv2D as Conv2D, Conv3D as Conv3D, Convolution1D as Convolution1D,
    Convolution2D as Convolution2D, Convolution3D as Convolution3D,
)
from nn.keras.layers.core import (
    Activation as Activation, Dense as Dense, EinsumDense as EinsumDense, Embedding as Embedding,
    Identity as Identity, Lambda as Lambda, Masking as Masking,
)
from nn.keras.layers.dropout import (
    ActivityRegularization as ActivityRegularization, AlphaDropout as AlphaDropout,
    Dropout as Dropout, GaussianDropout as GaussianDropout, GaussianNoise as GaussianNoise,
    SpatialDropout1D as SpatialDropout1D, SpatialDropout2D as SpatialDropout2D,
    SpatialDropout3D as SpatialDropout3D,
)
from nn.keras.layers.inputs import (
    Input as Input, InputLayer as InputLayer, InputSpec as InputSpec,
)
from nn.keras.layers.merging import (
    Add as Add, Average as Average, Concatenate as Concatenate, Dot as Dot, Maximum as Maximum,
    Minimum as Minimum, Multiply as Multiply, Subtract as Subtract, add as add,
    average as average, concatenate as concatenate, dot as dot, maximum as maximum,
    minimum as minimum, multiply as multiply, subtract as subtract,
)
from nn.keras.layers.normalization import (
    BatchNormalization as BatchNormalization, GroupNormalization as GroupNormalization,
    LayerNormalization as LayerNormalization, RMSNormalization as RMSNormalization,
    UnitNormalization as UnitNormalization,
)
from nn.keras.layers.pooling import (
    AveragePooling1D as AveragePooling1D, AveragePooling2D as AveragePooling2D,
    AveragePooling3D as AveragePooling3D, GlobalAveragePooling1D as GlobalAveragePooling1D,
    GlobalAveragePooling2D as GlobalAveragePooling2D,
    GlobalAveragePooling3D as GlobalAveragePooling3D, GlobalMaxPooling1D as GlobalMaxPooling1D,
    GlobalMaxPooling2D as GlobalMaxPooling2D, GlobalMaxPooling3D as GlobalMaxPooling3D,
    MaxPooling1D as MaxPooling1D, MaxPooling2D as MaxPooling2D, MaxPooling3D as MaxPooling3D,
    AvgPool1D as AvgPool1D, AvgPool2D as AvgPool2D, AvgPool3D as AvgPool3D,
    MaxPool1D as MaxPool1D, MaxPool2D as MaxPool2D, MaxPool3D as MaxPool3D,
    GlobalAvgPool1D as GlobalAvgPool1D, GlobalAvgPool2D as GlobalAvgPool2D,
    GlobalAvgPool3D as GlobalAvgPool3D, GlobalMaxPool1D as GlobalMaxPool1D,
    GlobalMaxPool2D as GlobalMaxPool2D, GlobalMaxPool3D as GlobalMaxPool3D,
)
from nn.keras.layers.preprocessing import (
    CategoryEncoding as CategoryEncoding, Normalization as Normalization, Rescaling as Rescaling,
)
from nn.keras.layers.recurrent import GRU as GRU, LSTM as LSTM, RNN as RNN, SimpleRNN as SimpleRNN
from nn.keras.layers.reshaping import (
    Cropping1D as Cropping1D, Cropping2D as Cropping2D, Cropping3D as Cropping3D,
    Flatten as Flatten, Permute as Permute, RepeatVector as RepeatVector, Reshape as Reshape,
    UpSampling1D as UpSampling1D, UpSampling2D as UpSampling2D, UpSampling3D as UpSampling3D,
    ZeroPadding1D as ZeroPadding1D, ZeroPadding2D as ZeroPadding2D,
    ZeroPadding3D as ZeroPadding3D,
)
from nn.keras.layers.separable import (
    DepthwiseConv1D as DepthwiseConv1D, DepthwiseConv2D as DepthwiseConv2D,
    SeparableConv1D as SeparableConv1D, SeparableConv2D as SeparableConv2D,
    SeparableConvolution1D as SeparableConvolution1D,
    SeparableConvolution2D as SeparableConvolution2D,
)
from nn.keras.layers.transposed import (
    Conv1DTranspose as Conv1DTranspose, Conv2DTranspose as Conv2DTranspose,
    Conv3DTranspose as Conv3DTranspose, Convolution1DTranspose as Convolution1DTranspose,
    Convolution2DTranspose as Convolution2DTranspose,
    Convolution3DTranspose as Convolution3DTranspose,
)
from nn.keras.layers.wrappers import (
    Bidirectional as Bidirectional, TimeDistributed as TimeDistributed, Wrapper as Wrapper,
)
