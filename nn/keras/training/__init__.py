"""Training with Keras' meaning: data, losses and metrics by output, progress; nn.training's loop."""
