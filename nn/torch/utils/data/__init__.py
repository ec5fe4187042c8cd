"""nn.torch.utils.data: datasets, samplers and the DataLoader, with PyTorch's batches."""

from autograd.engine.lazy_names import attach as _attach
from autograd.engine.lazy_names import homes as _homes
from nn.torch.absent import refusing as _refusing

# Datasets are whatever has the methods that are called: nothing is checked by its name.
_NAMES = tuple(_homes(f"{__file__.rpartition('.')[0]}.pyi"))
_found, __dir__, __all__ = _attach(__name__, unchecked=_NAMES)
_PIPES = "write an IterableDataset, or a generator in one"
_REFUSED = {
    "DataChunk": _PIPES,
    "DFIterDataPipe": _PIPES,
    "IterDataPipe": _PIPES,
    "MapDataPipe": _PIPES,
    "datapipes": _PIPES,
    "functional_datapipe": _PIPES,
    "guaranteed_datapipes_determinism": _PIPES,
    "non_deterministic": _PIPES,
    "argument_validation": _PIPES,
    "runtime_validation": _PIPES,
    "runtime_validation_disabled": _PIPES,
    "graph": _PIPES,
    "graph_settings": _PIPES,
}
__getattr__ = _refusing("torch.utils.data", _found, _REFUSED)
