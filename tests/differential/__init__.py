"""chaingrad beside PyTorch, in an environment that has both: `make test-torch`."""
