#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""A place that notices are posted to: webhook.py FOLDER [CERTIFICATE KEY]

Prints its port into FOLDER/port, then writes each body that comes to FOLDER/N.json, whatever the answer is. What it
answers stands in FOLDER/answer, read anew each time: a status, or "hang", "close", "redirect URL"."""
import http.server
import os
import ssl
import sys
import threading

FOLDER = sys.argv[1]
LOCK = threading.Lock()
COUNT = [0]


def write(name, data):
    with open(os.path.join(FOLDER, name + ".new"), "wb") as new:
        new.write(data)
    os.rename(os.path.join(FOLDER, name + ".new"), os.path.join(FOLDER, name))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with LOCK:
            COUNT[0] += 1
            number = COUNT[0]
        with open(os.path.join(FOLDER, "answer"), encoding="ascii") as file:
            words = file.read().split()
        write(f"{number}.head", f"{self.command} {self.path}\n{self.headers}".encode())
        write(f"{number}.{words[0]}.json", body)
        if words[0] == "hang":
            threading.Event().wait(60)
        elif words[0] == "close":
            self.close_connection = True
        else:
            status = 302 if words[0] == "redirect" else int(words[0])
            self.send_response(status)
            if words[0] == "redirect":
                self.send_header("Location", words[1])
            self.send_header("Content-Length", "4")
            self.end_headers()
            self.wfile.write(b"told")

    do_POST = do_GET = answer

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


server = Server(("127.0.0.1", 0), Handler)
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    server.socket = context.wrap_socket(server.socket, server_side=True)
write("port", str(server.server_port).encode())
server.serve_forever()
