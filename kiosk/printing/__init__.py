"""What goes on paper: sheets of cards as PDF, and slips of a receipt printer. Loaded by whoever prints."""
