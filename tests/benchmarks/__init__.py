"""Measurements of the station as a user meets it: `make bench`."""
