"""`tf.compat.v1` is the face itself."""

from autograd.static.compat import v1 as v1
