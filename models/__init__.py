"""What is stored: peewee models, the journal's tables and the numbered migrations."""
