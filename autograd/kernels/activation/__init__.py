"""Activations, softmax, attention, cross-entropy, dropout."""
