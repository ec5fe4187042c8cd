"""keras.preprocessing.image: refused by name; images are read with Pillow."""

from __future__ import annotations

from nn.keras.identifiers import refused
from nn.keras.utils import array_to_img, img_to_array, load_img, save_img

__all__ = [
    "ImageDataGenerator", "array_to_img", "img_to_array", "load_img", "save_img", "smart_resize",
]  # fmt: skip

ImageDataGenerator = refused(
    "preprocessing.image.ImageDataGenerator",
    "change images in a keras.utils.PyDataset, or with nn.data.transforms in a DataLoader",
)
smart_resize = refused("preprocessing.image.smart_resize", "resize with Pillow: img.resize((w, h))")
