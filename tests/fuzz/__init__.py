"""Fuzzing of what strangers hold up: `make fuzz`. docs/codes.md says how; `test_corpus.py` is its daily part."""
