# fmt: off
# isort: skip_file
"""The public names of autograd, and where each is defined."""

from autograd import (
    builtins as builtins, core as core, differential_operators as differential_operators,
    distributed as distributed, errors as errors, extend as extend, functional as functional,
    implicit as implicit, interop as interop, misc as misc, numpy as numpy,
    onnx as onnx, ops as ops, random as random, scipy as scipy, special as special,
    test_util as test_util, tracer as tracer, util as util, viz as viz, wrap_util as wrap_util,
)
from autograd.array_api.info import __array_namespace_info__ as __array_namespace_info__
from autograd.array_api.names import (
    __array_api_version__ as __array_api_version__, bool as bool, complex64 as complex64,
    complex128 as complex128, e as e, float16 as float16, float32 as float32, float64 as float64,
    inf as inf, int8 as int8, int16 as int16, int32 as int32, int64 as int64, nan as nan,
    newaxis as newaxis, pi as pi, uint8 as uint8, uint16 as uint16, uint32 as uint32,
    uint64 as uint64,
)
from autograd.array_api.questions import (
    broadcast_shapes as broadcast_shapes, can_cast as can_cast, finfo as finfo, iinfo as iinfo,
    isdtype as isdtype, result_type as result_type,
)
from autograd._version import __version__ as __version__
from autograd.builtins import (
    dict as dict, isinstance as isinstance, list as list, tuple as tuple, type as type,
)
from autograd.differential_operators import (
    deriv as deriv, elementwise_grad as elementwise_grad, grad as grad,
    grad_and_aux as grad_and_aux, grad_named as grad_named, hessian as hessian,
    hessian_tensor_product as hessian_tensor_product,
    hessian_vector_product as hessian_vector_product, holomorphic_grad as holomorphic_grad,
    jacobian as jacobian, make_ggnvp as make_ggnvp, make_hvp as make_hvp, make_jvp as make_jvp,
    make_jvp_reversemode as make_jvp_reversemode, make_vjp as make_vjp,
    multigrad_dict as multigrad_dict, tensor_jacobian_product as tensor_jacobian_product,
    value_and_grad as value_and_grad, vector_jacobian_product as vector_jacobian_product,
)
from autograd.create import (
    empty as empty, empty_like as empty_like, from_dlpack as from_dlpack,
    from_numpy as from_numpy, full as full, full_like as full_like, ones as ones,
    ones_like as ones_like, tensor as tensor, zeros as zeros, zeros_like as zeros_like,
)
from autograd.grids import (
    arange as arange, eye as eye, geomspace as geomspace, identity as identity,
    linspace as linspace, logspace as logspace, meshgrid as meshgrid,
)
from autograd.debugging.anomaly import detect_anomaly as detect_anomaly
from autograd.debugging.safe_where import SafeWhere as SafeWhere, safe_where as safe_where
from autograd.sweep.differentiate import backward as backward
from autograd.engine.dtypes import (
    get_default_dtype as get_default_dtype, set_default_dtype as set_default_dtype,
)
from autograd.gradcheck.check import gradcheck as gradcheck, gradgradcheck as gradgradcheck
from autograd.gradcheck.checking import checking as checking
from autograd.gradcheck.module import gradcheck_module as gradcheck_module
from autograd.gradcheck.numeric.derivatives import (
    numerical_grad as numerical_grad, numerical_jacobian as numerical_jacobian,
)
from autograd.gradcheck.precise.prove import prove as prove
from autograd.graph.graph import Graph as Graph
from autograd.compiler.face.compile import (
    CompiledFunction as CompiledFunction, compile as compile,
)
from autograd.program.program import Program as Program, trace as trace
from autograd.control.cond import cond as cond
from autograd.control.scan import scan as scan
from autograd.control.while_loop import fori_loop as fori_loop, while_loop as while_loop
from autograd.kernels.parallel.threads import (
    get_num_threads as get_num_threads, set_num_threads as set_num_threads,
)
from autograd.system.memory import keep_freed_memory as keep_freed_memory
from autograd.engine.modes import (
    enable_grad as enable_grad, is_grad_enabled as is_grad_enabled, no_grad as no_grad,
    scope as scope, set_grad_enabled as set_grad_enabled, tracing as tracing,
)
from autograd.engine.row import OPS as OPS
from autograd.ops.activation.clipped import (
    hardshrink as hardshrink, hardsigmoid as hardsigmoid, hardswish as hardswish,
    hardtanh as hardtanh, softshrink as softshrink, threshold as threshold,
)
from autograd.ops.activation.piecewise import (
    celu as celu, elu as elu, leaky_relu as leaky_relu, prelu as prelu, relu as relu,
    relu6 as relu6, selu as selu,
)
from autograd.ops.elementwise.arithmetic import (
    add as add, divide as divide, multiply as multiply, negative as negative,
    positive as positive, pow as pow, power as power, square as square, subtract as subtract,
    true_divide as true_divide,
)
from autograd.ops.shape.axes import (
    flip as flip, fliplr as fliplr, flipud as flipud, matrix_transpose as matrix_transpose,
    moveaxis as moveaxis, permute as permute, permute_dims as permute_dims, roll as roll,
    rot90 as rot90, swapaxes as swapaxes, transpose as transpose,
)
from autograd.ops.special.bessel import i0 as i0, i1 as i1
from autograd.ops.elementwise.bitwise import (
    bitwise_and as bitwise_and, bitwise_count as bitwise_count, bitwise_invert as bitwise_invert,
    bitwise_left_shift as bitwise_left_shift, bitwise_not as bitwise_not,
    bitwise_or as bitwise_or, bitwise_right_shift as bitwise_right_shift,
    bitwise_xor as bitwise_xor, invert as invert, left_shift as left_shift,
    right_shift as right_shift,
)
from autograd.ops.elementwise.compare import (
    equal as equal, greater as greater, greater_equal as greater_equal, isclose as isclose,
    isfinite as isfinite, isinf as isinf, isnan as isnan, isneginf as isneginf,
    isposinf as isposinf, less as less, less_equal as less_equal, logical_and as logical_and,
    logical_not as logical_not, logical_or as logical_or, logical_xor as logical_xor,
    not_equal as not_equal,
)
from autograd.ops.elementwise.complex import (
    angle as angle, conj as conj, conjugate as conjugate, imag as imag, real as real,
)
from autograd.ops.reduction.cumulative import (
    cummax as cummax, cummin as cummin, cumprod as cumprod, cumsum as cumsum,
    cumulative_prod as cumulative_prod, cumulative_sum as cumulative_sum,
    logcumsumexp as logcumsumexp,
)
from autograd.ops.reduction.differences import diff as diff, trapezoid as trapezoid
from autograd.ops.shape.diagonals import (
    diag as diag, diag_embed as diag_embed, diagonal as diagonal, tril as tril, triu as triu,
)
from autograd.ops.product.einsum import einsum as einsum
from autograd.ops.elementwise.exponential import (
    acosh as acosh, arccosh as arccosh, arcsinh as arcsinh, arctanh as arctanh, asinh as asinh,
    atanh as atanh, cosh as cosh, exp as exp, exp2 as exp2, expm1 as expm1, log as log,
    log10 as log10, log1p as log1p, log2 as log2, sinh as sinh, tanh as tanh, where as where,
)
from autograd.ops.elementwise.extremes import (
    clip as clip, fmax as fmax, fmin as fmin, maximum as maximum, minimum as minimum,
)
from autograd.ops.special.gamma import (
    digamma as digamma, gammaln as gammaln, lgamma as lgamma, polygamma as polygamma,
)
from autograd.ops.indexing.index import getitem as getitem, put_at as put_at, setitem as setitem
from autograd.ops.shape.join import (
    cat as cat, column_stack as column_stack, concat as concat, concatenate as concatenate,
    dstack as dstack, hstack as hstack, stack as stack, unbind as unbind, unstack as unstack,
    vstack as vstack,
)
from autograd.ops.shape.splits import (
    array_split as array_split, chunk as chunk, dsplit as dsplit, hsplit as hsplit,
    split as split, vsplit as vsplit,
)
from autograd.ops.reduction.nan import (
    nanmax as nanmax, nanmean as nanmean, nanmin as nanmin, nansum as nansum,
)
from autograd.ops.indexing.pad import (
    pad as pad, repeat as repeat, repeat_interleave as repeat_interleave, tile as tile,
    zero_pad as zero_pad,
)
from autograd.ops.elementwise.logistic import (
    expit as expit, logaddexp as logaddexp, logaddexp2 as logaddexp2, logit as logit,
    sigmoid as sigmoid,
)
from autograd.ops.elementwise.powers import (
    cbrt as cbrt, float_power as float_power, hypot as hypot, lerp as lerp,
    reciprocal as reciprocal, sqrt as sqrt,
)
from autograd.ops.product.products import (
    cross as cross, dot as dot, linear as linear, matmul as matmul, outer as outer, vdot as vdot,
    vecdot as vecdot,
)
from autograd.ops.reduction.quantile import (
    median as median, percentile as percentile, quantile as quantile,
)
from autograd.ops.shape.rank import (
    atleast_1d as atleast_1d, atleast_2d as atleast_2d, atleast_3d as atleast_3d,
    expand_dims as expand_dims, flatten as flatten, ravel as ravel, squeeze as squeeze,
    unflatten as unflatten, unsqueeze as unsqueeze,
)
from autograd.ops.reduction.recurrence import linear_recurrence as linear_recurrence
from autograd.ops.reduction.reduce import (
    amax as amax, amin as amin, logsumexp as logsumexp, max as max, mean as mean, min as min,
    prod as prod, ptp as ptp, sum as sum,
)
from autograd.ops.elementwise.rounding import (
    around as around, ceil as ceil, divmod as divmod, fix as fix, floor as floor,
    floor_divide as floor_divide, fmod as fmod, frexp as frexp, ldexp as ldexp, mod as mod,
    modf as modf, remainder as remainder, rint as rint, round as round, trunc as trunc,
)
from autograd.ops.indexing.scatter import (
    gather as gather, index_add as index_add, index_select as index_select,
    masked_fill as masked_fill, masked_select as masked_select, scatter as scatter,
    scatter_add as scatter_add,
)
from autograd.ops.indexing.combined import (
    block_diag as block_diag, cartesian_prod as cartesian_prod, combinations as combinations,
    unfold as unfold,
)
from autograd.ops.indexing.put import (
    diagonal_scatter as diagonal_scatter, index_copy as index_copy, index_fill as index_fill,
    index_put as index_put, masked_scatter as masked_scatter, select_scatter as select_scatter,
    slice_scatter as slice_scatter,
)
from autograd.ops.reduction.scattered import (
    index_reduce as index_reduce, scatter_reduce as scatter_reduce,
)
from autograd.ops.reduction.ranks import (
    aminmax as aminmax, kthvalue as kthvalue, mode as mode, sum_to_size as sum_to_size,
)
from autograd.ops.linalg._distances import cdist as cdist
from autograd.ops.fft._short_time import istft as istft, stft as stft
from autograd.ops.reduction.search import (
    all as all, allclose as allclose, any as any, argmax as argmax, argmin as argmin,
    argwhere as argwhere,
    bincount as bincount, count_nonzero as count_nonzero, flatnonzero as flatnonzero,
    nonzero as nonzero, searchsorted as searchsorted, unique as unique,
)
from autograd.ops.reduction.distinct import (
    unique_all as unique_all, unique_counts as unique_counts, unique_inverse as unique_inverse,
    unique_values as unique_values,
)
from autograd.ops.shape.shape import (
    astype as astype, broadcast_arrays as broadcast_arrays, broadcast_to as broadcast_to,
    clone as clone, copy as copy, reshape as reshape,
)
from autograd.ops.elementwise.signs import (
    abs as abs, absolute as absolute, copysign as copysign, fabs as fabs, heaviside as heaviside,
    nan_to_num as nan_to_num, nextafter as nextafter, sign as sign, signbit as signbit,
    spacing as spacing, step as step,
)
from autograd.ops.activation.smooth import (
    gelu as gelu, log_sigmoid as log_sigmoid, logsigmoid as logsigmoid, mish as mish,
    silu as silu, softplus as softplus, softsign as softsign, swish as swish,
    tanhshrink as tanhshrink,
)
from autograd.ops.activation.softmax import (
    glu as glu, log_softmax as log_softmax, maxout as maxout, softmax as softmax,
    softmin as softmin,
)
from autograd.ops.reduction.sort import TopK as TopK, argsort as argsort, sort as sort, topk as topk
from autograd.ops.special.error_function import (
    entr as entr, erf as erf, erfc as erfc, erfinv as erfinv, gaussian as gaussian, ndtr as ndtr,
    ndtri as ndtri, xlogy as xlogy,
)
from autograd.ops.reduction.statistics import average as average, std as std, var as var
from autograd.ops.indexing.take import (
    add_along_axis as add_along_axis, add_at as add_at, put_along_axis as put_along_axis,
    take as take, take_along_axis as take_along_axis,
)
from autograd.ops.product.tensor_products import (
    inner as inner, kron as kron, matvec as matvec, tensordot as tensordot, vecmat as vecmat,
)
from autograd.ops.elementwise.trigonometric import (
    acos as acos, arccos as arccos, arcsin as arcsin, arctan as arctan, arctan2 as arctan2,
    asin as asin, atan as atan, atan2 as atan2, cos as cos, deg2rad as deg2rad,
    degrees as degrees, rad2deg as rad2deg, radians as radians, sin as sin, sinc as sinc,
    tan as tan,
)
from autograd.ops.indexing.edit import (
    append as append, delete as delete, insert as insert, resize as resize,
    trim_zeros as trim_zeros,
)
from autograd.ops.indexing.choices import (
    apply_along_axis as apply_along_axis, apply_over_axes as apply_over_axes, choose as choose,
    compress as compress, extract as extract, piecewise as piecewise, select as select,
)
from autograd.ops.shape.blocks import (
    block as block, diagflat as diagflat, rollaxis as rollaxis,
)
from autograd.ops.reduction.covariance import (
    corrcoef as corrcoef, cov as cov,
)
from autograd.ops.reduction.nan_statistics import (
    nanargmax as nanargmax, nanargmin as nanargmin, nancumprod as nancumprod,
    nancumsum as nancumsum, nanmedian as nanmedian, nanpercentile as nanpercentile,
    nanprod as nanprod, nanquantile as nanquantile, nanstd as nanstd, nanvar as nanvar,
)
from autograd.ops.reduction.partition import (
    argpartition as argpartition, digitize as digitize, intersect1d as intersect1d,
    isin as isin, partition as partition, ravel_multi_index as ravel_multi_index,
    setdiff1d as setdiff1d, setxor1d as setxor1d, sort_complex as sort_complex,
    union1d as union1d,
)
from autograd.ops.elementwise.whole import (
    gcd as gcd, iscomplex as iscomplex, isreal as isreal, lcm as lcm,
    real_if_close as real_if_close,
)
from autograd.ops.reduction.gradients import (
    ediff1d as ediff1d, gradient as gradient, interp as interp, unwrap as unwrap,
)
from autograd.ops.linalg._coefficients import (
    convolve as convolve, correlate as correlate, polyadd as polyadd, polyder as polyder,
    polyint as polyint, polymul as polymul, polysub as polysub, polyval as polyval,
    vander as vander,
)
from autograd.ops.linalg._polynomials import (
    poly as poly, polydiv as polydiv, polyfit as polyfit, roots as roots,
)
from autograd.random import (
    bernoulli as bernoulli, manual_seed as manual_seed, normal as normal, rand as rand,
    randint as randint, randn as randn, randperm as randperm, uniform as uniform,
)
from autograd.tensors.tensor import Tensor as Tensor, asarray as asarray
from autograd.primitives import primitive as primitive
from autograd.ode import odeint as odeint
from autograd.functional.checkpoints import checkpoint as checkpoint
from autograd.functional.derivatives import (
    jvp as jvp, linearize as linearize, stop_gradient as stop_gradient,
    straight_through as straight_through, vjp as vjp,
)
from autograd.functional.function import Function as Function
from autograd.functional.matrices import hvp as hvp, laplacian as laplacian, vhp as vhp
from autograd.functional.saving import saved_tensors_hooks as saved_tensors_hooks
from autograd.transforms.vmap import vmap as vmap
from autograd.ops import fft as fft, linalg as linalg
from autograd.profiling import profile as profile
from autograd.viz.stepping import stepper as stepper
from autograd.viz.words.doctor import doctor as doctor
from autograd.viz.words.explain import explain as explain
from autograd.viz.words.why import why as why
