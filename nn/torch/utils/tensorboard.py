"""torch.utils.tensorboard: the writer of events."""

from nn.tensorboard import SummaryWriter

__all__ = ["SummaryWriter"]
