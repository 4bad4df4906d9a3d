"""UNIX sockets in folders with long names."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def short_path(folder: Path, name: str) -> Iterator[str]:
    """A path to `folder/name` of at most 40 bytes, good for bind and connect within the block.

    A socket's address holds 108 bytes (unix(7)); a data folder's path may be longer. Linux resolves `/proc/self/fd/N/`.

    Raises:
        OSError: the folder cannot be opened.
    """
    fd = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{fd}/{name}"
    finally:
        os.close(fd)
