"""What a person may look at of a check's rows: bounded samples, without personal data."""
