"""Functions of numbers one by one: arithmetic, powers, exponentials, angles, comparisons."""
