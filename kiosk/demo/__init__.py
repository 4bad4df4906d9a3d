"""What the demonstration is seeded with: invented riders, titles and notices, and a normal settings file."""
