"""The legs of a check: each looks at a gradient in one way."""
