"""How a hub is served, as its command says; and that nobody serves plain HTTP to a network by mistake."""

from dataclasses import dataclass
from pathlib import Path

from kiosk.hub.loopback import is_loopback


class OptionsError(Exception):
    """The hub will not be served like this; the message says what is accepted."""


@dataclass(frozen=True, slots=True)
class Tls:
    """The hub's certificate, with those that lead to its CA, and its key: PEM files, read again on SIGHUP."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of the connections of one process."""

    connections: int = 4096
    """Beyond it the one that has been idle for longest makes room; when none is idle, the new one does."""
    head_within_s: float = 10.0
    """From connecting, or the first byte after an earlier answer, to the end of a request's head; also for the rest of
    a body that was refused."""
    read_within_s: float = 60.0
    """An answer that is not being read any more is given up: the largest takes this long at 17 kB/s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be chosen beside database and address."""

    processes: int = 1
    """How many serve from the one address."""
    tls: Tls | None = None
    behind_proxy: bool = False
    """A proxy that speaks HTTPS stands in front; plain HTTP beyond this machine is meant."""
    metrics_open: bool = False
    """Everybody may read `/metrics`, not this machine alone."""
    metrics_token: str | None = None
    """Whoever shows it may read `/metrics`, and nobody else."""
    limits: Limits = Limits()

    def check(self, host: str) -> None:
        """Refuse what would be unsafe or cannot be.

        Args:
            host: what is listened on.

        Raises:
            OptionsError: the message says what is accepted.
        """
        if self.tls is not None and self.behind_proxy:
            raise OptionsError("--behind-proxy: the proxy speaks HTTPS then; leave --tls-cert and --tls-key out.")
        if self.tls is None and not self.behind_proxy and not is_loopback(host):
            # Stations show their key with every request.
            raise OptionsError(
                f"--listen: {host} can be reached from other machines, so HTTPS is needed: --tls-cert FILE and "
                "--tls-key FILE, or --behind-proxy when a proxy in front of the hub speaks HTTPS."
            )
        if not 1 <= self.processes <= MOST_PROCESSES:
            raise OptionsError(f"--processes: found {self.processes}; accepted are 1 to {MOST_PROCESSES}.")


MOST_PROCESSES = 64
