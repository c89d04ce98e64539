"""Before anything is read: checks held against live tables, and what the store knows of them."""
