"""Parity: whether an exported file answers as the network that it came from does, and how sure that is."""
