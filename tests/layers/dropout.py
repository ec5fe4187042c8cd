"""Dropout: nothing in evaluation; what it does in training is in tests/test_dropout.py."""

from __future__ import annotations

from autograd.engine.samples import draw
from tests.layers.case import case, identity

CASES = [
    case(name, *args, inputs=lambda shape=shape: [draw(*shape)], reference=identity, random=True)
    for name, args, shape in [
        ("Dropout", (), (4, 3)),
        ("Dropout", (0.0,), (4, 3)),
        ("Dropout", (1.0,), (4, 3)),
        ("Dropout", (0.2, True), (4, 3)),
        ("Dropout1d", (), (4, 3, 2)),
        ("Dropout1d", (), (4, 3)),
        ("Dropout2d", (), (2, 3, 2, 2)),
        ("Dropout3d", (), (2, 3, 2, 1, 2)),
        ("Dropout3d", (), (4, 3, 1, 2)),
        ("AlphaDropout", (0.3,), (4, 3)),
        ("AlphaDropout", (1.0,), (4, 3)),
        ("FeatureAlphaDropout", (0.3,), (4, 3, 2)),
    ]
]
