"""What is wired to the box: the QR scanner, the RS-485 bus, relay boards and energy meters."""
