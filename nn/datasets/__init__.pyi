# fmt: off
# isort: skip_file
"""The public names of nn.datasets, and where each is defined."""

from nn.datasets.idx import read_idx as read_idx
from nn.datasets.images import digits as digits, fashion_mnist as fashion_mnist, mnist as mnist
from nn.datasets.tables import read_csv as read_csv
from nn.datasets.texts import names as names, tiny_shakespeare as tiny_shakespeare
