"""A connection: uvicorn's, with bounds on headers, on time, and on how many there are."""

import orjson
from uvicorn.protocols.http import httptools_impl

from export.server import limits

_GRACE = 1.0  # seconds in which a request that is on its way reaches a server that ends


class Connection(httptools_impl.HttpToolsProtocol):
    """One connection of a client. `bounded` gives the class its limits."""

    bounds = limits.Limits()

    def __init__(self, *positional, **named):
        super().__init__(*positional, **named)
        self._in_body = False
        self._head = 0  # bytes of headers that are not complete yet
        self._too_long = False
        self._headers_due = self._answer_due = None

    def connection_made(self, transport) -> None:
        super().connection_made(transport)
        if len(self.connections) > self.bounds.connections:
            self._refuse(
                503,
                f"At most {self.bounds.connections} connections may be open. Received: one more",
                b"retry-after: 1\r\n",
            )
            return
        self._await_headers()

    def connection_lost(self, exc) -> None:
        self._cancel("_headers_due")
        self._cancel("_answer_due")
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        before, in_body = self.cycle, self._in_body
        super().data_received(data)
        if self.transport.is_closing() or self._in_body:
            return
        if self.cycle is before and not in_body:  # all of the data was headers
            self._head += len(data)
            if self._head > self.bounds.header_bytes:
                self._refuse_headers()
                return
        if self._idle() and self._headers_due is None:
            self._await_headers()

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._head += len(name) + len(value)
        if self._head > self.bounds.header_bytes:
            self._too_long = True
            raise ValueError("headers are too long")  # ends the parser, which asks for a 400

    def on_headers_complete(self) -> None:
        self._cancel("_headers_due")
        self._head, self._in_body = 0, True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_body = False
        super().on_message_complete()

    def eof_received(self) -> bool:
        """Keeps the half of a connection open on which an answer is due."""
        if self._idle() or self._in_body:
            return False
        self.cycle.keep_alive = False
        return True

    def send_400_response(self, msg: str) -> None:
        if self._too_long:
            self._refuse_headers()
        else:
            self._refuse(400, "A request must be HTTP/1.1. Received: something else")

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.get_write_buffer_size() and self._answer_due is None:
            self._await_reader()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._answer_due is None:
            self._await_reader()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._cancel("_answer_due")

    def timeout_keep_alive_handler(self) -> None:
        if not self.transport.get_write_buffer_size():
            super().timeout_keep_alive_handler()

    def shutdown(self) -> None:
        """Ends the connection after its answer, or soon if no request is on its way."""
        if self._idle():
            self.loop.call_later(_GRACE, self._close_if_idle)
        else:
            self.cycle.keep_alive = False

    def _idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _close_if_idle(self) -> None:
        if self._idle() and not self.transport.is_closing():
            self.transport.close()

    def _await_headers(self) -> None:
        self._headers_due = self.loop.call_later(self.bounds.header_seconds, self._headers_late)

    def _headers_late(self) -> None:
        self._headers_due = None
        if not self._head:
            self.transport.close()
            return
        self._refuse(
            408, f"Headers must arrive in {self.bounds.header_seconds:g} seconds. Received: a part"
        )

    def _await_reader(self) -> None:
        self._answer_due = self.loop.call_later(self.bounds.answer_seconds, self.transport.abort)

    def _cancel(self, name: str) -> None:
        due = getattr(self, name)
        if due is not None:
            due.cancel()
            setattr(self, name, None)

    def _refuse_headers(self) -> None:
        self._refuse(
            431, f"Headers may have {self.bounds.header_bytes} bytes. Received: more than that"
        )

    def _refuse(self, status: int, sentence: str, headers: bytes = b"") -> None:
        """Answers without the application, and closes."""
        self._cancel("_headers_due")
        body = orjson.dumps({"error": sentence})
        self.transport.write(
            httptools_impl.STATUS_LINE[status]
            + b"content-type: application/json\r\nconnection: close\r\n"
            + headers
            + b"content-length: %d\r\n\r\n" % len(body)
            + body
        )
        self.transport.close()


def bounded(bounds: limits.Limits) -> type[Connection]:
    """Returns the class of connections that keep these limits."""
    return type("Bounded", (Connection,), {"bounds": bounds})
