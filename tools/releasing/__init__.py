"""What `tools/release` does: refuses a release that contradicts itself, builds it, and tries it where it is new."""
