"""When Python's collector of cyclic garbage runs: not while the station starts, and seldom afterwards.

Loading a few hundred modules makes it look again and again through objects that all stay: a third of the way from the
command to the first frame (CPython 3.11, Textual 8.2.8). And a screen switch went from 150 to 46 ms at the 99th
percentile once it no longer looked through what the start had loaded.
"""

import gc


def hold() -> None:
    """Collect nothing until `settle`; for the time of the start."""
    gc.disable()


def settle() -> None:
    """Take what is loaded out of the collector's sight, and let it run seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    gc.enable()


def tidy() -> None:
    """Free what a visit left, at a moment when nobody waits: 2 to 5 ms, as what the start loaded is out of sight.

    Left to itself the collector would do it after dozens of visits, in the way of one of them. Before `settle` it would
    take ten times as long, so nothing is done then.
    """
    if gc.get_freeze_count():
        gc.collect()
