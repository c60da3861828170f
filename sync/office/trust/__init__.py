"""Whom the gates believe: issuer keys read out of what issuers publish, compared, kept, handed down."""
