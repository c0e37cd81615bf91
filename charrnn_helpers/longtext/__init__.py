"""Texts of any size: read in parallel streams, trained on for hours, stopped and gone on with."""
