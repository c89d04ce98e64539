"""Evidently reports, made by a process of their own."""
