"""Tests that stand beside checks."""
