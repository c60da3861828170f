"""What the office hands down of people and places: watch list, roster, risk regions, places (rows O1, C1, C3, G8)."""
