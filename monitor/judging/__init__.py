"""From what was measured to readings: the past they are held against, and the evidence weighed over many."""
