"""Telling the hub what happened here, and hearing what happened elsewhere; see docs/sync-protocol.md."""
