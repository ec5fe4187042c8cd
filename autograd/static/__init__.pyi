# fmt: off
# isort: skip_file
"""The public names of autograd.static, and where each is defined."""

from autograd.static import (
    compat as compat, contrib as contrib, initializers as initializers, layers as layers,
    linalg as linalg, losses as losses, math as math, nn as nn, summary as summary, train as train,
)
from autograd.static.functions import (
    abs as abs, add as add, add_n as add_n, arg_max as arg_max, arg_min as arg_min,
    argmax as argmax, argmin as argmin, cast as cast, ceil as ceil, clip_by_value as clip_by_value,
    concat as concat, constant as constant, cos as cos, div as div, divide as divide,
    equal as equal, erf as erf, exp as exp, expand_dims as expand_dims, expm1 as expm1,
    fill as fill, floor as floor, floordiv as floordiv, gather as gather, greater as greater,
    greater_equal as greater_equal, identity as identity, less as less, less_equal as less_equal,
    log as log, log1p as log1p, logical_and as logical_and, logical_not as logical_not,
    logical_or as logical_or, matmul as matmul, maximum as maximum, minimum as minimum, mod as mod,
    mul as mul, multiply as multiply, neg as neg, negative as negative, not_equal as not_equal,
    ones as ones, ones_like as ones_like, placeholder as placeholder, pow as pow,
    reciprocal as reciprocal, reduce_all as reduce_all, reduce_any as reduce_any,
    reduce_logsumexp as reduce_logsumexp, reduce_max as reduce_max, reduce_mean as reduce_mean,
    reduce_min as reduce_min, reduce_prod as reduce_prod, reduce_sum as reduce_sum,
    reshape as reshape, round as round, rsqrt as rsqrt, shape as shape, sigmoid as sigmoid,
    sign as sign, sin as sin, sqrt as sqrt, square as square,
    squared_difference as squared_difference, squeeze as squeeze, stack as stack,
    stop_gradient as stop_gradient, sub as sub, subtract as subtract, tan as tan, tanh as tanh,
    tile as tile, to_float as to_float, transpose as transpose, truediv as truediv, where as where,
    zeros as zeros, zeros_like as zeros_like,
)
from autograd.static.arrays import (
    convert_to_tensor as convert_to_tensor, count_nonzero as count_nonzero, cumsum as cumsum,
    diag as diag, diag_part as diag_part, einsum as einsum, eye as eye, is_nan as is_nan,
    linspace as linspace, matrix_inverse as matrix_inverse, matrix_transpose as matrix_transpose,
    newaxis as newaxis, norm as norm, one_hot as one_hot, pad as pad, range as range, rank as rank,
    reverse as reverse, size as size, slice as slice, split as split,
    strided_slice as strided_slice, tensordot as tensordot, to_double as to_double,
    to_int32 as to_int32, to_int64 as to_int64, trace as trace, unstack as unstack,
)
from autograd.static.clipping import (
    clip_by_global_norm as clip_by_global_norm, clip_by_norm as clip_by_norm,
    global_norm as global_norm,
)
from autograd.static.draws import (
    random_normal as random_normal, random_shuffle as random_shuffle,
    random_uniform as random_uniform, set_random_seed as set_random_seed,
    truncated_normal as truncated_normal,
)
from autograd.static.initializers import (
    constant_initializer as constant_initializer,
    glorot_normal_initializer as glorot_normal_initializer,
    glorot_uniform_initializer as glorot_uniform_initializer, ones_initializer as ones_initializer,
    random_normal_initializer as random_normal_initializer,
    random_uniform_initializer as random_uniform_initializer,
    truncated_normal_initializer as truncated_normal_initializer,
    variance_scaling_initializer as variance_scaling_initializer,
    zeros_initializer as zeros_initializer,
)
from autograd.static.scopes import (
    AUTO_REUSE as AUTO_REUSE, ConfigProto as ConfigProto, GPUOptions as GPUOptions,
    GraphKeys as GraphKeys, GraphOptions as GraphOptions, OptimizerOptions as OptimizerOptions,
    VariableScope as VariableScope, add_to_collection as add_to_collection,
    device as device, get_collection as get_collection, get_variable as get_variable,
    get_variable_scope as get_variable_scope, variable_scope as variable_scope,
)
from autograd.static.control import case as case, cond as cond, while_loop as while_loop
from autograd.static.order import (
    Assert as Assert, Print as Print, control_dependencies as control_dependencies, no_op as no_op,
    tuple as tuple,
)
from autograd.static.slices import (
    foldl as foldl, foldr as foldr, map_fn as map_fn, scan as scan,
)
from autograd.static.more import (
    accumulate_n as accumulate_n, acos as acos, asin as asin, atan as atan, atan2 as atan2,
    broadcast_to as broadcast_to, cholesky as cholesky, cosh as cosh, cumprod as cumprod,
    digamma as digamma, erfc as erfc, floor_div as floor_div, is_finite as is_finite,
    is_inf as is_inf, lgamma as lgamma, lin_space as lin_space, logical_xor as logical_xor,
    matrix_determinant as matrix_determinant, matrix_solve as matrix_solve,
    placeholder_with_default as placeholder_with_default, rint as rint,
    sequence_mask as sequence_mask, sinh as sinh,
)
from autograd.static.host import (
    app as app, errors as errors, flags as flags, gfile as gfile, logging as logging,
)
from autograd.static.shapes import Dimension as Dimension, TensorShape as TensorShape
from autograd.static.sweeps import gradients as gradients
from autograd.static.graph import (
    Graph as Graph, disable_eager_execution as disable_eager_execution,
    disable_v2_behavior as disable_v2_behavior, get_default_graph as get_default_graph,
    name_scope as name_scope, reset_default_graph as reset_default_graph,
)
from autograd.static.session import (
    InteractiveSession as InteractiveSession, Session as Session,
    get_default_session as get_default_session,
)
from autograd.static.symbol import Operation as Operation, Symbol as Symbol
from autograd.static.types import (
    bool as bool, complex128 as complex128, complex64 as complex64, double as double,
    float16 as float16, float32 as float32, float64 as float64, half as half, int16 as int16,
    int32 as int32, int64 as int64, int8 as int8, uint16 as uint16, uint8 as uint8,
)
from autograd.static.variable import (
    Variable as Variable, all_variables as all_variables, assign as assign,
    assign_add as assign_add, assign_sub as assign_sub,
    global_variables as global_variables,
    global_variables_initializer as global_variables_initializer, group as group,
    initialize_all_variables as initialize_all_variables,
    initialize_variables as initialize_variables,
    local_variables_initializer as local_variables_initializer,
    trainable_variables as trainable_variables, variables_initializer as variables_initializer,
)
