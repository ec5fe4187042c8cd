"""What numbers may be, by the name of the parameter: said once, for everything public.

Where a name has another meaning, the annotation is a name of its own (`p: Probability`). BY_NAME
says what a parameter is whose annotation says Any.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

__all__ = [
    "ANY", "AT_LEAST_1", "BY_NAME", "EMPTY", "FINITE", "INFINITE", "NOT_NAN", "POSITIVE", "RANGES",
    "SHAPES", "TOO_LARGE", "Count", "Decay", "Length", "Probability", "Range", "Rate",
]  # fmt: skip

# Annotations of parameters whose name means something else elsewhere.
Probability: TypeAlias = float
Decay: TypeAlias = float  # what remains of an average: from 0 to 1
Count: TypeAlias = int  # 1 or more
Length: TypeAlias = int  # 0 or more
Rate: TypeAlias = float  # 0 or more


class Range(NamedTuple):
    """What numbers may be, and what to say of one that is not."""

    words: str
    fits: Callable[[Any], bool]


FINITE = Range("must be a finite number", math.isfinite)
NOT_NAN = Range("must not be NaN", lambda n: n == n)
ANY = Range("", lambda n: True)
NOT_NEGATIVE = Range("must not be negative", lambda n: n >= 0)
POSITIVE = Range("must be positive", lambda n: n > 0)
AT_LEAST_1 = Range("must be at least 1", lambda n: n >= 1)
SHARE = Range("must be a number from 0 to 1", lambda n: 0 <= n <= 1)
PROBABILITY = Range("is a probability, from 0 to 1", lambda n: 0 <= n <= 1)
BELOW_1 = Range("must be two numbers from 0 up to but not 1", lambda n: 0 <= n < 1)
TOO_LARGE = Range("is too large", lambda n: False)
EMPTY = Range("must not be empty", lambda n: False)

RANGES: dict[str, Range] = {
    name: limit
    for limit, names in (
        (AT_LEAST_1, (
            "Count kernel_size stride dilation groups in_channels out_channels channels "
            "hidden_size input_size num_layers num_heads nhead embed_dim d_model dim_feedforward "
            "num_groups num_channels num_features inputs outputs num_parameters num_pieces "
            "embedding_dim in1_features in2_features n_classes upscale_factor downscale_factor "
            "kdim vdim units classes width heads depth context vocabulary chunks batch_size T_0 "
            "T_max T_mult step_size step_size_up total_iters total_steps steps_per_epoch "
            "n_power_iterations history_size max_iter max_eval probes depths size output_size "
            "normalized_shape order number"
        )),
        (NOT_NEGATIVE, (
            "Length Lengths Rate in_features out_features num_embeddings padding output_padding "
            "patience cooldown start_from_epoch prefetch num_workers timeout prefetch_factor "
            "proj_size minlength num m pixels "
            "ns_steps step_size_down num_encoder_layers num_decoder_layers lr weight_decay eps "
            "lr_decay momentum gamma max_lr base_lr min_lr swa_lr eta_min base_momentum "
            "max_momentum initial_accumulator_value t0 momentum_decay tolerance_grad "
            "tolerance_change clip_norm layer_norm_eps max_norm clip_value std atol rtol lambd "
            "power epochs min_delta steps initial_epoch anneal_epochs rng seed gain blank repeats "
            "reps paths correction ddof iou_threshold score_thresh nms_thresh min_size"
        )),
        (POSITIVE, "tau delta div_factor final_div_factor div_value scale_factor spatial_scale"),
        (SHARE, (
            "Decay label_smoothing sparsity pct_start rho validation_size validation_split decay "
            "dampening"
        )),
        (PROBABILITY, "Probability dropout dropout_p"),
        (BELOW_1, "betas"),
        (NOT_NAN, "min_val max_val threshold a b ord p norm_type"),
        (FINITE, "Widths indices_or_sections"),
        (ANY, "value padding_value fill_value fill nan posinf neginf val value_at_zero"),
    )
    for name in names.split()
}  # fmt: skip
SHAPES = {"chunks", "normalized_shape", "output_size", "shape"}
INFINITE = {"max_norm", "clip_value", "norm_type", "atol", "rtol", "min_delta"}

# What a parameter is whose annotation says Any.
BY_NAME = {
    name: annotation
    for annotation, names in {
        "Array": (
            "input input1 input2 target x x1 x2 y anchor positive negative query key value "
            "data log_probs targets input_lengths target_lengths var indices logits theta "
            "grid weight linear_weight linear_bias pos_weight attn_mask total_norm "
            "key_padding_mask offsets out_proj_weight tensor per_sample_weights lengths "
            "padded_sequences _weight start stop fill_value mean std low high q base"
        ),
        "Constants": "_random_samples rcond repeats rtol tol",
        "Array | None": (
            "running_mean running_var bias_k bias_v in_proj_weight in_proj_bias q_proj_weight "
            "static_k k_proj_weight v_proj_weight static_v out_proj_bias permutation"
        ),
        "Array | bool": "bias",
        "int | Sequence[int | None] | None": "output_size",
        "int | Sequence[int]": "kernel_size dilation output_padding stride size padding",
        "float | Sequence[float]": "output_ratio scale_factor",
        "int | Sequence[int] | None": "axis",
        "Dataset": "dataset data_source",
        "Lengths": "shape",
        "float": "step",
        "str | Module | Callable | None": "activation last",
        "Callable": "custom_encoder custom_decoder",
        "Module": "module",
        "Rng": "rng",
        "npt.DTypeLike | None": "dtype",
    }.items()
    for name in names.split()
}
