"""Training with Keras' meaning: data, losses and metrics by output, progress."""
