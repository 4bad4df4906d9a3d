"""`kiosk run --headless` as on a machine whose clock something keeps right; where tests run, often nothing does."""

import sys
from unittest import mock

from kiosk.cli import main

if __name__ == "__main__":
    with mock.patch("kiosk.system.clock.kernel_synchronised", return_value=True):
        sys.exit(main(["run", "--headless", "--config", sys.argv[1]]))
