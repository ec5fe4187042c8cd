"""The report: as an object, as text and as a page."""
