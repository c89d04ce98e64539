"""Runbooks: their text, the one that a name calls for, and the page they are read on."""
