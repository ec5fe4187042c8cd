# fmt: off
# isort: skip_file
"""The public names of autograd.static, and where each is defined."""

from autograd.static import compat as compat, losses as losses, nn as nn, train as train
from autograd.static.functions import (
    abs as abs, add as add, add_n as add_n, argmax as argmax, argmin as argmin, cast as cast,
    ceil as ceil, clip_by_value as clip_by_value, concat as concat, constant as constant,
    cos as cos, div as div, divide as divide, equal as equal, erf as erf, exp as exp,
    expand_dims as expand_dims, expm1 as expm1, floor as floor, floordiv as floordiv,
    gather as gather, greater as greater, greater_equal as greater_equal, identity as identity,
    less as less, less_equal as less_equal, log as log, log1p as log1p, logical_and as logical_and,
    logical_not as logical_not, logical_or as logical_or, matmul as matmul, maximum as maximum,
    minimum as minimum, mod as mod, mul as mul, multiply as multiply, neg as neg,
    negative as negative, not_equal as not_equal, ones as ones, ones_like as ones_like,
    placeholder as placeholder, pow as pow, random_normal as random_normal,
    random_uniform as random_uniform, reciprocal as reciprocal, reduce_all as reduce_all,
    reduce_any as reduce_any, reduce_logsumexp as reduce_logsumexp, reduce_max as reduce_max,
    reduce_mean as reduce_mean, reduce_min as reduce_min, reduce_prod as reduce_prod,
    reduce_sum as reduce_sum, reshape as reshape, round as round, rsqrt as rsqrt,
    set_random_seed as set_random_seed, sigmoid as sigmoid, sign as sign, sin as sin, sqrt as sqrt,
    square as square, squared_difference as squared_difference, squeeze as squeeze, stack as stack,
    stop_gradient as stop_gradient, sub as sub, subtract as subtract, tan as tan, tanh as tanh,
    tile as tile, to_float as to_float, transpose as transpose, truediv as truediv,
    truncated_normal as truncated_normal, where as where, zeros as zeros, zeros_like as zeros_like,
)
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
    bool as bool, float16 as float16, float32 as float32, float64 as float64, int32 as int32,
    int64 as int64, uint8 as uint8,
)
from autograd.static.variable import (
    Variable as Variable, assign as assign, assign_add as assign_add, assign_sub as assign_sub,
    global_variables as global_variables,
    global_variables_initializer as global_variables_initializer, group as group,
    initialize_all_variables as initialize_all_variables,
    trainable_variables as trainable_variables, variables_initializer as variables_initializer,
)
