"""The tablet: a resident checks in alone."""
