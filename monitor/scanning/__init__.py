"""What becomes of the rows that a scan gives, and what steps may ask in between."""
