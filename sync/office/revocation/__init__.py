"""What issuers have revoked, by the million: read, compared, kept, and made small enough for a gate to hold."""
