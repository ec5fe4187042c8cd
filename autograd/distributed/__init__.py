"""Several processes that work as one, over MPI: collectives on Tensors, under PyTorch's names.

Started by `mpiexec -n 4 python train.py` or `python -m autograd.distributed.run -n 4 train.py`;
started alone, a program is the same with one process, and needs no MPI.
"""

from autograd.engine.lazy_names import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__)
