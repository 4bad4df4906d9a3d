"""What the station does: settings, journal, rules per feature, sync, hub, system services and commands."""

__version__ = "0.1.0"
