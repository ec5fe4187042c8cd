"""Attributes of Tensors and modules that other libraries have."""

from __future__ import annotations

from autograd.engine.spellings.spread import in_place, spread

__all__ = ["MODULE", "TENSOR"]

TENSOR = spread(
    {
        "numel nelement": "x.size",
        "dim ndimension": "x.ndim",
        "element_size": "x.itemsize",
        "cpu cuda": "all is done on the CPU, so leave it out",
        "get_device is_cuda": "all is done on the CPU, so leave it out",
        "pin_memory record_stream share_memory_": "all is done on the CPU, so leave it out",
        "contiguous": "leave it out, or x.copy()",
        "is_contiguous stride strides flags": "x.numpy().flags and x.numpy().strides",
        "data_ptr storage untyped_storage": "x.numpy() shares its memory",
        "view_as reshape_as": "x.reshape(y.shape)",
        "expand_as": "x.expand(y.shape)",
        "type_as": "x.to(y.dtype)",
        "type": "x.dtype, or x.to(dtype)",
        "half bfloat16 bool short byte char": "x.to(dtype)",
        "t H mH adjoint": "x.mT, of complex numbers x.conj().mT",
        "detach_": "x.detach()",
        "add sub mul div true_divide": "operators: x + y, x - y, x * y, x / y",
        "subtract multiply divide floor_divide": "ag.{}(x, y)",
        "neg": "-x",
        "eq ne lt le gt ge": "operators: ==, !=, <, <=, >, >=",
        "mm bmm mv": "x @ y",
        "addmm addmv baddbmm addbmm": "z + x @ y",
        "addcmul addcdiv": "z + value * x * y (x / y)",
        "ger": "x.outer(y)",
        "rsqrt": "1 / x.sqrt()",
        "frac": "x - x.trunc()",
        "norm": "ag.linalg.norm(x, ord, axis)",
        "det inverse pinverse slogdet svd qr cholesky eig solve lstsq": (
            "autograd.linalg has det, inv, pinv, slogdet, svd, qr, cholesky, eigh, solve, lstsq"
        ),
        "matrix_power matrix_exp logdet": "autograd.linalg; logdet is slogdet(x).logabsdet",
        "clamp_min clamp_max": "x.clip(min=a), x.clip(max=b)",
        "select": "x[:, i]",
        "narrow narrow_copy": "x[:, start : start + length]",
        "movedim": "x.moveaxis(source, destination)",
        "swapdims": "x.swapaxes(i, j)",
        "itemset": "x[index] = v",
        "base byteswap getfield setfield setflags": "x.numpy().{}, of its array",
        "take_along_dim": "ag.take_along_axis(x, indices, axis)",
        "tensor_split": "ag.array_split(x, n, axis)",
        "split_with_sizes": "x.split(the places to cut at)",
        "where": "ag.where(mask, x, y)",
        "new_zeros new_ones new_empty": "ag.zeros(shape, dtype=x.dtype), ag.ones, ag.empty",
        "new_full new_tensor new": "ag.full(shape, value, dtype=x.dtype), ag.tensor(data)",
        "is_floating_point is_complex is_signed": "x.dtype.kind is 'f' for floating, 'c' complex",
        "retains_grad": "x.retain_grad() keeps x.grad",
        "register_post_accumulate_grad_hook": "x.register_hook(hook)",
        "multinomial bernoulli": "ag.random, or numpy.random.Generator.choice(n, p=x.numpy())",
        "nanmedian nanquantile": "ag.{}(x)",
        "histc": "np.histogram(x.numpy())",
        "to_sparse to_dense coalesce is_sparse": "Tensors here are dense",
        "resize resize_": "x.reshape(shape), or ag.pad",
        "apply_ map_": "ag functions of whole Tensors",
        "flat": "x.reshape(-1)",
        "tobytes tofile dump dumps ctypes": "x.numpy().{}(...)",
        "null_grad": "x.zero_grad()",
        "creator": "x.grad_fn",
        "block_until_ready": "all is done when the call returns: leave it out",
        "at": "ag.setitem(x, v, index), or x[index] = v",
        # functions that are no methods
        "absolute acosh angle arccos arccosh arcsin arcsinh arctan arctanh argwhere asinh atanh": (
            "ag.{}(x)"
        ),
        "bincount deg2rad diag digamma erfc erfinv exp2 fix fliplr flipud frexp hardshrink": (
            "ag.{}(x)"
        ),
        "i0 isneginf isposinf lgamma logical_not logit nan_to_num nanmean nansum": ("ag.{}(x)"),
        "negative positive prelu rad2deg rot90 signbit sinc bitwise_not": "ag.{}(x)",
        "arctan2 atan2 bitwise_and bitwise_or bitwise_xor copysign cross equal float_power": (
            "ag.{}(x, y)"
        ),
        "fmax fmin fmod greater greater_equal heaviside hypot inner isclose kron ldexp": (
            "ag.{}(x, y)"
        ),
        "less less_equal logaddexp logaddexp2 logical_and logical_or logical_xor nextafter": (
            "ag.{}(x, y)"
        ),
        "not_equal remainder vdot xlogy": "ag.{}(x, y)",
        "lerp repeat_interleave hsplit vsplit dsplit polygamma": ("ag.{}(x, ...)"),
        "values indices": "x.max(axis) are the values, x.argmax(axis) the indices",
        "as_strided": "np.lib.stride_tricks.sliding_window_view(x.numpy(), shape), or slices",
        "is_cpu is_pinned is_shared is_mps": "all is done on the CPU, so leave it out",
        "is_nonzero": "bool(x)",
        "is_same_size": "x.shape == y.shape",
        "dist": "ag.linalg.norm(x - y)",
        "diagflat": "ag.diagflat(x)",
        "cov corrcoef histogram unique_consecutive gcd lcm isreal": (
            "NumPy on x.numpy(), without a gradient"
        ),
        "msort": "x.sort(0)",
        "sgn": "x.sign(), of complex numbers x / x.abs()",
        "lu lu_solve triangular_solve cholesky_solve cholesky_inverse": "ag.linalg.solve(x, y)",
        "index": "x[index]",
        "unsafe_chunk unsafe_split": "x.chunk(n), x.split(n)",
        "std_mean var_mean": "x.std() and x.mean()",
    }
) | in_place(
    {
        "add sub mul div": "x += v (-=, *=, /=), under ag.no_grad() where x requires grad",
        "subtract multiply divide true_divide": "x -= v (*=, /=), under ag.no_grad()",
        "pow": "x **= v, under ag.no_grad()",
        "addcmul addcdiv lerp addmm baddbmm": "x += v, under ag.no_grad()",
        "zero fill copy": "x[...] = v, under ag.no_grad(); for a gradient w.grad = None",
        "masked_fill masked_scatter": "x[mask] = v, under ag.no_grad()",
        "index_fill index_copy index_put fill_diagonal put": "x[index] = v, under ag.no_grad()",
        "normal uniform random bernoulli exponential": "nn.init, or x[...] = ag.randn(...)",
        "squeeze unsqueeze transpose swapaxes": "x = x.{}(...)",
        "t": "x = x.mT",
        "abs ceil clamp clip cos cumsum cumprod erf exp expm1 floor log log10 log1p log2": (
            "x[...] = x.{}(...), under ag.no_grad()"
        ),
        "reciprocal relu round scatter scatter_add sigmoid sign sin sqrt square tan tanh": (
            "x[...] = x.{}(...), under ag.no_grad()"
        ),
        "tril triu trunc": "x[...] = x.{}(...), under ag.no_grad()",
        "absolute acos asin atan acosh asinh atanh sinh cosh sgn frac exp2 erfinv logit lgamma": (
            "x[...] = a function of x, under ag.no_grad()"
        ),
        "digamma clamp_min clamp_max logical_not logical_and logical_or fmod floor_divide sinc": (
            "x[...] = a function of x, under ag.no_grad()"
        ),
        "eq ne lt le gt ge bitwise_and bitwise_or bitwise_xor bitwise_not": (
            "x[...] = the comparison, under ag.no_grad()"
        ),
        "set resize_as scatter_reduce negative cauchy log_normal geometric": "x[...] = v",
        "neg rsqrt remainder": "x[...] = -x and so on, under ag.no_grad()",
    }
)

MODULE = spread(
    {
        "cpu cuda to_empty share_memory": "all is done on the CPU, so leave it out",
        "bfloat16": "model.to('float16') or model.to('float32')",
        "count_params": "sum(p.size for p in model.parameters())",
        "get_weights": "model.state_dict()",
        "set_weights": "model.load_state_dict(state)",
        "save save_weights": "nn.save(model, path)",
        "load_weights": "model.load_state_dict(nn.load(path))",
        "fit_generator": "model.fit(loader)",
        "evaluate_generator": "model.evaluate(loader)",
        "predict_generator": "model.predict(loader)",
        "train_on_batch test_on_batch predict_on_batch get_layer to_json trainable_weights": (
            "nn.keras.Model has it (from nn import keras)"
        ),
        "predict_classes": "model.predict(x).argmax(-1)",
        "add": "append(layer) of nn.Sequential, or self.name = layer",
        "layers": "list(model.children())",
        "register_backward_hook": "model.register_full_backward_hook(hook)",
    }
)
