"""Training: the loop behind `Model.fit`, `evaluate` and `predict`.

A step is what one writes by hand: output, loss, zero_grad, backward, step; `fit` gives the same
weights to the last bit.
"""

from nn.training.compiled import Compiled
from nn.training.evaluation import evaluate
from nn.training.loop import fit
from nn.training.prediction import predict

__all__ = ["Compiled", "evaluate", "fit", "predict"]
