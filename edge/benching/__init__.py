"""How fast a model is on this machine: clock, statistics, threads, ops, and which of several files is the fastest."""
