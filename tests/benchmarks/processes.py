"""What a process uses, read from /proc."""

import os
import time
from pathlib import Path
from typing import Final

_TICK_S: Final = 1 / os.sysconf("SC_CLK_TCK")


def rss_mb(pid: int) -> float:
    """Memory that the process holds, 10^6 bytes, shared libraries included (VmRSS)."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1_000_000
    raise ProcessLookupError(pid)


def cpu_s(pid: int) -> float:
    """Processor time that the process and its threads have used, s (proc(5): fields 14 and 15 of stat)."""
    # The name in parentheses may hold spaces, so the fields are counted from behind it.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK_S


def idle_percent(pids: list[int], seconds: float) -> list[float]:
    """Processor time that processes take while nothing is asked of them, % of one core."""
    before = [cpu_s(pid) for pid in pids]
    began = time.perf_counter()
    time.sleep(seconds)
    passed = time.perf_counter() - began
    return [100 * (cpu_s(pid) - earlier) / passed for pid, earlier in zip(pids, before, strict=True)]
