"""The page about a comparison: what parity.json says, for people."""
