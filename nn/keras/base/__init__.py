"""Layer, the base of all layers and models: its options, its weights, its life."""
