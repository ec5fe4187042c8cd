"""Keywords of other libraries' functions."""

from __future__ import annotations

from autograd.engine.spellings.spread import spread

__all__ = ["RENAMED", "UNNEEDED"]

# What a keyword may be called here; the first of them that the function has is meant.
RENAMED = spread(
    {
        "dim dims": "axis axes shift",
        "axis": "dim axes",
        "axes": "axis dim",
        "keepdim keep_dims": "keepdims keepdim",
        "keepdims": "keepdim",
        "learning_rate eta step_size": "lr",
        "wd decay": "weight_decay",
        "epsilon": "eps",
        "rho": "alpha",
        "units": "out_features hidden_size",
        "out_features": "units",
        "input_dim": "in_features num_embeddings input_size",
        "output_dim": "out_features embedding_dim",
        "hidden_dim": "hidden_size",
        "embed_dim": "embedding_dim d_model",
        "filters": "out_channels",
        "in_channel in_planes": "in_channels",
        "out_channel out_planes": "out_channels",
        "strides": "stride",
        "pool_size": "kernel_size",
        "dilation_rate": "dilation",
        "use_bias": "bias",
        "bias": "use_bias",
        "rate drop_prob dropout_rate": "p dropout",
        "alpha": "negative_slope",
        "center scale": "affine elementwise_affine",
        "nb_epoch num_epochs n_epochs": "epochs",
        "size lengths": "shape",
        "generator random_state seed key": "rng",
        "minval": "low",
        "maxval": "high",
        "loc": "mean",
        "scale stddev sigma": "std",
        "ddof": "correction",
        "steps": "num",
        "end": "stop end_factor",
        "input a": "x",
        "other b": "y",
        "fill": "fill_value value",
        "value": "fill_value v",
        "a_min": "min",
        "a_max": "max",
        "split_size_or_sections split_size sections": "indices_or_sections",
        "target": "y",
        "argnums": "argnum",
        "in_dims": "in_axes",
        "out_dims": "out_axes",
        "input_names output_names": "names",
        "opset_version": "opset",
        "f": "path",
        "dynamic_shapes": "dynamic_axes",
    }
)
# What is not needed here, or is said in another place; f.x is the x of f alone.
UNNEEDED = spread(
    {
        "device non_blocking pin_memory": "all is done on the CPU, so leave it out",
        "memory_format layout order": "leave it out: memory is row by row",
        "foreach fused capturable differentiable": "leave it out",
        "has_aux": "grad_and_aux(f) gives the gradient of the first result, and the second",
        "holomorphic": "holomorphic_grad(f) is that of a holomorphic function",
        "inplace": "nothing works in place, so leave it out",
        "out": "assign the result instead: y = f(x)",
        "dtype": "write x.to(dtype) before, or y.to(dtype) after",
        "copy": "ag.tensor copies, ag.asarray shares memory",
        "requires_grad": "write y.requires_grad_() after",
        "beta_1 beta_2 beta1 beta2 b1 b2": "betas=(0.9, 0.999) holds both",
        "decay": "weight_decay=, or a schedule of optim.lr_scheduler",
        "clipnorm clipvalue global_clipnorm": "call nn.utils.clip_grad_norm_ before step()",
        "in_features input_size input_dim": "the size of the input is learned: leave it out",
        "input_shape batch_input_shape input_length": "leave it out, or put nn.Input(shape) first",
        "data_format": "channels come first; from nn import keras has layers with channels last",
        "kernel_initializer bias_initializer": "call nn.init.xavier_uniform_(layer.weight), ...",
        "kernel_regularizer bias_regularizer": "write weight_decay= for the optimizer",
        "kernel_constraint activity_regularizer": "add it to the loss, or to the loop",
        "activation": "put a layer after it: nn.ReLU(), nn.Softmax(-1), ...",
        "return_sequences": "all steps come back: outputs[:, -1] is the last",
        "return_state": "the state comes back beside the outputs",
        "from_logits": "losses of logits are layers of their own, such as nn.CrossEntropyLoss",
        "unbiased": "write correction=1, or 0",
        "size_average reduce": "write reduction='mean' or 'sum'",
        "as_tuple": "ag.stack(x.nonzero(), 1) has rows of indices",
        "where initial": "write ag.where(mask, x, 0) before",
        "class_weight sample_weight steps_per_epoch": "from nn import keras: its fit takes it",
        "name": "set it after, or leave it out",
        "args": "give by place, after the others, what the function takes besides",
        "gradcheck.eps gradcheck.atol gradcheck.rtol gradcheck.nondet_tol gradcheck.fast_mode"
        " gradgradcheck.eps gradgradcheck.atol gradgradcheck.rtol gradgradcheck.nondet_tol": (
            "leave it out: steps and tolerances are found for each element"
        ),
        "check_undefined_grad check_batched_grad check_forward_ad check_backward_ad": (
            "leave it out: gradcheck looks by itself"
        ),
        "compile.fullgraph compile.mode compile.backend compile.dynamic compile.jit_compile"
        " compile.donate_argnums compile.donate_argnames": (
            "leave it out: one whole plan is made for each kind of call"
        ),
        "compile.static_argnums compile.static_argnames": (
            "leave it out: what is no array is known by its value"
        ),
        "by": "p.table(by='module') of a profile takes it",
    }
)
