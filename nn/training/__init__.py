"""Training: a model that trains itself, and the loop behind its `fit`, `evaluate` and `predict`.

A step is what one writes by hand: output, loss, zero_grad, backward, step; `fit` gives the same
weights to the last bit.
"""
