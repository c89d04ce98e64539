"""Pure statistics: numbers in, numbers out. Every formula names its source."""
