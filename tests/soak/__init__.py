"""A long run of sixteen slots against a rig with random faults, requests and restarts; `make soak`."""
