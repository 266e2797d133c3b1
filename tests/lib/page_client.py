# SPDX-License-Identifier: MIT
"""Do what a browser does with the page of a share: say what comes, send it.

    page_client.py PORT CHAIN TITLE FILE     prints the folder that the file went to
    page_client.py PORT                      prints what the page says is there

PORT may be the path of a socket.
"""
import http.client
import json
import os
import socket
import sys
import urllib.parse

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


def connect(port):
    if port.isdigit():
        return http.client.HTTPConnection("127.0.0.1", int(port), timeout=20)
    connection = http.client.HTTPConnection("localhost", timeout=20)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(port)
    return connection


def ask(port, method, path, body=None, headers=()):
    connection = connect(port)
    connection.request(method, path, body, dict(headers) | SAME_ORIGIN)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status >= 400:
        sys.exit(f"{method} {path}: {answer.status} {text.decode()}")
    return text


def send(port, chain, title, path):
    with open(path, "rb") as file:
        content = file.read()
    announced = {"chain": chain, "title": title, "files": 1, "bytes": len(content)}
    drop = json.loads(ask(port, "POST", "/api/drops", json.dumps(announced), {"Content-Type": "application/json"}))
    name = urllib.parse.quote(os.path.basename(path))
    ask(port, "PUT", f"/api/drops/{drop['id']}/files/{name}", content, {"Content-Type": "application/octet-stream"})
    print(f"{chain}/{drop['title']}")


if len(sys.argv) > 2:
    send(sys.argv[1], *sys.argv[2:])
else:
    print(ask(sys.argv[1], "GET", "/api/state").decode())
