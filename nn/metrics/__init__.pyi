# fmt: off
# isort: skip_file
"""The public names of nn.metrics, and where each is defined."""

from nn.metrics.accuracy import (
    Accuracy as Accuracy, BinaryAccuracy as BinaryAccuracy,
    CategoricalAccuracy as CategoricalAccuracy, ClassMetric as ClassMetric,
    SparseCategoricalAccuracy as SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy as SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy as TopKCategoricalAccuracy,
)
from nn.metrics.base import (
    FunctionMetric as FunctionMetric, MeanMetric as MeanMetric, Metric as Metric,
)
from nn.metrics.counts import (
    ConfusionMatrix as ConfusionMatrix, F1Score as F1Score, Precision as Precision,
    Recall as Recall,
)
from nn.metrics.detection import MeanAveragePrecision as MeanAveragePrecision
from nn.metrics.overlap import Dice as Dice, IoU as IoU, MeanIoU as MeanIoU
from nn.metrics.regression import (
    MeanAbsoluteError as MeanAbsoluteError, MeanSquaredError as MeanSquaredError,
    R2Score as R2Score, RootMeanSquaredError as RootMeanSquaredError,
)
from nn.metrics.names import get as get
