"""Expressions as LLVM's text, in lanes and loops, and that text as machine code."""
