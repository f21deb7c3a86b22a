"""An API on a real socket that takes whatever it is sent, and keeps it."""

import json
import threading
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


class Sink:
    """Answers every POST with how many bytes came; `bodies` are theirs, `types` their content types."""

    def __init__(self) -> None:
        sink = self
        self.bodies: list[bytes] = []
        self.types: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            """Takes a POST."""

            def do_POST(self) -> None:
                """Keep it."""
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                sink.bodies.append(body)
                sink.types.append(self.headers.get("Content-Type", ""))
                answer = json.dumps({"got": len(body)}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def parts(self, index: int = -1) -> list[tuple[str, str | None, str, bytes]]:
        """The parts of a multipart body: name, file name, type and content."""
        head = f"Content-Type: {self.types[index]}\r\n\r\n".encode()
        whole = BytesParser(EmailMessage, policy=HTTP).parsebytes(head + self.bodies[index])
        found = []
        for part in whole.iter_parts():
            name = part.get_param("name", header="content-disposition")
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            found.append((str(name), part.get_filename(), part.get_content_type(), content))
        return found
