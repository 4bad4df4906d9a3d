"""Seeded runs of whole areas: real journals, clients and a real hub; network, disks and clocks are fakes.

`python -m tests.simulation SEED` replays one run and prints its trace; `--seeds N` runs many.
"""
