"""What `train` and `export` share on the workstation: Keras' files read with care, and pages for people."""
