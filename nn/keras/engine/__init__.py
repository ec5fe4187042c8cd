"""What the face's layers and models are made of: variables, symbolic tensors, Layer, configs."""
