"""TensorBoard: a SummaryWriter that takes Tensors, and our graph as TensorBoard's graph."""

from nn.tensorboard.writer import SummaryWriter

__all__ = ["SummaryWriter"]
