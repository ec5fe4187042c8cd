"""Special functions: the error function, gamma, Bessel, and how they are approximated."""
