"""When a gate calls its office, as kiosk.toml says it: hours, the day's close, what is urgent. Pure."""
