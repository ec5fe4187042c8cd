"""Functions as formulas over primitives, in single and in double precision."""
