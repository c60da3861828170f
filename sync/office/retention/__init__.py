"""What is kept how long, and how it goes: keys of days, certificates, holds, somebody's own request."""
