"""What a request can get instead of a prediction."""


class Refused(Exception):
    """A reply with a status of its own."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status_code = status
