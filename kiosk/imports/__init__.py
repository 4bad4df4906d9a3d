"""Riders, titles and known ISBNs from CSV files: the whole file is taken in, or nothing and a report by line.

A file is UTF-8 (with or without a byte-order mark) or, as many spreadsheets in China still write it, GB18030.
Checking a file needs no database.
"""

from kiosk.imports.lines import IsbnLine, RiderLine, TitleLine, check_isbns, check_riders, check_titles
from kiosk.imports.table import ImportReport, Mistake, Rows
from kiosk.imports.taking import PreparedLine, import_riders, import_titles, prepare_riders

__all__ = [
    "ImportReport",
    "IsbnLine",
    "Mistake",
    "PreparedLine",
    "RiderLine",
    "Rows",
    "TitleLine",
    "check_isbns",
    "check_riders",
    "check_titles",
    "import_riders",
    "import_titles",
    "prepare_riders",
]
