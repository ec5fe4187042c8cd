"""Styles: from the model of a picture to its scene."""
