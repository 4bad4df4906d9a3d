"""Several processes that accept from one listener, and a parent that does nothing but replace those that die."""

import logging
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

log = logging.getLogger(__name__)

RESTART_AFTER_S: Final = 1.0
"""From a child's start to its successor's, at least: one that cannot start must not keep the machine busy."""
SHARED_COUNTS: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The environment's name for the folder in which the processes count together; read when the counters are loaded."""
_SIGNALS: Final = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD})


@dataclass(frozen=True, slots=True)
class Parent:
    """What a child knows of its parent."""

    life: int
    """A file descriptor that ends when the parent does, however it does."""
    ready: Callable[[], None]
    """To be called once the child serves."""


class Workers:
    """Children, from the call of `run` until SIGTERM or SIGINT.

    The caller must have no threads and no open database: children are forks of it.

    Args:
        count: how many.
        work: what each does; it ends on SIGTERM, and returns an exit code.
        ready: called once all serve for the first time.
        buried: called with the id of each child that has ended.
        ends_within_s: a child that takes longer to end is killed.
    """

    def __init__(
        self,
        count: int,
        work: Callable[[Parent], int],
        *,
        ready: Callable[[], None],
        buried: Callable[[int], None],
        ends_within_s: float,
    ) -> None:
        self._count = count
        self._work = work
        self._ready = ready
        self._buried = buried
        self._ends_within_s = ends_within_s
        self._children: dict[int, float] = {}
        """Process id -> when it was started, monotonic."""
        self._starts: list[float] = []
        """When the missing ones are to be started, monotonic."""
        self._told = 0
        self._stillborn = False
        self._life = os.pipe()
        self._hears, self._tells = os.pipe()
        os.set_blocking(self._hears, False)

    def run(self) -> int:
        """Keep as many alive as there should be; the exit code once all have ended.

        When one dies before all have served for the first time, something is wrong that another one would not mend:
        all end, with 1.
        """
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            self._starts = [0.0] * self._count
            while not self._turn(before):
                pass
            return 1 if self._stillborn else 0
        finally:
            self._end()
            while signal.sigtimedwait(_SIGNALS, 0) is not None:
                pass  # whoever says it twice does not make it a failure
            for end in (*self._life, self._hears, self._tells):
                os.close(end)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _turn(self, mask: set[int | signal.Signals]) -> bool:
        """Start who is missing, and wait for what happens; True once it is to end."""
        now = time.monotonic()
        due = [at for at in self._starts if at <= now]
        self._starts = [at for at in self._starts if at > now]
        for _ in due:
            self._start(mask)
        came = signal.sigtimedwait(_SIGNALS, self._patience())
        if came is not None and came.si_signo in (signal.SIGTERM, signal.SIGINT):
            return True
        if came is not None and came.si_signo == signal.SIGHUP:
            self._pass_on(signal.SIGHUP)
        self._listen()
        self._bury()
        return self._stillborn

    def _patience(self) -> float:
        if self._told < self._count:
            return 0.05
        return max(0.01, min(self._starts, default=time.monotonic() + 3600) - time.monotonic())

    def _start(self, mask: set[int | signal.Signals]) -> None:
        child = os.fork()
        if child:
            self._children[child] = time.monotonic()
            return
        code = 1
        try:  # nothing of the parent's may run on in the child
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            os.close(self._life[1])
            code = self._work(Parent(self._life[0], lambda: _tell(self._tells)))
        except BaseException:
            log.exception("a process of the hub has failed")
        finally:
            logging.shutdown()
            os._exit(code)

    def _listen(self) -> None:
        if self._told >= self._count:
            return
        try:
            self._told += len(os.read(self._hears, 64))
        except BlockingIOError:
            return
        if self._told >= self._count:
            self._ready()

    def _bury(self) -> None:
        for child, began in list(self._children.items()):
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                log.error("process %d of the hub has ended (%d)", child, status)
                self._stillborn |= self._told < self._count
                del self._children[child]
                self._buried(child)
                self._starts.append(began + RESTART_AFTER_S)

    def _pass_on(self, number: signal.Signals) -> None:
        for child in self._children:
            os.kill(child, number)

    def _end(self) -> None:
        self._pass_on(signal.SIGTERM)
        until = time.monotonic() + self._ends_within_s
        while self._children:
            time.sleep(0.02)
            for child in list(self._children):
                if os.waitpid(child, os.WNOHANG)[0]:
                    del self._children[child]
                    self._buried(child)
            if self._children and time.monotonic() > until:
                log.error("%d processes of the hub do not end; they are killed", len(self._children))
                self._pass_on(signal.SIGKILL)
                until = float("inf")


def _tell(pipe: int) -> None:
    os.write(pipe, b"r")
