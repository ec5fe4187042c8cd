"""Names that other libraries' packages have, by the package that is asked for them."""

from __future__ import annotations

from autograd.engine.spellings.spread import spread
from autograd.engine.spellings.tensorflow import STATIC

__all__ = ["NAMES"]

_BY_RANK = spread(
    {
        "AveragePooling AvgPool": "AvgPool",
        "MaxPooling MaxPool": "MaxPool",
        "Conv Convolution": "Conv",
        "ZeroPadding": "ZeroPad",
        "SpatialDropout": "Dropout",
        "GlobalAveragePooling GlobalAvgPool": "AdaptiveAvgPool",
        "GlobalMaxPooling GlobalMaxPool": "AdaptiveMaxPool",
    }
)
_TWIN = {f"{their}{n}D": f"nn.{ours}{n}d" for their, ours in _BY_RANK.items() for n in "123"}
_TWIN |= {f"Conv{n}DTranspose": f"nn.ConvTranspose{n}d" for n in "123"}
_TWIN |= {f"Cropping{n}D": "slices" for n in "123"} | {
    f"UpSampling{n}D": "nn.Upsample" for n in "123"
}
_OWN_KERAS = spread(
    {
        "BatchNormalization": "nn.BatchNorm1d or nn.BatchNorm2d",
        "LayerNormalization": "nn.LayerNorm",
        "GroupNormalization": "nn.GroupNorm",
        "RMSNormalization": "nn.RMSNorm",
        "SpectralNormalization": "nn.utils.parametrizations.spectral_norm",
        "SimpleRNN": "nn.RNN",
        "SimpleRNNCell": "nn.RNNCell",
        "Bidirectional": "bidirectional=True of nn.LSTM, nn.GRU and nn.RNN",
        "MultiHeadAttention": "nn.MultiheadAttention",
        "Reshape": "nn.Unflatten(1, shape)",
        "Concatenate concatenate": "ag.concatenate",
        "Add Subtract Multiply Average Maximum Minimum": "operators and functions in forward",
        "Activation": "nn.ReLU, nn.Tanh, ... or a function in forward",
        "Lambda": "a function in forward",
        "Layer": "nn.Module",
        "InputLayer": "nn.Input(shape)",
        "Permute Dot RepeatVector Masking": "ag functions in forward",
        "TimeDistributed": "nn.Linear takes any number of axes",
        "GaussianNoise": "x + std * ag.randn(*x.shape) in forward",
        "GaussianDropout": "nn.Dropout",
        "LeakyRelu": "nn.LeakyReLU",
        "EinsumDense": "ag.einsum in forward",
        "BinaryCrossentropy binary_crossentropy": "nn.BCELoss, from logits nn.BCEWithLogitsLoss",
        "CategoricalCrossentropy categorical_crossentropy": "nn.CategoricalCrossEntropy",
        "SparseCategoricalCrossentropy sparse_categorical_crossentropy": (
            "nn.SparseCategoricalCrossEntropy, from logits nn.CrossEntropyLoss"
        ),
        "MeanSquaredError mean_squared_error": "nn.MSELoss",
        "MeanAbsoluteError mean_absolute_error": "nn.L1Loss",
        "KLDivergence": "nn.KLDivLoss",
        "Huber": "nn.HuberLoss",
        "Hinge CategoricalHinge": "nn.MultiMarginLoss, or nn.HingeEmbeddingLoss",
        "Poisson": "nn.PoissonNLLLoss",
        "to_categorical": "nn.functional.one_hot",
        "DepthwiseConv1D DepthwiseConv2D": "nn.Conv2d with groups=in_channels",
        "SeparableConv1D SeparableConv2D SeparableConvolution1D SeparableConvolution2D": (
            "nn.Conv2d with groups=in_channels, and one of size 1 after it"
        ),
        "Rescaling Normalization Resizing CenterCrop RandomFlip RandomCrop RandomRotation": (
            "a transform of nn.data.DataLoader"
        ),
        "RandomZoom RandomTranslation RandomContrast RandomBrightness": (
            "a transform of nn.data.DataLoader"
        ),
        "ConvLSTM1D ConvLSTM2D StackedRNNCells Wrapper": "a module of your own, of nn.LSTMCell",
        "UnitNormalization": "nn.functional.normalize",
        "CTC ctc": "nn.CTCLoss",
        "kl_divergence kld": "nn.KLDivLoss",
        "huber": "nn.HuberLoss",
        "hinge categorical_hinge SquaredHinge squared_hinge": "nn.HingeEmbeddingLoss",
        "poisson": "nn.PoissonNLLLoss",
        "LogCosh log_cosh MeanAbsolutePercentageError mean_absolute_percentage_error": (
            "a function of the error"
        ),
        "MeanSquaredLogarithmicError mean_squared_logarithmic_error Dice Tversky": (
            "a function of the error"
        ),
        "StringLookup IntegerLookup TextVectorization CategoryEncoding": "a dict, before training",
        "serialize deserialize": "nn.save and nn.load",
    }
)
_KERAS_FACE = "; with Keras' own meaning: from nn import keras"

