"""What tells robots and personal data: lists, patterns and checksums. No SQL and no datasets."""
