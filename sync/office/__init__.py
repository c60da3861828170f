"""The receiving street office (街道办): its data and its work, no screens. `Office.open` is the way in."""
