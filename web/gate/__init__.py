"""The gate console: what a volunteer sees and does."""
