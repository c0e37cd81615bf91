"""The figure ``GatedCell``: Python's side, its picture, the page's side, and its style."""
