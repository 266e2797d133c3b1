# SPDX-License-Identifier: MIT
"""HTTP by hand: requests as bytes, over TCP or a socket file, and answers as they come."""
import dataclasses
import socket


@dataclasses.dataclass
class Answer:
    """A head and what came behind it; status 0: nothing came."""

    status: int
    headers: dict
    body: bytes

    def __getitem__(self, name):
        return self.headers.get(name.lower(), "")


def connect(where, timeout=20):
    """A connection to "HOST:PORT" or "/path/of/a/socket"."""
    if where.startswith("/"):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(timeout)
        connection.connect(where)
        return connection
    host, port = where.rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout)


def read_all(connection):
    """What comes until the other side closes."""
    pieces = []
    try:
        while piece := connection.recv(1 << 16):
            pieces.append(piece)
    except ConnectionResetError:
        pass
    return b"".join(pieces)


def dechunk(body):
    """The content of a chunked body, as far as it came, and whether it came to its end."""
    content = b""
    while b"\r\n" in body:
        size, rest = body.split(b"\r\n", 1)
        length = int(size.split(b";")[0], 16)
        if length == 0:
            return content, True
        content += rest[:length]
        body = rest[length + 2:]
    return content, False


def parse(data):
    """The first answer in @data."""
    if b"\r\n\r\n" not in data:
        return Answer(0, {}, data)
    head, body = data.split(b"\r\n\r\n", 1)
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines:
        name, value = line.split(":", 1)
        headers[name.strip().lower()] = value.strip()
    if headers.get("transfer-encoding") == "chunked":
        body, _ = dechunk(body)
    return Answer(int(first.split()[1]), headers, body)


def ask_bytes(where, data, timeout=20):
    """Send @data as it is; the answer, when the server has closed."""
    with connect(where, timeout) as connection:
        try:
            connection.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return parse(read_all(connection))


def request(method, target, headers=(), body=b"", host="localhost"):
    """A request of one connection, as bytes."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers]
    if body or method in ("POST", "PUT"):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def ask(where, method, target, headers=(), body=b"", timeout=20, **more):
    """The same, asked."""
    return ask_bytes(where, request(method, target, headers, body, **more), timeout)
