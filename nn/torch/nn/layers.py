"""The layers of nn in the face."""

from __future__ import annotations

import nn
from nn.torch.nn.module import face_of

Linear = face_of(nn.Linear)
Sequential = face_of(nn.Sequential)
