"""Names that Keras has and this face has not, with what to write instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.errors import UnsupportedError

__all__ = ["REFUSED", "with_refusals"]

_NO_TEXT = "prepare texts before training (str.split, a dict of words), and give integers"
_NO_AUGMENT = "change images before training, in a generator or nn.data's transforms"
_RESHAPE = "write it as a Layer of your own, of keras.ops or autograd"

REFUSED: dict[str, str] = {
    **dict.fromkeys(("TextVectorization", "StringLookup", "IntegerLookup", "Hashing",
                     "HashedCrossing", "Discretization"), _NO_TEXT),
    **dict.fromkeys(("RandomCrop", "AutoContrast", "RandomErasing", "RandomShear", "RandomHue",
                     "RandomSaturation", "RandomGrayscale", "RandAugment", "MixUp", "CutMix"),
                    _NO_AUGMENT),
    **dict.fromkeys(("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "LocallyConnected1D",
                     "LocallyConnected2D", "SpectralNormalization", "GroupQueryAttention",
                     "AdaptiveAveragePooling2D", "AdaptiveMaxPooling2D", "STFTSpectrogram",
                     "MelSpectrogram", "ThresholdedReLU"), _RESHAPE),
    "CuDNNLSTM": "write LSTM",
    "CuDNNGRU": "write GRU",
    "TFSMLayer": "there is no TensorFlow here; write the model with layers",
    "TorchModuleWrapper": "there is no PyTorch here; write the module with layers",
    "JaxLayer": "there is no JAX here; write it as a Layer of your own",
    "FlaxLayer": "there is no Flax here; write it as a Layer of your own",
}  # fmt: skip


def with_refusals(face: str, found: Callable[[str], Any]) -> Callable[[str], Any]:
    """The `__getattr__` of a face that says what to write for names which are not here."""

    def __getattr__(name: str) -> Any:
        if name in REFUSED:
            raise UnsupportedError(
                f"{face.replace('nn.', '', 1)}.{name} is not here; {REFUSED[name]}"
            )
        return found(name)

    return __getattr__
