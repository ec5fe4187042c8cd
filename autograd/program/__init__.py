"""Programs: a call or a whole training step, traced once, held as data, and run again."""
