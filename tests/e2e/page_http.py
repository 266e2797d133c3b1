#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""Hostile HTTP: page_http.py NAME... runs the checks of these names. See page_http.t."""
import base64
import json
import os
import pathlib
import selectors
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
import raw_http
import tap

PAGE = os.environ["PAGE_ADDRESS"]
SOCKET = os.environ["PAGE_SOCKET"]
SHARE = pathlib.Path(os.environ["SHARE"])
DROP = base64.urlsafe_b64encode(b"gray/Hostile").decode().rstrip("=")
SITE = ("Origin", "http://localhost")
SECRET = {"viewer": "look", "sender": "send", "admin": "all"}
CLOSE = "Host: localhost\r\nConnection: close\r\n"


def expect(found, expected):
    assert found == expected, f"got {found!r}, expected {expected!r}"


def rss_kb():
    text = pathlib.Path(f"/proc/{os.environ['PAGE_PID']}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0])


def put(path, body=b"x", **more):
    return raw_http.ask(PAGE, "PUT", f"/api/drops/{DROP}/files/{path}", [SITE], body, **more)


# The requests of the design and more: what they are, bytes, and the status (None: the connection is closed without one).
REQUESTS = [
    ("no host", "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
    ("two hosts", f"GET /healthz HTTP/1.1\r\n{CLOSE}Host: localhost\r\n\r\n", 400),
    ("an empty host", "GET /healthz HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", 421),
    ("somebody's host", "GET /healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 421),
    ("a host that begins like ours", "GET /healthz HTTP/1.1\r\nHost: localhost.evil.example\r\nConnection: close\r\n\r\n", 421),
    ("a host with a user", "GET /healthz HTTP/1.1\r\nHost: localhost@evil.example\r\nConnection: close\r\n\r\n", 421),
    ("no host in HTTP/1.0", "GET /healthz HTTP/1.0\r\n\r\n", 400),
    ("two lengths that differ", f"POST /api/retry HTTP/1.1\r\n{CLOSE}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
    ("two lengths that agree", f"POST /api/retry HTTP/1.1\r\n{CLOSE}Content-Length: 2\r\nContent-Length: 2\r\n\r\nab", 400),
    ("a list of lengths", f"POST /api/retry HTTP/1.1\r\n{CLOSE}Content-Length: 2, 2\r\n\r\nab", 400),
    ("a negative length", f"POST /api/retry HTTP/1.1\r\n{CLOSE}Content-Length: -1\r\n\r\n", 400),
    ("a length with a sign", f"POST /api/retry HTTP/1.1\r\n{CLOSE}Content-Length: +2\r\n\r\nab", 400),
    ("a hexadecimal length", f"POST /api/retry HTTP/1.1\r\n{CLOSE}Content-Length: 0x2\r\n\r\nab", 400),
    ("a length beyond all numbers", f"POST /api/retry HTTP/1.1\r\n{CLOSE}Content-Length: 99999999999999999999\r\n\r\nab", (400, 413)),
    ("chunked", f"POST /api/retry HTTP/1.1\r\n{CLOSE}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
    ("chunked and a length", f"POST /api/retry HTTP/1.1\r\n{CLOSE}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 411),
    ("another encoding", f"POST /api/retry HTTP/1.1\r\n{CLOSE}Transfer-Encoding: xchunked\r\nContent-Length: 2\r\n\r\nab", 411),
    ("an absolute target", f"GET http://localhost/healthz HTTP/1.1\r\n{CLOSE}\r\n", 400),
    ("an absolute target elsewhere", f"GET http://evil.example/healthz HTTP/1.1\r\n{CLOSE}\r\n", 400),
    ("a star", f"GET * HTTP/1.1\r\n{CLOSE}\r\n", 400),
    ("no slash", f"GET healthz HTTP/1.1\r\n{CLOSE}\r\n", 400),
    ("a zero byte", f"GET /a/%00 HTTP/1.1\r\n{CLOSE}\r\n", 400),
    ("a line end in the path", f"GET /a/%0d%0aX-Evil:1 HTTP/1.1\r\n{CLOSE}\r\n", 400),
    ("two dots", f"GET /a/../../etc/passwd HTTP/1.1\r\n{CLOSE}\r\n", 400),
    ("two dots escaped", f"GET /a/%2e%2e/x HTTP/1.1\r\n{CLOSE}\r\n", 400),
    ("a slash escaped", f"GET /a/..%2f..%2fetc HTTP/1.1\r\n{CLOSE}\r\n", 400),
    ("a backslash", f"GET /a/..\\..\\x HTTP/1.1\r\n{CLOSE}\r\n", 400),
    ("escaped twice", f"GET /a/%252e%252e/x HTTP/1.1\r\n{CLOSE}\r\n", 404),
    ("an escape cut off", f"GET /a/%4 HTTP/1.1\r\n{CLOSE}\r\n", 400),
    ("an escape that is none", f"GET /a/%zz HTTP/1.1\r\n{CLOSE}\r\n", 400),
    ("no UTF-8", f"GET /a/%ff HTTP/1.1\r\n{CLOSE}\r\n", 400),
    ("an overlong slash", f"GET /a/%c0%af HTTP/1.1\r\n{CLOSE}\r\n", 400),
    ("a fragment", f"GET /healthz#x HTTP/1.1\r\n{CLOSE}\r\n", 400),
    ("two slashes", f"GET //healthz HTTP/1.1\r\n{CLOSE}\r\n", 400),
    ("a query without end", f"GET /api/explain?{'a=1&' * 100} HTTP/1.1\r\n{CLOSE}\r\n", 400),
    ("another method", f"DELETE /api/state HTTP/1.1\r\n{CLOSE}\r\n", 405),
    ("TRACE", f"TRACE / HTTP/1.1\r\n{CLOSE}\r\n", 405),
    ("CONNECT", f"CONNECT evil.example:443 HTTP/1.1\r\n{CLOSE}\r\n", (400, 405)),
    ("a method in small letters", f"get /healthz HTTP/1.1\r\n{CLOSE}\r\n", 405),
    ("a control character in a header", f"GET /healthz HTTP/1.1\r\n{CLOSE}X-A: a\x01b\r\n\r\n", 400),
    ("a blank before the colon", f"GET /healthz HTTP/1.1\r\n{CLOSE}X-A : b\r\n\r\n", (400, None)),
    ("a header folded", f"GET /healthz HTTP/1.1\r\n{CLOSE}X-A: b\r\n Content-Length: 3\r\n\r\n", (400, 200)),
    ("a header that is too long", f"GET /healthz HTTP/1.1\r\n{CLOSE}X-A: {'b' * 200000}\r\n\r\n", (413, 431, None)),
    ("a target that is too long", f"GET /{'b' * 200000} HTTP/1.1\r\n{CLOSE}\r\n", (414, 431, 413, None)),
    ("no version", "GET /healthz\r\n\r\n", (400, 505, None)),
    ("another version", f"GET /healthz HTTP/3.7\r\n{CLOSE}\r\n", (400, 505, None)),
    ("no HTTP", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", (400, 405, None)),
    ("a header without a colon", f"GET /healthz HTTP/1.1\r\n{CLOSE}nothing\r\n\r\n", (400, None)),
]


def requests():
    wrong = []
    for what, text, status in REQUESTS:
        answer = raw_http.ask_bytes(PAGE, text.encode("latin-1"))
        allowed = status if isinstance(status, tuple) else (status,)
        if (answer.status or None) not in allowed:
            wrong.append(f"{what}: {answer.status}, expected {status}")
    assert not wrong, "\n".join(wrong)
    expect(raw_http.ask(PAGE, "GET", "/healthz").status, 200)


def smuggled():
    """What stands behind a refused request on the same connection is not answered as another one."""
    data = (f"POST /api/retry HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
            f"0\r\n\r\nGET /healthz HTTP/1.1\r\n{CLOSE}\r\n").encode()
    with raw_http.connect(PAGE) as connection:
        connection.sendall(data)
        everything = raw_http.read_all(connection)
    expect(everything.count(b"HTTP/1.1 "), 1)
    assert b"\r\n\r\nok\n" not in everything, everything


def host_is_named():
    answer = raw_http.ask(PAGE, "GET", "/", host="pictures.example")
    expect(answer.status, 421)
    assert "page.hosts" in json.loads(answer.body)["todo"], answer.body
    expect(raw_http.ask(PAGE, "GET", "/healthz", host="LOCALHOST:8642").status, 200)
    expect(raw_http.ask(PAGE, "GET", "/healthz", host="127.0.0.1").status, 200)
    expect(raw_http.ask(PAGE, "GET", "/healthz", host="named.example").status, 200)


def other_sites():
    body = b'{"chain":"gray","title":"Site","files":1,"bytes":1}'
    json_type = ("Content-Type", "application/json")
    cases = [
        ([], 403),
        ([("Origin", "http://localhost")], 201),
        ([("Origin", "http://evil.example")], 403),
        ([("Origin", "http://localhost.evil.example")], 403),
        ([("Origin", "null")], 403),
        ([("Sec-Fetch-Site", "same-origin")], 201),
        ([("Sec-Fetch-Site", "none")], 201),
        ([("Sec-Fetch-Site", "same-site")], 403),
        ([("Sec-Fetch-Site", "cross-site")], 403),
        ([("Sec-Fetch-Site", "cross-site"), ("Origin", "http://localhost")], 403),
        ([("Sec-Fetch-Site", "cross-site"), ("Authorization", "Bearer x")], 403),
        ([("Authorization", "Bearer x")], 201),
        ([("Authorization", "Basic x")], 403),
    ]
    wrong = []
    for headers, status in cases:
        answer = raw_http.ask(PAGE, "POST", "/api/drops", [json_type, *headers], body)
        if answer.status != status:
            wrong.append(f"{headers}: {answer.status}, expected {status}: {answer.body}")
    assert not wrong, "\n".join(wrong)
    expect(raw_http.ask(PAGE, "GET", "/api/state", [("Origin", "http://evil.example")]).status, 200)


def headers():
    """What every answer bears, whatever it is."""
    wrong = []
    targets = ["/", "/now", "/api/state", "/nothing", "/a/../x", "/healthz", "/metrics", "/api/result/1", "/help"]
    for target in targets:
        answer = raw_http.ask(PAGE, "GET", target)
        policy = answer["Content-Security-Policy"]
        good = ("default-src 'none'" in policy and "frame-ancestors 'none'" in policy
                and "unsafe" not in policy and answer["X-Content-Type-Options"] == "nosniff"
                and answer["Referrer-Policy"] == "no-referrer"
                and answer["Cross-Origin-Resource-Policy"] == "same-origin" and answer["Cache-Control"])
        if not good:
            wrong.append(f"{target}: {answer.status} {answer.headers}")
        for name in answer.headers:
            if name.startswith("access-control"):
                wrong.append(f"{target}: {name}")
    assert not wrong, "\n".join(wrong)


# ---- uploads


def names():
    bad = ["%2e%2e/x.jpg", "a/%2e%2e/%2e%2e/x.jpg", ".hidden.jpg", "a/.b/c.jpg", "a%00.jpg", "a%0a.jpg", "x" * 201 + ".jpg",
           "a%2fb.jpg", "", "/x.jpg", "a//b.jpg", "%ff.jpg", ".dropmill/root.id"]
    wrong = [f"{name}: {status}" for name in bad
             if (status := put(name).status) not in (400, 404)]
    assert not wrong, "\n".join(wrong)
    outside = [path for path in SHARE.parent.rglob("x.jpg")]
    expect(outside, [])
    # What the watcher leaves alone would never be done: it is not acknowledged.
    for name in ["Thumbs.db", "a.jpg.part", "__MACOSX/b.jpg", "trip/desktop.ini"]:
        expect((name, put(name).status), (name, 400))


def collide():
    expect(put("one.jpg", b"first").status, 201)
    expect((put("one.jpg", b"second, longer").status), 409)
    found = list((SHARE / "inbox/gray/Hostile").glob("one.jpg")) + list((SHARE / "failed/gray/Hostile").glob("one.jpg"))
    assert not found or found[0].read_bytes() == b"first", found


def lies():
    """A body that ends early leaves nothing; one that is longer than it says is cut off there."""
    head = (f"PUT /api/drops/{DROP}/files/lies.jpg HTTP/1.1\r\n{CLOSE}Origin: http://localhost\r\n"
            f"Content-Length: 1000\r\n\r\n").encode()
    with raw_http.connect(PAGE) as connection:
        connection.sendall(head + b"x" * 500)
    wait_for(lambda: not list((SHARE / "inbox/.page").glob("*")), "nothing half to be left")
    assert not (SHARE / "inbox/gray/Hostile/lies.jpg").exists()
    head = (f"PUT /api/drops/{DROP}/files/long.txt HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n"
            f"Content-Length: 4\r\n\r\n").encode()
    with raw_http.connect(PAGE) as connection:
        connection.sendall(head + b"abcdGARBAGE\r\n\r\n")
        answer = connection.recv(1 << 16)
    assert b"201" in answer.split(b"\r\n")[0], answer
    expect(json.loads(answer.split(b"\r\n\r\n")[1])["bytes"], 4)


def too_large():
    for length in (1 << 40, (1 << 63) - 1):
        head = (f"PUT /api/drops/{DROP}/files/large.jpg HTTP/1.1\r\n{CLOSE}Origin: http://localhost\r\n"
                f"Content-Length: {length}\r\n\r\n").encode()
        expect(raw_http.ask_bytes(PAGE, head).status, 413)
    body = b'{"a":"' + b"x" * (2 << 20) + b'"}'
    answer = raw_http.ask(PAGE, "POST", "/api/retry", [SITE, ("Content-Type", "application/json")], body)
    expect(answer.status, 413)


def strange_bodies():
    for body in (b"", b"{", b"[]", b"null", b'{"rows":{}}', b'{"rows":[{}]}', b'{"all":[[[[[]]]]]}', b'{"rows":[1e400]}',
                 b'{"rows":"x"}', b"[" * 100000, b'{"drop":"' + b"A" * 1000 + b'"}', b"\xff\xfe", b'{"rows":[-1]}'):
        answer = raw_http.ask(PAGE, "POST", "/api/retry", [SITE, ("Content-Type", "application/json")], body)
        assert answer.status not in (0, 500), (body[:40], answer.status)
    for kind in ("text/plain", "multipart/form-data", "multipart/form-data; boundary=", "application/x-www-form-urlencoded"):
        answer = raw_http.ask(PAGE, "POST", "/send", [SITE, ("Content-Type", kind)], b"--x\r\nnothing" * 1000)
        assert answer.status not in (0, 500), (kind, answer.status)
    expect(raw_http.ask(PAGE, "GET", "/healthz").status, 200)


def full():
    """The share is fuller than it may be: nothing is taken, and nothing half is left."""
    answer = put("full.jpg", b"x" * 1000)
    expect(answer.status, 507)
    assert json.loads(answer.body)["todo"], answer.body
    expect(list((SHARE / "inbox/.page").glob("*")), [])
    body = b'{"chain":"gray","title":"Full","files":1,"bytes":1000}'
    expect(raw_http.ask(PAGE, "POST", "/api/drops", [SITE, ("Content-Type", "application/json")], body).status, 507)


# ---- time


def wait_for(good, what, seconds=60):
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not good():
        assert time.monotonic() < deadline, f"waited for {what}"
        pause.wait(0.05)


def gone_after(connections, seconds):
    """How long it takes until the other side has closed all of them; @feed is called meanwhile."""
    selector = selectors.DefaultSelector()
    for connection in connections:
        connection.setblocking(False)
        selector.register(connection, selectors.EVENT_READ)
    began = time.monotonic()
    left = len(connections)
    while left and time.monotonic() - began < seconds:
        for key, _ in selector.select(timeout=0.5):
            try:
                over = not key.fileobj.recv(1 << 16)
            except ConnectionError:
                over = True
            if over:
                selector.unregister(key.fileobj)
                left -= 1
        for key in list(selector.get_map().values()):  # one byte now and then keeps them busy
            try:
                key.fileobj.send(b"a")
            except OSError:
                pass
    for connection in connections:
        connection.close()
    return left, time.monotonic() - began


def slow():
    """300 clients that send their heads a byte at a time."""
    connections = []
    for i in range(300):
        connection = raw_http.connect(SOCKET if i % 2 else PAGE)
        try:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nX-A: ")
        except OSError:
            pass
        connections.append(connection)
    left, seconds = gone_after(connections, 20)
    expect(left, 0)
    assert seconds < 15, seconds
    wait_for(lambda: raw_http.ask(PAGE, "GET", "/healthz").status == 200, "the address to be served again")


def stopped():
    """An upload that stops is cut, and leaves nothing."""
    with raw_http.connect(PAGE, 60) as connection:
        connection.sendall(f"PUT /api/drops/{DROP}/files/stopped.jpg HTTP/1.1\r\n{CLOSE}Origin: http://localhost\r\n"
                           f"Content-Length: 100000\r\n\r\nxyz".encode())
        began = time.monotonic()
        raw_http.read_all(connection)
        assert 20 < time.monotonic() - began < 45, time.monotonic() - began
    wait_for(lambda: not list((SHARE / "inbox/.page").glob("*")), "nothing half to be left")


def one_address():
    """One address has 20 connections, and others are served all the same."""
    connections = [raw_http.connect(PAGE) for _ in range(40)]
    for connection in connections:
        try:
            connection.sendall(b"GET /")
        except OSError:
            pass
    expect(raw_http.ask(SOCKET, "GET", "/healthz").status, 200)
    for connection in connections:
        connection.close()
    wait_for(lambda: raw_http.ask(PAGE, "GET", "/healthz").status == 200, "the address to be served again")


def no_readers():
    """64 clients that ask for much and read nothing hold little memory, and nobody up."""
    before = rss_kb()
    asked = (f"GET /api/catalogue HTTP/1.1\r\nHost: localhost\r\n\r\n" * 200).encode()
    connections = []
    for i in range(64):
        connection = raw_http.connect(SOCKET)
        connection.setblocking(False)
        try:
            connection.send(asked)
        except OSError:
            pass
        connections.append(connection)
    for _ in range(20):
        expect(raw_http.ask(PAGE, "GET", "/healthz", timeout=60).status, 200)
    used = rss_kb() - before
    for connection in connections:
        connection.close()
    assert used < int(os.environ["SPARE_KB"]), f"{used} kB more"


def many_streams():
    """64 listen; the next one is told to ask instead."""
    streams = []
    for _ in range(64):
        connection = raw_http.connect(SOCKET)
        connection.sendall(raw_http.request("GET", "/api/events"))
        assert b" 200 " in connection.recv(1 << 12).split(b"\r\n")[0] + b" "
        streams.append(connection)
    answer = raw_http.ask(SOCKET, "GET", "/api/events")
    expect(answer.status, 503)
    assert "api/state" in json.loads(answer.body)["todo"]
    for connection in streams:
        connection.close()
    wait_for(lambda: b"dropmill_page_event_streams 0\n" in raw_http.ask(SOCKET, "GET", "/metrics").body, "the streams to end")


# ---- who asks


def ask_as(role, method, target, where=PAGE, body=b"", more=()):
    headers = [("Authorization", f"Bearer {SECRET[role]}")] if role else []
    if method != "GET":
        headers += [SITE, ("Content-Type", "application/json")]
    return raw_http.ask(where, method, target, [*headers, *more], body)


MATRIX = [  # method, target, body, the least role
    ("GET", "/", b"", "viewer"),
    ("GET", "/api/state", b"", "viewer"),
    ("GET", "/api/events/none", b"", None),
    ("GET", "/metrics", b"", "viewer"),
    ("GET", "/api/result/1", b"", "viewer"),
    ("POST", "/api/drops", b'{"chain":"gray","title":"Roles","files":1,"bytes":1}', "sender"),
    ("PUT", f"/api/drops/{DROP}/files/role.jpg", b"x", "sender"),
    ("POST", "/api/retry", b'{"all":true}', "sender"),
    ("POST", "/api/preview?chain=gray&mode=whole", b"no picture", "sender"),
    ("GET", "/api/thumb/1", b"", "viewer"),
    ("POST", "/api/folders", b'{"chain":"gray"}', "sender"),
    ("POST", "/api/pause", b"{}", "admin"),
    ("POST", "/api/resume", b"{}", "admin"),
    ("GET", "/healthz", b"", None),
]
ROLES = [None, "viewer", "sender", "admin"]


def tokens():
    wrong = []
    for method, target, body, least in MATRIX:
        for role in ROLES:
            status = ask_as(role, method, target, body=body).status
            may = ROLES.index(role) >= ROLES.index(least)
            refused = status in (401, 403)
            if refused == may:
                wrong.append(f"{role}: {method} {target}: {status}")
    assert not wrong, "\n".join(wrong)
    expect(raw_http.ask(PAGE, "GET", "/api/state", [("Authorization", "Bearer wrong")]).status, 401)
    expect(raw_http.ask(PAGE, "GET", "/api/state", [("X-Remote-User", "root")]).status, 401)
    expect(raw_http.ask(SOCKET, "GET", "/api/state", [("X-Remote-User", "root")]).status, 401)


def cookie():
    answer = raw_http.ask(PAGE, "POST", "/api/sign-in", [SITE, ("Content-Type", "application/json")], b'{"token":"look"}')
    expect(answer.status, 200)
    text = answer["Set-Cookie"]
    assert "HttpOnly" in text and "SameSite=Strict" in text, text
    value = text.split(";")[0]
    expect(raw_http.ask(PAGE, "GET", "/api/state", [("Cookie", value)]).status, 200)
    expect(raw_http.ask(PAGE, "GET", "/api/state", [("Cookie", f"a=b; {value}; c=d")]).status, 200)
    name, until, seal = value.split("=", 1)[1].split(".")
    for forged in (f"dropmill=boss.{until}.{seal}", f"dropmill={name}.{int(until) + 1}.{seal}",
                   f"dropmill={name}.{until}.{seal[:-1]}", f"dropmill={name}.{until}.", "dropmill=", "dropmill=..",
                   f"dropmill={name}.1.{seal}"):
        expect((forged, raw_http.ask(PAGE, "GET", "/api/state", [("Cookie", forged)]).status), (forged, 401))
    began = time.monotonic()
    answer = raw_http.ask(PAGE, "POST", "/api/sign-in", [SITE, ("Content-Type", "application/json")], b'{"token":"wrong"}')
    assert answer.status in (401, 403) and "Set-Cookie".lower() not in answer.headers, answer
    assert time.monotonic() - began >= 0.9


def proxy():
    name = ("X-Remote-User", "anna")
    expect(raw_http.ask(SOCKET, "GET", "/api/state", [name]).status, 200)
    expect(json.loads(raw_http.ask(SOCKET, "GET", "/api/state", [name]).body)["role"], "sender")
    expect(json.loads(raw_http.ask(SOCKET, "GET", "/api/state", [("X-Remote-User", "boss")]).body)["role"], "admin")
    expect(raw_http.ask(SOCKET, "GET", "/api/state").status, 401)
    expect(raw_http.ask(SOCKET, "GET", "/api/state", [("X-Remote-User", "")]).status, 401)
    expect(raw_http.ask(PAGE, "GET", "/api/state", [name]).status, 401)  # not one of page.proxies
    expect(raw_http.ask(SOCKET, "POST", "/api/pause", [name, SITE, ("Content-Type", "application/json")], b"{}").status, 403)
    two = [("X-Remote-User", "anna"), ("X-Remote-User", "boss")]
    assert raw_http.ask(SOCKET, "POST", "/api/pause", [*two, SITE], b"").status in (400, 401, 403)


# ---- alone


def without_daemon():
    ready = raw_http.ask(PAGE, "GET", "/readyz")
    expect(ready.status, 503)
    for target in ("/", "/now", "/problems", "/folders", "/help", "/api/catalogue"):
        expect((target, raw_http.ask(PAGE, "GET", target).status), (target, 200))
    state = json.loads(raw_http.ask(PAGE, "GET", "/api/state").body)
    expect((state["daemon"]["here"], state["daemon"]["state"]), (False, "gone"))
    assert b"Not running" in raw_http.ask(PAGE, "GET", "/now").body
    expect(put("alone.txt", b"not yet").status, 201)


def main():
    result = tap.Tap()
    for name in sys.argv[1:]:
        result.call(name.replace("_", " "), globals()[name])
    sys.exit(result.done())


if __name__ == "__main__":
    main()
