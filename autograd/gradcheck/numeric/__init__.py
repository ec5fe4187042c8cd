"""Numeric derivatives that know their error, and the verdict on an analytic one."""
