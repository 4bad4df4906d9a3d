"""Services of the box itself: clock, database thread, lock, logs, notifications."""
