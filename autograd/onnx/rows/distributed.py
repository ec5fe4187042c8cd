"""What processes tell each other, which a model for one process has no operators for."""

from autograd.onnx.table import refuse

__all__: list[str] = []

refuse("processes exchange numbers there, and a model runs in one; export the model of one process",
       "all_gather", "all_reduce", "all_to_all", "broadcast_from",
       "copied_to_all", "gather_to", "gathered_from_all", "own_part",
       "reduce_scatter", "reduce_to", "scatter_from", "summed_over_all")  # fmt: skip
