# fmt: off
# isort: skip_file
"""The public names of nn.torch, and where each is defined."""

from nn.torch import (
    amp as amp, autograd as autograd, backends as backends, compiler as compiler, cuda as cuda,
    distributed as distributed, fft as fft, func as func, mps as mps,
    multiprocessing as multiprocessing, onnx as onnx, xpu as xpu,
    distributions as distributions, jit as jit, linalg as linalg, nn as nn, optim as optim,
    random as random, special as special, utils as utils, version as version, vision as vision,
)
from nn.torch.tensor import Tensor as Tensor
from nn.torch.sizes import Size as Size
from nn.torch.devices import device as device
from autograd import (
    enable_grad as enable_grad, get_num_threads as get_num_threads,
    is_grad_enabled as is_grad_enabled, no_grad as no_grad, set_grad_enabled as set_grad_enabled,
)
from nn.torch.dtypes import (
    dtype as dtype, finfo as finfo, get_default_dtype as get_default_dtype, iinfo as iinfo,
    set_default_dtype as set_default_dtype,
)
from nn.torch.kinds import (
    bfloat16 as bfloat16, bool as bool, cdouble as cdouble, cfloat as cfloat,
    complex128 as complex128, complex32 as complex32, complex64 as complex64, double as double,
    float as float,
    float16 as float16, float32 as float32, float64 as float64, half as half, int as int,
    int16 as int16, int32 as int32, int64 as int64, int8 as int8, long as long, short as short,
    uint16 as uint16, uint32 as uint32, uint64 as uint64, uint8 as uint8,
)
from nn.torch.printing import set_printoptions as set_printoptions
from nn.torch.serialization import load as load, save as save
from nn.torch.func import vmap as vmap
from nn.torch.amp import autocast as autocast, GradScaler as GradScaler
from nn.torch.functions.calling import is_tensor as is_tensor
from nn.torch.functions.elementwise import (
    abs as abs, absolute as absolute, acos as acos, acosh as acosh, angle as angle,
    arccos as arccos, arccosh as arccosh, arcsin as arcsin, arcsinh as arcsinh, arctan as arctan,
    arctanh as arctanh, asin as asin, asinh as asinh, atan as atan, atanh as atanh,
    bitwise_not as bitwise_not, ceil as ceil, clone as clone, conj as conj,
    conj_physical as conj_physical, cos as cos, cosh as cosh, deg2rad as deg2rad,
    digamma as digamma, erf as erf, erfc as erfc, erfinv as erfinv, exp as exp, exp2 as exp2,
    expm1 as expm1, fix as fix, floor as floor, frac as frac, frexp as frexp, i0 as i0,
    imag as imag, isfinite as isfinite, isinf as isinf, isnan as isnan, isneginf as isneginf,
    isposinf as isposinf, isreal as isreal, lgamma as lgamma, log as log, log10 as log10,
    log1p as log1p, log2 as log2, logical_not as logical_not, logit as logit,
    mvlgamma as mvlgamma, nan_to_num as nan_to_num, neg as neg, negative as negative,
    polygamma as polygamma, positive as positive, rad2deg as rad2deg, real as real,
    reciprocal as reciprocal, resolve_conj as resolve_conj, resolve_neg as resolve_neg,
    round as round, rsqrt as rsqrt, sgn as sgn, sigmoid as sigmoid, sign as sign,
    signbit as signbit, sin as sin, sinc as sinc, sinh as sinh, sqrt as sqrt, square as square,
    tan as tan, tanh as tanh, trunc as trunc,
)
from nn.torch.functions.arithmetic import (
    add as add, addcdiv as addcdiv, addcmul as addcmul, arctan2 as arctan2, atan2 as atan2,
    bitwise_and as bitwise_and, bitwise_left_shift as bitwise_left_shift,
    bitwise_or as bitwise_or, bitwise_right_shift as bitwise_right_shift,
    bitwise_xor as bitwise_xor, clamp as clamp, clamp_max as clamp_max, clamp_min as clamp_min,
    clip as clip, copysign as copysign, div as div, divide as divide, float_power as float_power,
    floor_divide as floor_divide, fmax as fmax, fmin as fmin, fmod as fmod, gcd as gcd,
    heaviside as heaviside, hypot as hypot, igamma as igamma, igammac as igammac, lcm as lcm,
    ldexp as ldexp, lerp as lerp,
    logaddexp as logaddexp, logaddexp2 as logaddexp2, maximum as maximum, minimum as minimum,
    mul as mul, multiply as multiply, nextafter as nextafter, pow as pow, remainder as remainder,
    rsub as rsub, sub as sub, subtract as subtract, true_divide as true_divide, xlogy as xlogy,
)
from nn.torch.functions.comparing import (
    allclose as allclose, eq as eq, equal as equal, ge as ge, greater as greater,
    greater_equal as greater_equal, gt as gt, is_nonzero as is_nonzero, isclose as isclose,
    isin as isin, le as le, less as less, less_equal as less_equal, logical_and as logical_and,
    logical_or as logical_or, logical_xor as logical_xor, lt as lt, ne as ne,
    not_equal as not_equal,
)
from nn.torch.functions.reducing import (
    all as all, amax as amax, amin as amin, aminmax as aminmax, any as any, argmax as argmax,
    argmin as argmin, count_nonzero as count_nonzero, dist as dist, logsumexp as logsumexp,
    max as max, mean as mean, min as min, nanmean as nanmean, nansum as nansum, norm as norm,
    prod as prod, std as std, std_mean as std_mean, sum as sum, var as var, var_mean as var_mean,
)
from nn.torch.functions.running import (
    cummax as cummax, cummin as cummin, cumprod as cumprod, cumsum as cumsum,
    cumulative_trapezoid as cumulative_trapezoid, diff as diff, gradient as gradient,
    logcumsumexp as logcumsumexp,
    renorm as renorm, trapezoid as trapezoid, trapz as trapz,
)
from nn.torch.functions.ordering import (
    argsort as argsort, bincount as bincount, bucketize as bucketize, histc as histc,
    histogram as histogram, kthvalue as kthvalue, median as median, mode as mode, msort as msort,
    nanmedian as nanmedian, nanquantile as nanquantile, quantile as quantile,
    searchsorted as searchsorted, sort as sort, topk as topk, unique as unique,
    unique_consecutive as unique_consecutive,
)
from nn.torch.functions.shaping import (
    adjoint as adjoint, broadcast_shapes as broadcast_shapes,
    broadcast_tensors as broadcast_tensors, broadcast_to as broadcast_to, flatten as flatten,
    flip as flip, fliplr as fliplr, flipud as flipud, moveaxis as moveaxis, movedim as movedim,
    permute as permute, ravel as ravel, repeat_interleave as repeat_interleave,
    reshape as reshape, roll as roll, rot90 as rot90, squeeze as squeeze, swapaxes as swapaxes,
    swapdims as swapdims, t as t, tile as tile, transpose as transpose, unflatten as unflatten,
    unsqueeze as unsqueeze,
)
from nn.torch.functions.parts import (
    as_strided as as_strided, chunk as chunk, complex as complex, diag as diag,
    diag_embed as diag_embed, diagflat as diagflat, diagonal as diagonal, dsplit as dsplit,
    hsplit as hsplit, narrow as narrow, narrow_copy as narrow_copy, polar as polar,
    select as select, split as split, split_with_sizes as split_with_sizes,
    tensor_split as tensor_split, tril as tril, triu as triu, unbind as unbind,
    unsafe_chunk as unsafe_chunk, unsafe_split as unsafe_split,
    unsafe_split_with_sizes as unsafe_split_with_sizes, view_as_complex as view_as_complex,
    view_as_real as view_as_real, vsplit as vsplit,
)
from nn.torch.functions.joining import (
    atleast_1d as atleast_1d, atleast_2d as atleast_2d, atleast_3d as atleast_3d,
    block_diag as block_diag, cartesian_prod as cartesian_prod, cat as cat,
    column_stack as column_stack, combinations as combinations, concat as concat,
    concatenate as concatenate, dstack as dstack, hstack as hstack, meshgrid as meshgrid,
    row_stack as row_stack, stack as stack, vstack as vstack,
)
from nn.torch.functions.indexing import (
    argwhere as argwhere, gather as gather, index_select as index_select,
    masked_select as masked_select, nonzero as nonzero, take as take,
    take_along_dim as take_along_dim, where as where,
)
from nn.torch.functions.putting import (
    diagonal_scatter as diagonal_scatter, index_add as index_add, index_copy as index_copy,
    index_fill as index_fill, index_put as index_put, index_reduce as index_reduce,
    masked_fill as masked_fill,
    masked_scatter as masked_scatter, put as put, scatter as scatter, scatter_add as scatter_add,
    scatter_reduce as scatter_reduce, select_scatter as select_scatter,
    slice_scatter as slice_scatter, tril_indices as tril_indices, triu_indices as triu_indices,
    unravel_index as unravel_index,
)
from nn.torch.functions.windowing import (
    bartlett_window as bartlett_window, blackman_window as blackman_window,
    hamming_window as hamming_window, hann_window as hann_window, istft as istft,
    kaiser_window as kaiser_window, stft as stft,
)
from nn.torch.functions.products import (
    addbmm as addbmm, addmm as addmm, addmv as addmv, addr as addr, baddbmm as baddbmm,
    bmm as bmm, cdist as cdist, chain_matmul as chain_matmul, corrcoef as corrcoef, cov as cov,
    cross as cross, dot as dot, einsum as einsum, ger as ger, inner as inner, kron as kron,
    matmul as matmul, matrix_power as matrix_power, mm as mm, mv as mv, outer as outer,
    tensordot as tensordot, trace as trace, vander as vander, vdot as vdot,
)
from nn.torch.functions.activating import (
    embedding as embedding, celu as celu, hardshrink as hardshrink, log_softmax as log_softmax,
    prelu as prelu,
    relu as relu, selu as selu, softmax as softmax, threshold as threshold,
)
from nn.torch.functions.creating import (
    arange as arange, as_tensor as as_tensor, asarray as asarray,
    empty as empty,
    empty_like as empty_like, eye as eye, from_dlpack as from_dlpack,
    from_numpy as from_numpy, frombuffer as frombuffer,
    full as full, full_like as full_like,
    linspace as linspace, logspace as logspace, ones as ones,
    ones_like as ones_like, range as range, scalar_tensor as scalar_tensor, tensor as tensor,
    zeros as zeros, zeros_like as zeros_like,
)
from nn.torch.functions.drawing import (
    bernoulli as bernoulli, binomial as binomial, default_generator as default_generator,
    dropout as dropout, Generator as Generator, get_rng_state as get_rng_state,
    initial_seed as initial_seed, manual_seed as manual_seed, multinomial as multinomial,
    normal as normal, poisson as poisson, rand as rand, rand_like as rand_like,
    randint as randint, randint_like as randint_like, randn as randn, randn_like as randn_like,
    randperm as randperm, seed as seed, set_rng_state as set_rng_state,
)
from nn.torch.compiler import compile as compile
from nn.torch.questions import (
    detach as detach, is_conj as is_conj, is_neg as is_neg, is_signed as is_signed,
    is_complex as is_complex, is_floating_point as is_floating_point,
    is_same_size as is_same_size, numel as numel,
)
from nn.torch.settings import (
    __version__ as __version__,
    are_deterministic_algorithms_enabled as are_deterministic_algorithms_enabled,
    BoolTensor as BoolTensor, ByteTensor as ByteTensor, can_cast as can_cast,
    channels_last as channels_last, channels_last_3d as channels_last_3d,
    CharTensor as CharTensor, contiguous_format as contiguous_format,
    DoubleTensor as DoubleTensor, e as e, FloatTensor as FloatTensor,
    get_default_device as get_default_device, is_autocast_enabled as is_autocast_enabled,
    get_device as get_device,
    get_float32_matmul_precision as get_float32_matmul_precision,
    get_num_interop_threads as get_num_interop_threads, HalfTensor as HalfTensor, inf as inf,
    inference_mode as inference_mode, IntTensor as IntTensor, is_inference as is_inference,
    is_inference_mode_enabled as is_inference_mode_enabled, is_storage as is_storage,
    is_warn_always_enabled as is_warn_always_enabled, LongTensor as LongTensor, nan as nan,
    newaxis as newaxis, pi as pi, preserve_format as preserve_format,
    promote_types as promote_types, result_type as result_type,
    set_default_device as set_default_device, set_default_tensor_type as set_default_tensor_type,
    set_float32_matmul_precision as set_float32_matmul_precision,
    set_flush_denormal as set_flush_denormal, set_num_interop_threads as set_num_interop_threads,
    set_num_threads as set_num_threads, set_warn_always as set_warn_always,
    ShortTensor as ShortTensor, strided as strided, typename as typename,
    use_deterministic_algorithms as use_deterministic_algorithms,
)
from nn.torch.linalg import (
    cholesky_inverse as cholesky_inverse, cholesky_solve as cholesky_solve, det as det,
    frobenius_norm as frobenius_norm, inverse as inverse, logdet as logdet,
    matrix_exp as matrix_exp, nuclear_norm as nuclear_norm, pinverse as pinverse, qr as qr,
    slogdet as slogdet, triangular_solve as triangular_solve,
)
from nn.torch.factors import lu_unpack as lu_unpack
from nn.torch.renamed import (
    cholesky as cholesky, lu as lu, lu_solve as lu_solve, svd as svd,
)
from nn.functional import (
    adaptive_avg_pool1d as adaptive_avg_pool1d, adaptive_max_pool1d as adaptive_max_pool1d,
    alpha_dropout as alpha_dropout, avg_pool1d as avg_pool1d,
    bilinear as bilinear, channel_shuffle as channel_shuffle, conv1d as conv1d, conv2d as conv2d,
    conv3d as conv3d, conv_transpose1d as conv_transpose1d, conv_transpose2d as conv_transpose2d,
    conv_transpose3d as conv_transpose3d, cosine_similarity as cosine_similarity,
    feature_alpha_dropout as feature_alpha_dropout,
    group_norm as group_norm, layer_norm as layer_norm,
    max_pool1d as max_pool1d, max_pool1d_with_indices as max_pool1d_with_indices,
    max_pool2d as max_pool2d, max_pool3d as max_pool3d, pairwise_distance as pairwise_distance,
    pdist as pdist, pixel_shuffle as pixel_shuffle, pixel_unshuffle as pixel_unshuffle,
    rms_norm as rms_norm, rrelu as rrelu,
)
from nn.torch.internals import (
    SymFloat as SymFloat, SymInt as SymInt, _C as _C, _assert_async as _assert_async,
    _check as _check,
)
