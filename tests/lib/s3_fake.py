# SPDX-License-Identifier: MIT
"""A server that speaks just enough HTTP to behave badly: two ports of loopback, a thread a connection."""
import email.utils
import socket
import struct
import threading


class Connection:
    """One connection to the fake; what arrives is read when the fault wants it."""

    def __init__(self, fake, sock, is_second):
        self.fake, self.sock, self.is_second = fake, sock, is_second
        self.stream = sock.makefile("rb")
        self.number = 0  # of the request, from 1, over all connections

    def head(self):
        """Read the head of a request; None at the end of the connection."""
        line = self.stream.readline().decode("latin-1").split()
        if len(line) < 3:
            return None
        self.method, self.target = line[:2]
        self.headers = {}
        while (line := self.stream.readline().decode("latin-1").strip()):
            name, _, value = line.partition(":")
            self.headers[name.strip().lower()] = value.strip()
        self.number = self.fake.count()
        return self

    def body(self, most=None):
        """Read the body, or its first bytes."""
        length = int(self.headers.get("content-length", 0))
        return self.stream.read(length if most is None else min(most, length))

    def reply(self, status, body="", headers=()):
        """A whole answer."""
        body = body.encode()
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in dict(headers).items()]
        if "Date" not in dict(headers):
            lines.append(f"Date: {email.utils.formatdate(usegmt=True)}")
        self.raw("\r\n".join(lines) + "\r\n\r\n")
        if self.method != "HEAD":
            self.sock.sendall(body)

    def error(self, status, code, more="", headers=()):
        self.reply(status, f"<Error><Code>{code}</Code><Message></Message>{more}</Error>", headers)

    def raw(self, text):
        self.sock.sendall(text.encode())

    def reset(self):
        """End it the hard way."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.stream.close()
        self.sock.close()

    def close(self):
        self.sock.shutdown(socket.SHUT_WR)


class Fake:
    """Runs serve(connection) for every request that arrives."""

    def __init__(self, serve):
        self.serve, self.requests, self.lock = serve, 0, threading.Lock()
        self.ports = [self.listen(is_second) for is_second in (False, True)]

    def count(self):
        with self.lock:
            self.requests += 1
            return self.requests

    def listen(self, is_second):
        listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.accept, args=(listener, is_second), daemon=True).start()
        return listener.getsockname()[1]

    def accept(self, listener, is_second):
        while True:
            sock, _ = listener.accept()
            threading.Thread(target=self.talk, args=(Connection(self, sock, is_second),), daemon=True).start()

    def talk(self, connection):
        try:
            while connection.head():
                self.serve(connection)
        except (OSError, ValueError):
            pass  # gone, by its own will or by ours
