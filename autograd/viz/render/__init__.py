"""Renderers: a scene as SVG, DOT, HTML or text."""
