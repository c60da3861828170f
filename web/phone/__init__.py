"""What residents open on their own phones: the pass that the office issued to them."""
