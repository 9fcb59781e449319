"""The workstation: the article's networks, from a folder of pictures to a run directory."""
