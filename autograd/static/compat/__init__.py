"""`tf.compat.v1` is the face itself."""
