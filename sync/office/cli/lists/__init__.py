"""Who and what the gates are told of, at the command line: watch, roster, regions, places, declarations."""
