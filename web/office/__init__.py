"""The street office's screens: one file per subject, each a blueprint; site.py puts them into an application."""
