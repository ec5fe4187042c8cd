"""Names of PyTorch that are not here, and what to write instead: one table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from autograd.engine.missing import Missing, nearest
from autograd.errors import MissingAttributeError

__all__ = ["OF_TENSORS", "Refused", "missing", "reason"]

_NN = "it is in torch.nn.functional, with the arguments in its own order"
_DENSE = "there are no sparse Tensors here; keep them dense"
_WHOLE = "there are no quantized numbers here; use torch.float32"
_INTERNAL = "it belongs to the inside of PyTorch; leave it out"
_AUTOCAST = "nothing is cast by itself here; leave it out, or use torch.autocast"
_STORAGE = "memory is NumPy's here; use x.numpy()"
_COPY = "use the function without _copy, and .clone()"
_STRIDES = "memory is not laid out by hand; use unfold, select or indexing"

# A name, or the pattern of several, and what to write instead.
_TABLE: tuple[tuple[str, str], ...] = (
    (
        r"sparse_.*|to_sparse.*|sspaddmm|.*_indices|smm|spmm|dsmm|hsmm|hspmm|saddmm|values|indices|"
        r"dense_dim|is_coalesced|resize_as_sparse_|_spdiags|values_copy|.*indices_copy|to_mkldnn|"
        r"sparse|coalesce",
        _DENSE,
    ),
    (
        r"q_.*|qint.*|quint.*|quantize.*|quantized_.*|quantization|fake_quantize.*|fbgemm_.*|"
        r"per_(channel|tensor)_.*|int_repr|dequantize|qscheme|choose_qparams.*|fused_moving_avg.*|"
        r"empty_quantized|QU?Int.*Storage|float8_.*|float4_.*|u?int[1-7]|bits?\d.*|bit",
        _WHOLE,
    ),
    (r".*_copy", _COPY),
    (r"as_strided.*|empty_strided|new_empty_strided|empty_permuted|dim_order|set_", _STRIDES),
    (r".*Storage(Base)?|storage.*|untyped_storage|const_data_ptr|is_set_to|share_memory", _STORAGE),
    (r".*autocast.*", _AUTOCAST),
    (r"gru|gru_cell|lstm|lstm_cell|rnn_.*", "use the layers torch.nn.GRU, LSTM, RNN"),
    (
        r"batch_norm|instance_norm|kl_div|.*_loss|binary_cross_entropy.*|embedding_bag|"
        r"feature_dropout|constant_pad_nd|conv_tbc",
        _NN,
    ),
    (
        r"affine_grid_generator|grid_sampler.*|convolution|native_.*|batch_norm_.*|embedding_renorm_|"
        r"norm_except_dim",
        "use torch.nn.functional",
    ),
    (
        r"cudnn_.*|miopen_.*|mkldnn_.*|mps|xpu|mtia|ipu|accelerator|get_device_module|cpu|"
        r"record_stream|Stream|Event|is_vulkan_available|DeviceObjType|StreamObjType",
        "there is the CPU alone; leave it out",
    ),
    (r"eig|symeig", "use torch.linalg.eigh of symmetric matrices, or torch.linalg.eig"),
    (r"solve", "use torch.linalg.solve(A, B), whose arguments are in this order"),
    (r"lstsq", "use torch.linalg.lstsq(A, B)"),
    (r"matrix_rank", "use torch.linalg.matrix_rank"),
    (
        r"ldl_.*|geqrf|orgqr|ormqr|householder_product",
        "use torch.linalg.solve, cholesky or qr",
    ),
    (r"lobpcg|pca_lowrank|svd_lowrank", "use torch.linalg.svd or eigh, and keep what you need"),
    (r"apply_|map_|map2_", "write it with functions of torch, which work on all elements at once"),
    (
        r"histogramdd|cond|while_loop|segment_reduce|hash_tensor|"
        r"nonzero_static|slice_inverse|renorm_out",
        "write it with other functions; numpy has it",
    ),
    (r"resize|resize_as", "use reshape, or resize_"),
    (r"fill", "use torch.full, or x.fill_(value)"),
    (r"reinforce", "use torch.distributions and log_prob"),
    (r"register_post_accumulate_grad_hook", "step the optimizer after backward()"),
    (r"chalf|complex32", "NumPy has no complex numbers of half precision; use torch.complex64"),
    (r"dlpack|to_dlpack", "give the tensor itself: torch.from_dlpack(tensor)"),
    (r"from_file", "go by NumPy: torch.from_numpy(np.fromfile(path))"),
    (
        r"export",
        "torch.onnx.export writes a model, torch.save(model.state_dict(), path) its numbers",
    ),
    (r"profiler.*", "autograd.profile() tells the time of each op"),
    (r"nested|jagged|to_padded_tensor", "pad the rows: torch.nn.utils.rnn.pad_sequence(rows)"),
    (
        r"jit|fx|package|library|ops|classes|script.*|parse_.*|import_ir.*|fork|wait|futures|"
        r"futures?|compiler|hub|onnx|overrides|monitor|masked|signal|testing|"
        r"multiprocessing|prepare_multiprocessing.*|quasirandom|thread_safe_generator",
        "there is no such part here; run what you write as it is",
    ),
    (
        r"sym_.*|Sym.*|[A-Z]\w*Type|Script\w*|[A-Z]\w*(Error|Exception|Config|Stats|Spec|Report|State|"
        r"Logger|Guard|Function|Subclass|Dict|List|Set|Info|Check|Memo\w*|Method|Module\w*|Object\w*|"
        r"Reader|Writer|Benchmark|Schema|Plan|Context|Builder|Iterator|Unit|Db|Key\w*|Serializer|"
        r"Property)|Argument|Block|CallStack|Capsule|Code|Future|Gradient|Graph|IODescriptor|Node|Tag|"
        r"Type|Use|Value|AVG|SUM|PRIVATE_OPS|USE_.*|TYPE_CHECKING|merge_type.*|unify_type_list|"
        r"classproperty|compiled_with.*|init_num_threads|get_file_path|cpp|return_types|types|windows|"
        r"is_deterministic_algorithms.*|(get|set)_deterministic_debug_mode|is_anomaly.*|"
        r"set_anomaly_enabled|module_load|output_nr|grad_dtype|index|as_subclass|is_distributed|"
        r"layout|memory_format|has_.*|torch_version|DisableTorch.*|BFloat16Tensor|"
        r"legacy_contiguous_format|functional|serialization|utils|optim|distributions|storage_type",
        _INTERNAL,
    ),
    (
        r"builtins|ctypes|functools|glob|importlib|inspect|math|os|platform|sys|textwrap|threading|"
        r"warnings|torch",
        "it is Python's own: import it",
    ),
    (r"hfft2|hfftn|ihfft2|ihfftn", "use torch.fft.fftn"),
    (
        r"functionalize|debug_unwrap|linearize|rearrange|replace_all_batch_norm_modules_|forward_ad|"
        r"anomaly_mode|grad_mode|variable|SavedTensor|ao|common_.*|multi_dim_common|"
        r"factory_common_args|.*[Mm]ultithreading.*|(handle|has)_torch_function|is_view_replay.*|"
        r"enforce_grad.*|kineto.*|is_tensor_like|Profiler.*|LoggerBase|Mapping|Sequence|cast|overload",
        _INTERNAL,
    ),
    (r"airy_ai", "scipy.special.airy has it, without a gradient"),
)
# Those of Tensors. Each is an attribute that says what to write; others are as unknown as they are
# to Python, since a Tensor that is asked for what it has not, as the engine does, must be quick.
_OF_TENSORS = """
    apply_ as_strided_ as_strided_scatter as_subclass ccol_indices chalf col_indices
    const_data_ptr crow_indices dense_dim dequantize dim_order eig geqrf grad_dtype hash_tensor
    index indices int_repr ipu is_coalesced is_set_to lstsq map2_ map_ module_load
    mtia new_empty_strided nonzero_static orgqr ormqr output_nr q_per_channel_axis
    q_per_channel_scales q_per_channel_zero_points q_scale q_zero_point qscheme record_stream
    register_post_accumulate_grad_hook reinforce resize resize_as resize_as_sparse_ row_indices
    set_ slice_inverse smm solve sparse_dim sparse_mask sparse_resize_ sparse_resize_and_clear_
    sspaddmm storage storage_offset storage_type symeig to_mkldnn to_padded_tensor to_sparse
    to_sparse_bsc to_sparse_bsr to_sparse_coo to_sparse_csc to_sparse_csr untyped_storage values
    xpu
"""
OF_TENSORS = _OF_TENSORS.split()
_PATTERNS = [(re.compile(pattern), instead) for pattern, instead in _TABLE]


def reason(name: str) -> str | None:
    """What to write instead of a name of PyTorch's; None for a name that it has not."""
    return next((instead for p, instead in _PATTERNS if p.fullmatch(name)), None)


class Refused(Missing):
    """An attribute of Tensors that is not there, and says what to write instead."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "")

    def __get__(self, tensor: Any, kind: Any = None) -> Any:
        raise missing("Tensor", self.name)


def missing(
    where: str, name: str, otherwise: str | None = None, known: Iterable[str] = ()
) -> MissingAttributeError:
    """The error for a name that is not here; `otherwise` is said of what the table has not.

    Else the nearest of the known names is asked for.
    """
    instead = reason(name) or otherwise
    hint = nearest(name, known) or "; dir() names what there is"
    return MissingAttributeError(f"{where} has no {name!r}" + (f": {instead}" if instead else hint))
