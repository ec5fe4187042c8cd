"""keras.ops, activations, initializers, regularizers, constraints and utils beside Keras'."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import autograd as ag
from nn import keras as ours
from tests.differential.keras_peer import QUIET, as_numbers
from tests.differential.keras_peer import keras as theirs

pytestmark = [
    *QUIET,
    pytest.mark.filterwarnings("ignore:Tensor.T is deprecated:UserWarning"),
    pytest.mark.filterwarnings("ignore:Using torch.cross:UserWarning"),
]
RNG = np.random.default_rng(3)
X = RNG.normal(size=(3, 4)).astype("f")
Y = RNG.normal(size=(3, 4)).astype("f")
UNIT = RNG.random((3, 4)).astype("f") * 0.9 + 0.05
NUMBERS = np.array([[1, 2, 3], [4, 0, 6]], "int32")
TRUTH = np.array([[True, False], [True, True]])
SQUARE = (X[:, :3] @ X[:, :3].T + np.eye(3)).astype("f")
IMAGES = RNG.normal(size=(2, 5, 6, 3)).astype("f")
GAPS = np.array([[1.0, np.nan], [np.inf, 2.0]], "f")

ONE = """abs absolute all any angle arcsinh arctan argmax argmin argsort cbrt ceil conj conjugate
copy cos cosh count_nonzero cumprod cumsum deg2rad diag diagonal diff exp exp2 expm1 fabs flip
fliplr flipud floor gelu i0 isfinite isinf isnan isneginf isposinf logical_not logsumexp max
mean median min ndim negative nonzero ones_like prod ptp rad2deg ravel real reciprocal relu relu6
round selu sigmoid sign signbit silu sin sinc sinh size soft_shrink softmax softplus softsign sort
sparse_plus sparse_sigmoid square squareplus squeeze std sum swish tan tanh tanh_shrink trace
transpose tril triu trunc var zeros_like amax amin celu elu erf erfc glu hard_shrink hard_sigmoid
hard_silu hard_swish hard_tanh leaky_relu log_sigmoid log_softmax stop_gradient convert_to_numpy
convert_to_tensor dtype shape is_tensor normalize layer_normalization rms_normalization unique"""
IN_UNIT = "arccos arcsin arctanh erfinv log log10 log1p log2 sqrt rsqrt"
TWO = """add subtract multiply divide true_divide maximum minimum fmax fmin greater greater_equal
less less_equal equal not_equal arctan2 hypot logaddexp logaddexp2 divide_no_nan isclose logical_and
logical_or logical_xor mod floor_divide fmod allclose append heaviside"""
CALLS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    *((name, (X,), {}) for name in ONE.split()),
    *((name, (UNIT,), {}) for name in IN_UNIT.split()),
    *((name, (X, Y), {}) for name in TWO.split()),
    *((name, (X,), {"axis": axis, "keepdims": keep}) for name in
      ("sum", "mean", "max", "min", "prod", "std", "var", "argmax", "argmin", "logsumexp", "all",
       "any", "median", "norm") for axis in (0, -1) for keep in (False, True)),
    *((name, (NUMBERS, np.array([1, 2, 3], "int32")), {}) for name in
      ("bitwise_and", "bitwise_or", "bitwise_xor", "left_shift", "right_shift",
       "bitwise_left_shift", "bitwise_right_shift")),
    ("bitwise_not", (NUMBERS,), {}), ("bitwise_invert", (NUMBERS,), {}),
    *((name, (NUMBERS,), {}) for name in ("mean", "sum", "exp", "sqrt", "sin", "max", "cumsum")),
    *((name, (TRUTH,), {}) for name in ("sum", "all", "any", "logical_not", "argmax")),
    ("arccosh", (UNIT + 1,), {}), ("power", (UNIT, Y), {}), ("power", (X, 2), {}),
    ("add", (X, 1), {}), ("multiply", (2.0, X), {}), ("subtract", ([1.0, 2.0], [3.0, 4.0]), {}),
    ("matmul", (X, Y.T), {}), ("dot", (X, Y.T), {}), ("inner", (X, Y), {}), ("outer", (X, Y), {}),
    ("tensordot", (X, Y.T), {"axes": 1}), ("vdot", (X[0], Y[0]), {}), ("kron", (X[:2, :2], Y), {}),
    ("cross", (X[0, :3], Y[0, :3]), {}), ("einsum", ("ij,kj->ik", X, Y), {}),
    ("clip", (X, -0.5, 0.5), {}), ("concatenate", ([X, Y],), {"axis": 1}), ("stack", ([X, Y],), {}),
    ("stack", ([X, Y],), {"axis": -1}), ("hstack", ([X, Y],), {}), ("vstack", ([X, Y],), {}),
    ("dstack", ([X, Y],), {}), ("split", (X, 2), {"axis": 1}), ("split", (X, [1]), {}),
    ("array_split", (X, 2), {}), ("hsplit", (X, 2), {}), ("vsplit", (X, [1]), {}),
    ("unstack", (X,), {"axis": 1}), ("reshape", (X, (4, 3)), {}), ("reshape", (X, (-1,)), {}),
    ("expand_dims", (X, 1), {}), ("squeeze", (X[None],), {"axis": 0}), ("tile", (X, (2, 1)), {}),
    ("repeat", (X, 2), {"axis": 1}), ("repeat", (X, 2), {}), ("roll", (X, 1), {"axis": 0}),
    ("moveaxis", (IMAGES, -1, 1), {}), ("swapaxes", (IMAGES, 1, 2), {}), ("rot90", (X,), {}),
    ("transpose", (IMAGES,), {"axes": (0, 3, 1, 2)}), ("broadcast_to", (X[0], (2, 4)), {}),
    ("pad", (X, ((1, 0), (0, 2))), {}),
    ("pad", (X, ((1, 1), (0, 0))), {"constant_values": 3}),
    ("take", (X, [0, 2]), {"axis": 1}), ("take", (X, NUMBERS), {}), ("get_item", (X, 1), {}),
    ("take_along_axis", (X, np.argsort(X, 1)), {"axis": 1}), ("where", (X > 0, X, 0.0), {}),
    ("where", (X > 0, 1.0, 0.0), {}), ("where", (X > 0,), {}), ("select", ([X > 0], [X], 7.0), {}),
    ("searchsorted", (np.array([1.0, 2.0, 3.0], "f"), np.array([0.5, 2.0], "f")), {}),
    ("digitize", (X, np.array([-1.0, 0.0, 1.0], "f")), {}), ("bincount", (NUMBERS[0],), {}),
    ("bincount", (NUMBERS,), {"minlength": 9}), ("isin", (NUMBERS, [1, 6]), {}),
    ("average", (X[0],), {"weights": UNIT[0]}),
    ("quantile", (X, 0.3), {}),
    ("percentile", (X, 30.0), {"axis": 0}),
    ("argsort", (X,), {"axis": 0}),
    ("nan_to_num", (GAPS,), {}), ("nanmean", (GAPS[:, :1],), {}), ("nansum", (GAPS[0],), {}),
    ("nanmax", (GAPS[0],), {}), ("nanmin", (GAPS[0],), {}), ("trapezoid", (X,), {}),
    ("meshgrid", (X[0], Y[0]), {}),
    ("vander", (X[0],), {}),
    ("unravel_index", (NUMBERS, (3, 5)), {}),
    ("arange", (5,), {}), ("arange", (1, 7, 2), {}), ("arange", (0.0, 1.0, 0.25), {}),
    ("arange", (5,), {"dtype": "float32"}), ("linspace", (0.0, 1.0, 5), {}), ("eye", (3,), {}),
    ("eye", (2, 3, 1), {}), ("identity", (3,), {}), ("tri", (3,), {}), ("zeros", ((2, 3),), {}),
    ("ones", ((2,), "int32"), {}), ("full", ((2, 2), 7.0), {}), ("full_like", (X, 2.0), {}),
    ("logspace", (0.0, 2.0, 3), {}), ("array", ([1, 2],), {}), ("array", ([1.5],), {}),
    ("cast", (X, "int32"), {}), ("saturate_cast", (300 * X, "uint8"), {}),
    ("convert_to_tensor", ([1, 2, 3],), {}), ("convert_to_tensor", (X, "float64"), {}),
    ("one_hot", (NUMBERS, 7), {}), ("one_hot", (NUMBERS - 1, 7), {"axis": 1}),
    ("multi_hot", (NUMBERS, 7), {}), ("top_k", (X, 2), {}), ("gelu", (X,), {"approximate": False}),
    ("in_top_k", (np.array([0, 1, 3]), X, 2), {}), ("moments", (X,), {"axes": [0]}),
    ("normalize", (X,), {"axis": 0}), ("normalize", (X,), {"order": 1}),
    ("psnr", (X, Y, 2.0), {}),
    ("batch_normalization", (X, X.mean(0), X.var(0)), {"axis": -1, "offset": Y[0], "scale": Y[1]}),
    ("layer_normalization", (X, Y[0], Y[1]), {}), ("threshold", (X, 0.1, 7.0), {}),
    ("binary_crossentropy", (TRUTH.astype("f"), UNIT[:2, :2]), {}),
    ("categorical_crossentropy", (np.eye(4, dtype="f")[:3], UNIT), {}),
    ("categorical_crossentropy", (np.eye(4, dtype="f")[:3], X), {"from_logits": True}),
    ("sparse_categorical_crossentropy", (np.array([0, 3, 1]), UNIT), {}),
    ("max_pool", (IMAGES, 2), {}), ("max_pool", (IMAGES, 2, 1), {"padding": "same"}),
    ("average_pool", (IMAGES, 2), {"strides": 1}),
    ("average_pool", (IMAGES[:, :4], 2), {"padding": "same"}),
    ("conv", (IMAGES, RNG.normal(size=(3, 3, 3, 4)).astype("f")), {}),
    ("conv", (IMAGES, RNG.normal(size=(2, 3, 3, 4)).astype("f"), 2), {"padding": "same"}),
    ("conv", (IMAGES[:, 0], RNG.normal(size=(2, 3, 4)).astype("f")), {"dilation_rate": 2}),
    ("depthwise_conv", (IMAGES, RNG.normal(size=(3, 3, 3, 2)).astype("f")), {}),
    ("separable_conv", (IMAGES, RNG.normal(size=(3, 3, 3, 2)).astype("f"),
                        RNG.normal(size=(1, 1, 6, 4)).astype("f")), {}),
    ("dot_product_attention", tuple(RNG.normal(size=(3, 2, 5, 4, 6)).astype("f")), {}),
    ("dot_product_attention", tuple(RNG.normal(size=(3, 2, 5, 4, 6)).astype("f")),
     {"is_causal": True}),
    ("scatter", (np.array([[0, 1], [2, 2], [0, 1]]), np.array([1.0, 2.0, 3.0], "f"), (3, 3)), {}),
    ("scatter_update", (X, np.array([[0, 1], [2, 2]]), np.array([7.0, 8.0], "f")), {}),
    ("slice", (X, (1, 1), (2, 2)), {}), ("slice_update", (X, (1, 1), np.ones((2, 2), "f")), {}),
    ("segment_sum", (X, np.array([0, 0, 2]), 4), {}),
    ("norm", (X,), {}),
    ("norm", (X, 1), {"axis": 0}),
    ("det", (SQUARE,), {}), ("inv", (SQUARE,), {}), ("cholesky", (SQUARE,), {}),
    ("solve", (SQUARE, X), {}), ("logdet", (SQUARE,), {}), ("slogdet", (SQUARE,), {}),
    ("svd", (X,), {"compute_uv": False}), ("pinv", (X,), {}), ("matrix_rank", (X,), {}),
    ("cdist", (X, Y), {}), ("hard_shrink", (X,), {"threshold": 0.2}), ("cumsum", (X,), {"axis": 1}),
    ("max", (X,), {"initial": 0.5}),
    ("diff", (X,), {"n": 2}),
    ("fori_loop", (0, 3, lambda i, v: v + i, 0), {}),
    ("while_loop", (lambda i: i < 5, lambda i: (i + 2,), (0,)), {}),
    ("cond", (True, lambda: X, lambda: Y), {}), ("switch", (1, [abs, lambda v: -v], X), {}),
    ("scan", (lambda c, x: (c + x, c * x), np.zeros(4, "f"), X), {}),
    ("map", (lambda v: v * 2, X), {}),
    ("vectorized_map", (lambda v: v * 2, X), {}), ("ldexp", (X, NUMBERS[0, 0]), {}),
    ("nextafter", (X, Y), {}),
]  # fmt: skip
NAMES = [name for name in dir(theirs.ops) if name[0] != "_" and callable(getattr(theirs.ops, name))]


def parts(value: Any) -> list[Any]:
    if isinstance(value, (tuple, list)):
        return [each for part in value for each in parts(part)]
    return [value if isinstance(value, str) else as_numbers(value)]


@pytest.mark.parametrize(
    ("name", "args", "kwargs"), CALLS, ids=lambda v: v if isinstance(v, str) else ""
)
def test_ops_give_what_keras_ops_give(name: str, args: Any, kwargs: Any) -> None:
    given = args
    if name in ("stop_gradient", "unstack", "vectorized_map"):  # which ask PyTorch for Tensors
        given = [theirs.ops.convert_to_tensor(a) if a is X else a for a in args]
    wanted = getattr(theirs.ops, name)(*given, **kwargs)
    found = getattr(ours.ops, name)(*args, **kwargs)
    mine, other = parts(found), parts(wanted)
    assert len(mine) == len(other)
    for a, b in zip(mine, other, strict=True):
        if isinstance(b, str):
            assert a == b
            continue
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-5)
        assert a.shape == b.shape
    if hasattr(wanted, "dtype") and not isinstance(wanted, np.ndarray):
        assert isinstance(found, ag.Tensor)
        assert str(found.dtype) == theirs.backend.standardize_dtype(wanted.dtype)


def test_every_op_of_keras_is_here_or_refused_by_name() -> None:
    assert [n for n in NAMES if n not in ours.ops.TABLE and n not in ours.ops.REFUSED] == []
    called = {name for name, _, _ in CALLS}
    loose = {
        "imag",
        "sparsemax",
        "empty",
        "empty_like",
        "eigh",
        "qr",
        "lstsq",
        "isclose",
        "dsplit",
        "cond",
    }
    assert {*ours.ops.TABLE} - called - loose == set()
    for name in ours.ops.REFUSED:
        if name != "image":
            with pytest.raises(TypeError, match=f"keras.ops.{name} is not here; "):
                getattr(ours.ops, name)(X)


def named_alike() -> list[Any]:
    """Ops whose only arguments are arrays, with what the table calls them with."""
    found = []
    for name, args, kwargs in CALLS:
        names = [*inspect.signature(getattr(theirs.ops, name)).parameters]
        if not kwargs and names in (["x"], ["x1", "x2"]) and len(args) == len(names):
            found.append(pytest.param(name, dict(zip(names, args, strict=True)), id=name))
    return found


@pytest.mark.parametrize(("name", "kwargs"), named_alike())
def test_ops_take_the_names_of_keras_arguments(name: str, kwargs: Any) -> None:
    found = getattr(ours.ops, name)(**kwargs)
    again = getattr(ours.ops, name)(*kwargs.values())
    for a, b in zip(parts(found), parts(again), strict=True):
        np.testing.assert_array_equal(a, b)


# ---- activations ---------------------------------------------------------------------------------


def test_every_activation_of_keras_means_the_same() -> None:
    from keras.src.activations import ALL_OBJECTS_DICT

    for name in ALL_OBJECTS_DICT:
        if name == "sparsemax":
            continue  # Keras' rows do not sum to 1
        mine, other = ours.activations.get(name), theirs.activations.get(name)
        more = (0.1, 7.0) if name == "threshold" else ()
        for x in (X, 20 * X, np.zeros((2, 2), "f")):
            np.testing.assert_allclose(
                as_numbers(mine(x, *more)), as_numbers(other(x, *more)), rtol=2e-5, atol=2e-6,
                err_msg=name,
            )  # fmt: skip
        names = [*inspect.signature(other).parameters]
        own = [n for n in inspect.signature(mine).parameters if n != "old"]  # older spellings
        assert own == names, name


def test_sparsemax_is_the_nearest_point_of_the_simplex() -> None:
    for x in (X, 20 * X, np.zeros((2, 3), "f")):
        found = as_numbers(ours.activations.sparsemax(x))
        np.testing.assert_allclose(found.sum(axis=-1), 1, rtol=1e-5)
        cut = (x - found)[found > 0]  # one number of each row is taken away, where it leaves any
        rows = np.nonzero(found > 0)[0]
        for row in range(len(x)):
            np.testing.assert_allclose(cut[rows == row], cut[rows == row][0], atol=1e-5)
            assert (x[row][found[row] == 0] <= cut[rows == row][0] + 1e-5).all()


@pytest.mark.parametrize(
    "options",
    [{"negative_slope": 0.1}, {"max_value": 0.5}, {"threshold": 0.3},
     {"negative_slope": 0.2, "max_value": 1.0, "threshold": -0.2}],
    ids=str,
)  # fmt: skip
def test_options_of_relu_mean_the_same(options: dict[str, float]) -> None:
    found, wanted = (lib.activations.relu(X, **options) for lib in (ours, theirs))
    np.testing.assert_allclose(as_numbers(found), as_numbers(wanted), rtol=1e-6)


# ---- initializers --------------------------------------------------------------------------------

SHAPES = [(40, 50), (3, 3, 8, 16), (5, 20, 30), (5000,)]


def test_every_initializer_of_keras_has_its_distribution() -> None:
    from keras.src.initializers import ALL_OBJECTS_DICT

    for library in (ours, theirs):
        library.utils.set_random_seed(0)
    for name in sorted(ALL_OBJECTS_DICT):
        if name.lower() in ("initializer", "stft", "stftinitializer", "constant"):
            continue
        shapes = SHAPES[:1] if "dentity" in name else SHAPES[:3] if "rthog" in name else SHAPES
        for shape in shapes:
            mine, other = ours.initializers.get(name), theirs.initializers.get(name)
            assert type(mine).__name__ == type(other).__name__
            a, b = (as_numbers(x(shape)) for x in (mine, other))
            assert a.shape == b.shape
            room = 6 / np.sqrt(b.size)  # six standard deviations, of either difference or more
            np.testing.assert_allclose(a.mean(), b.mean(), atol=room * b.std() + 1e-6, err_msg=name)
            np.testing.assert_allclose(a.std(), b.std(), rtol=room, atol=1e-6, err_msg=name)
            np.testing.assert_allclose(np.abs(a).max(), np.abs(b).max(), rtol=0.4, atol=1e-6)


@pytest.mark.parametrize("mode", ["fan_in", "fan_out", "fan_avg"])
@pytest.mark.parametrize("distribution", ["uniform", "truncated_normal", "untruncated_normal"])
def test_variance_scaling_has_the_variance_of_keras(mode: str, distribution: str) -> None:
    for shape in ((60, 40), (3, 3, 10, 30)):
        options = {"scale": 1.7, "mode": mode, "distribution": distribution, "seed": 1}
        a, b = (
            as_numbers(lib.initializers.VarianceScaling(**options)(shape)) for lib in (ours, theirs)
        )
        np.testing.assert_allclose(a.std(), b.std(), rtol=0.1)


def test_a_seeded_initializer_repeats_itself_and_another_differs() -> None:
    for make in (ours.initializers.GlorotUniform, ours.initializers.HeNormal):
        once, again = make(seed=3), make(seed=3)
        np.testing.assert_array_equal(once((4, 5)).numpy(), again((4, 5)).numpy())
        np.testing.assert_array_equal(once((4, 5)).numpy(), once((4, 5)).numpy())
        assert (make()((4, 5)).numpy() != make()((4, 5)).numpy()).all()
        assert make(seed=3).get_config() == theirs.initializers.get(
            {"class_name": make.__name__, "config": {"seed": 3}}
        ).get_config() | {"input_axes": None, "output_axes": None}


# ---- regularizers and constraints ----------------------------------------------------------------


@pytest.mark.parametrize("name", ["regularizers", "constraints"])
def test_every_regularizer_and_constraint_of_keras_means_the_same(name: str) -> None:
    import importlib

    known = importlib.import_module(f"keras.src.{name}").ALL_OBJECTS_DICT
    for each in known:
        if each in ("Regularizer", "regularizer", "Constraint", "constraint"):
            continue
        mine, other = (getattr(lib, name).get(each) for lib in (ours, theirs))
        for x in (3 * X, np.abs(X), SQUARE):
            found, wanted = as_numbers(mine(x)), as_numbers(other(np.array(x)))
            np.testing.assert_allclose(found, wanted, rtol=2e-5, atol=1e-6, err_msg=each)
        again = getattr(ours, name).deserialize(getattr(ours, name).serialize(mine))
        assert again.get_config() == mine.get_config()


@pytest.mark.parametrize(
    ("chapter", "name", "options"),
    [
        ("regularizers", "L1", {"l1": 0.3}),
        ("regularizers", "L1L2", {"l1": 0.3, "l2": 0.2}),
        ("regularizers", "l1_l2", {"l1": 0.1}),
        ("regularizers", "l2", {"l2": 0.5}),
        ("regularizers", "OrthogonalRegularizer", {"factor": 0.3, "mode": "columns"}),
        ("constraints", "MaxNorm", {"max_value": 0.5, "axis": 1}),
        ("constraints", "MinMaxNorm", {"min_value": 0.5, "max_value": 0.8, "rate": 0.3}),
        ("constraints", "UnitNorm", {"axis": [0, 1]}),
    ],
)
def test_options_of_both_mean_the_same(chapter: str, name: str, options: Any) -> None:
    found, wanted = (
        as_numbers(getattr(getattr(lib, chapter), name)(**options)(lib.ops.array(X)))
        for lib in (ours, theirs)
    )
    np.testing.assert_allclose(found, wanted, rtol=2e-5, atol=1e-6)


# ---- utils ---------------------------------------------------------------------------------------

UTILS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("to_categorical", ([0, 2, 1],), {}), ("to_categorical", ([[0], [2]],), {"num_classes": 4}),
    ("to_categorical", (np.array([[0, 1], [2, 1]]),), {}), ("to_categorical", (2,), {}),
    ("to_categorical", (np.array([1.0, 0.0]),), {}), ("normalize", (X,), {}),
    ("normalize", (X,), {"axis": 1, "order": 1}), ("normalize", (np.zeros((2, 2)),), {}),
    ("pad_sequences", ([[1], [2, 3], [4, 5, 6]],), {}),
    *(("pad_sequences", ([[1], [], [4, 5, 6]],), {"maxlen": n, "padding": p, "truncating": t})
      for n in (2, 5) for p in ("pre", "post") for t in ("pre", "post")),
    ("pad_sequences", ([[[1, 2]], [[3, 4], [5, 6]]],), {"value": -1, "dtype": "float32"}),
    ("unpack_x_y_sample_weight", ((1, 2),), {}), ("pack_x_y_sample_weight", (1, 2), {}),
    ("standardize_dtype", ("float32",), {}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args", "kwargs"), UTILS)
def test_utils_give_what_keras_utils_give(name: str, args: Any, kwargs: Any) -> None:
    found = getattr(ours.utils, name)(*args, **kwargs)
    wanted = getattr(theirs.utils, name)(*args, **kwargs)
    if not isinstance(wanted, np.ndarray):
        assert found == wanted
        return
    np.testing.assert_allclose(found, wanted, rtol=1e-6)
    assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape)


TEXTS = ["The cat sat, on the mat.", "A dog; the DOG\tbarks!", ["one", "Cat"], ""]


@pytest.mark.parametrize(
    "options",
    [{}, {"num_words": 4}, {"oov_token": "<?>"}, {"num_words": 3, "oov_token": "<?>"},
     {"char_level": True}, {"lower": False, "split": "t", "filters": ","}],
    ids=str,
)  # fmt: skip
def test_the_tokenizer_is_that_of_keras_2(options: dict[str, Any]) -> None:
    from keras.src.legacy.preprocessing import text as old

    new = ours.preprocessing.text
    assert new.text_to_word_sequence(TEXTS[1]) == old.text_to_word_sequence(TEXTS[1])
    pair = [module.Tokenizer(**options) for module in (new, old)]
    for tokenizer in pair:
        tokenizer.fit_on_texts(TEXTS)
    mine, other = pair
    assert mine.word_index == other.word_index
    again = [[*TEXTS, "a new word"], ["cat mat"]]
    for texts in again:
        assert mine.texts_to_sequences(texts) == other.texts_to_sequences(texts)
        for mode in ("binary", "count", "freq", "tfidf"):
            np.testing.assert_allclose(
                mine.texts_to_matrix(texts, mode), other.texts_to_matrix(texts, mode)
            )
    numbers = [[1, 2, 3, 99], []]
    assert mine.sequences_to_texts(numbers) == other.sequences_to_texts(numbers)
    copied = new.tokenizer_from_json(other.to_json())
    assert copied.texts_to_sequences(TEXTS) == mine.texts_to_sequences(TEXTS)


@pytest.mark.parametrize(
    "chapter",
    [
        "utils",
        "callbacks",
        "losses",
        "metrics",
        "optimizers",
        "initializers",
        "regularizers",
        "constraints",
        "activations",
        "datasets",
        "preprocessing",
        "random",
        "saving",
        "backend",
    ],
)
def test_every_public_name_of_a_chapter_is_here_or_refused_by_name(chapter: str) -> None:
    later = {"legacy", "bounding_boxes"}
    wanted = {n for n in dir(getattr(theirs, chapter)) if n[0] != "_"} - later
    assert wanted - {*dir(getattr(ours, chapter))} == set()
