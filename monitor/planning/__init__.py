"""What the passes of a plan work on, and its longer passes."""
