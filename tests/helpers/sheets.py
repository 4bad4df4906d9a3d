"""The office's CSV, read as a program would that knows what a spreadsheet needs."""

import csv
import io


def rows_of(text: str) -> list[dict[str, str]]:
    """Lines by column, without the marks: a random id may happen to look like a number."""
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    return [{column: cell.removeprefix("'") for column, cell in row.items()} for row in rows]