NAMES: dict[str, dict[str, str]] = {
    **STATIC,
    "nn": {
        **{n: text + _KERAS_FACE for n, text in (_TWIN | _OWN_KERAS).items()},
        **spread(
            {
                "DataParallel": "the model itself: it runs on all cores of one CPU; "
                "nn.parallel.DistributedDataParallel for several processes",
                "NLLLoss2d": "nn.NLLLoss",
                "CrossMapLRN2d": "nn.LocalResponseNorm",
                "summary": "model.summary() of an nn.Model or nn.Sequential, or print(model)",
                "RNNBase": "nn.RNN, nn.LSTM or nn.GRU",
                "layers": "from nn import keras",
                "autograd": "import autograd as ag",
                "optim": "import optim",
                "Tensor": "ag.Tensor, or nn.Parameter",
                "Variable": "ag.Tensor, or nn.Parameter",
                "no_grad": "ag.no_grad",
                "intrinsic quantized quantizable qat": "there is no quantization here",
            }
        ),
    },
    "nn.torch.autograd": {
        "forward_ad": "torch.func.jvp(f, (x,), (tangent,)) goes forward",
        "profiler": "autograd.profile()",
    },
    "autograd": spread(
        {
            "Variable": "ag.Tensor(data, requires_grad=True)",
            "as_tensor": "ag.asarray",
            "array": "ag.tensor, or ag.asarray",
            "FloatTensor DoubleTensor LongTensor IntTensor BoolTensor": "ag.tensor(data, dtype)",
            "bool_": "ag.bool",
            "float double half long int short cfloat bfloat16": (
                "dtypes are NumPy's: 'float32', 'float64', 'float16', 'int64', 'bool'"
            ),
            "device cuda mps backends cudnn": "all is done on the CPU, so leave it out",
            "Generator": "rng=numpy.random.default_rng(seed) where numbers are drawn",
            "default_rng seed": "ag.manual_seed(seed), or rng=seed where numbers are drawn",
            "rand_like randn_like randint_like": "ag.rand(*x.shape), ag.randn(*x.shape)",
            "multinomial": "numpy.random.Generator.choice(n, p=p)",
            "set_grad_enabled_ inference_mode": "ag.no_grad",
            "clamp": "ag.clip",
            "clamp_min clamp_max": "ag.clip(x, min=a), ag.clip(x, max=b)",
            "mul": "ag.multiply, or x * y",
            "sub rsub": "ag.subtract, or x - y",
            "div": "ag.divide, or x / y",
            "neg": "ag.negative, or -x",
            "eq ne lt le gt ge": "ag.equal, ag.not_equal, ag.less, ..., or ==, !=, <",
            "mm bmm mv": "ag.matmul, or x @ y",
            "addmm addmv baddbmm addbmm addr": "z + x @ y",
            "addcmul addcdiv": "z + value * x * y (x / y)",
            "ger": "ag.outer",
            "t adjoint": "x.mT",
            "rsqrt": "1 / ag.sqrt(x)",
            "frac": "x - ag.trunc(x)",
            "numel": "x.size",
            "is_tensor": "isinstance(x, ag.Tensor)",
            "is_floating_point is_complex": "x.dtype.kind is 'f' for floating, 'c' for complex",
            "movedim": "ag.moveaxis",
            "swapdims": "ag.swapaxes",
            "narrow": "slices: x[:, start : start + length]",
            "take_along_dim": "ag.take_along_axis",
            "tensor_split": "ag.array_split",
            "broadcast_tensors": "ag.broadcast_arrays",
            "row_stack": "ag.vstack",
            "std_mean var_mean": "ag.std and ag.mean",
            "norm": "ag.linalg.norm",
            "det inverse pinverse logdet slogdet svd qr cholesky eig eigh solve lstsq": (
                "autograd.linalg has det, inv, pinv, slogdet, svd, qr, cholesky, eigh, solve, lstsq"
            ),
            "trapz": "ag.trapezoid",
            "triu_indices tril_indices": "np.{}(n, k)",
            "array_equal": "np.{}(x, y)",
            "save load": "nn.{}",
            "sgd": "optim.SGD",
            "jacrev jacfwd": "ag.jacobian",
            "autograd": "ag itself has grad, Function, functional, gradcheck and detect_anomaly",
            "custom_vjp custom_jvp": "primitive and defvjp of autograd.extend",
            "tree_map tree_util": "nested lists, tuples and dicts are taken as they are",
            "lax": "ag.scan, ag.while_loop, ag.fori_loop, ag.cond",
            "check_grads": "check_grads of autograd.test_util",
            "nn": "import nn, a package beside autograd",
            "jit": "ag.compile",
            "func": "ag.functional",
            "utils": "nn.data has Datasets and DataLoader",
            "distributions": "ag.random draws, ag.normal(mean, std) with gradients",
            "ndarray": "ag.Tensor",
            "einsum_path": "ag.einsum",
            "bucketize unique_consecutive": (
                "NumPy or itertools on x.numpy(), without a gradient"
            ),
            "dist": "ag.linalg.norm(x - y)",
            "as_strided": "slices",
            "view_as_complex view_as_real polar": "ag.real(z), ag.imag(z), and x + 1j * y",
            "scalar_tensor": "ag.tensor(number)",
            "get_rng_state set_rng_state initial_seed": "a numpy.random.Generator as rng=",
            "poisson binomial": "numpy.random.default_rng(seed).{}",
            "autocast GradScaler": "leave it out: numbers have the dtype of the parameters",
            "use_deterministic_algorithms set_float32_matmul_precision": "leave it out",
            "hann_window hamming_window bartlett_window blackman_window kaiser_window": (
                "np.hanning, np.hamming, np.bartlett, np.blackman, np.kaiser"
            ),
            "lstm gru rnn_tanh rnn_relu lstm_cell gru_cell": "nn.LSTM, nn.GRU, nn.RNN, nn.LSTMCell",
            "lu_solve triangular_solve cholesky_solve cholesky_inverse": "ag.linalg.solve",
            "grid_sampler constant_pad_nd native_dropout": "nn.functional: grid_sample, pad",
            "set_printoptions": "np.set_printoptions",
        }
    ),
    "autograd.functional": {
        "jacrev": "jacobian(f, mode='reverse')",
        "jacfwd": "jacobian(f, mode='forward')",
        "functional_call": "nn.utils.functional_call",
    },
    "nn.functional": spread(
        {
            "relu_ leaky_relu_ elu_ selu_ celu_ hardtanh_ threshold_ rrelu_": (
                "the function without the underscore: none works in place"
            ),
            "conv_tbc": "nn.functional.conv1d",
        }
    ),
    "optim": spread(
        {
            "Nadam": "optim.NAdam",
            "SparseAdam": "optim.Adam: gradients here are dense",
            "Ftrl Lamb FTRL LAMB": "optim.AdamW",
            "schedules": "optim.lr_scheduler",
            "RMSProp": "optim.RMSprop",
        }
    ),
}  # fmt: skip
