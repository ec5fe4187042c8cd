"""Control flow as ops: cond, while_loop, scan. In a traced call each is one instruction."""
