"""The reverse sweep: cotangents from the outputs down to the leaves, and who asks for it."""
