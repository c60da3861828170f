"""kill -9 at each step of whatever a gate or an office does to its files or says to the other end."""
