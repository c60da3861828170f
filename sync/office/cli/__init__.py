"""The office's commands, one module a subject; `sync/office/__main__.py` puts them together."""
