"""The scene: boxes, lines and colours, placed."""
