"""What `tools/bench edge` measures, one file per question: speed, freshness, start and viewers."""
