"""Answers that say why a request was not answered."""


class Fault(Exception):
    """Ends a request with a status and one sentence, which the client gets as JSON.

    Args:
        status: Status of HTTP: 4xx for a fault of the caller, 5xx for one of the server.
        sentence: The rule, what is accepted, and what came.
        headers: Further headers of the answer.
    """

    def __init__(self, status: int, sentence: str, headers: dict[str, str] | None = None):
        super().__init__(sentence)
        self.status, self.sentence, self.headers = status, sentence, headers or {}


def busy(sentence: str) -> Fault:
    """Returns the fault of a server that has no room now: the client may try again in a second."""
    return Fault(503, sentence, {"Retry-After": "1"})


def shown(value, length: int = 60) -> str:
    """Returns a value of a request as an error may show it: short, whatever it is.

    Example:
        >>> shown(["a" * 100], 8)
        "['aaaaaa…"
    """
    if isinstance(value, (list, dict)) and len(value) > 8:
        return f"{'a list' if isinstance(value, list) else 'an object'} of {len(value)}"
    text = repr(value[:length] if isinstance(value, str) else value)
    return text if len(text) <= length else f"{text[:length]}…"
