"""The web page: the live picture and its answers, for any number of viewers."""
