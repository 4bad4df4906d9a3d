"""What the hub says when it cannot do a request."""


class RefusedError(Exception):
    """An answer that is not 200.

    Args:
        status: the HTTP status; its class tells the station what to do (docs/sync-protocol.md, "Errors").
        error: a word for machines.
        message: a sentence for people.
    """

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.error = error
        self.message = message
