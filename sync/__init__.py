"""Gate and office talking to each other, and the receiving office."""
