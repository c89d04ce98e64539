"""What people are shown of a pipeline: tables, texts and the objects of `--json`."""
