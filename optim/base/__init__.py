"""What optimizers share: flat chunks of parameters, checks, matching of states, line search."""
