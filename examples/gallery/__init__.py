"""The pictures of docs/gallery.md: a module each, whose `picture()` draws it."""
