"""The gate: everything that works with the cable cut."""

__version__ = "0.1.0"
