"""`ag.compile`: functions that run as plans, one for each kind of call, and are checked."""
