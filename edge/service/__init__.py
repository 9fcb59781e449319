"""`edgeproof run` under systemd: the unit that starts and confines it, and what the process tells systemd."""
