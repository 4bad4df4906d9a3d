"""The machine that figures were seen on."""

import os
import platform
import sqlite3
from importlib.metadata import version
from pathlib import Path


def describe_machine(folder: Path) -> dict[str, object]:
    """What a reader needs to judge figures by.

    Args:
        folder: where the databases of the run are; its file system decides what an fsync costs.
    """
    return {
        "cpu": _after_colon("/proc/cpuinfo", "model name") or platform.processor() or "unknown",
        "cores": os.cpu_count(),
        "memory_mb": int((_after_colon("/proc/meminfo", "MemTotal") or "0").split()[0]) // 1024,
        "kernel": platform.release(),
        "system": _system(),
        "disk": _file_system(folder),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "textual": version("textual"),
        "sqlite": sqlite3.sqlite_version,
    }


def _after_colon(path: str, key: str) -> str | None:
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return None


def _system() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "unknown")
    except OSError:
        return platform.system()


def _file_system(folder: Path) -> str:
    """The type of the file system that holds a folder: of the mount with the longest path above it."""
    best = ("", "unknown")
    for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines():
        _, place, kind, *_ = line.split()
        if folder.resolve().is_relative_to(place) and len(place) >= len(best[0]):
            best = (place, kind)
    return best[1]
