"""The limits of a server, each of them an option of `zoo serve`."""

import dataclasses


def _limit(default: float, text: str):
    return dataclasses.field(default=default, metadata={"help": text})


@dataclasses.dataclass(frozen=True)
class Limits:
    """What one request, one connection and all of them together may take.

    The memory of a server is at most that of its models, `held_bytes`, and what one JSON body
    takes while it is read, about 25 times its bytes.
    """

    rows: int = _limit(256, "Largest number of rows of one request.")
    queue_rows: int = _limit(1024, "Largest number of rows that wait for one model.")
    body_bytes: int = _limit(8 * 2**20, "Largest number of bytes of a request's body.")
    answer_bytes: int = _limit(16 * 2**20, "Largest number of bytes of an answer.")
    held_bytes: int = _limit(
        128 * 2**20, "Largest number of bytes of all bodies and answers that are held at a time."
    )
    connections: int = _limit(256, "Largest number of connections that are open at a time.")
    header_bytes: int = _limit(32 * 2**10, "Largest number of bytes of a request's headers.")
    header_seconds: float = _limit(10.0, "Seconds in which the headers of a request must arrive.")
    body_seconds: float = _limit(30.0, "Seconds in which the body of a request must arrive.")
    answer_seconds: float = _limit(
        60.0, "Seconds in which an answer must be computed, and then taken by the client."
    )

    def __post_init__(self):
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if not value > 0:
                raise ValueError(f"`{field.name}` must be above 0. Received: {value}")
        if self.rows > self.queue_rows:
            raise ValueError(
                "`queue_rows` must be at least `rows`, so that the largest request fits. "
                f"Received: queue_rows={self.queue_rows}, rows={self.rows}"
            )


class Held:
    """The bytes of bodies and answers that are held now, by all requests together.

    Args:
        largest: How many there may be.

    Attributes:
        now: How many there are.
        largest_now: How many there were at most since somebody set it.
    """

    def __init__(self, largest: int):
        self.largest, self.now, self.largest_now = largest, 0, 0

    def fits(self, count: int) -> bool:
        """Says whether `count` more bytes may be held."""
        return self.now + count <= self.largest

    def change(self, count: int) -> None:
        """Adds to the bytes that are held, or takes from them."""
        self.now += count
        self.largest_now = max(self.largest_now, self.now)
