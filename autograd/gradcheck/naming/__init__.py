"""What a wrong gradient is called: patterns of mistakes, and the node that made it."""
