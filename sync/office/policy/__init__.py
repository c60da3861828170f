"""Policy work: drafts, trying them on the past, two-person approval, handing them down, history."""
