# SPDX-License-Identifier: MIT
"""Be a service manager: open a port, hand it to the program, hear what it says of itself.

    handed_over.py PORT PATH PROGRAM [ARGUMENT...]

Asks for PATH at PORT when the program is ready, then ends it; prints what it said and was asked, a line each.
"""
import os
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request


# The program's own id must be in its environment, so a process that becomes the program puts it there.
BECOME = "import os, sys; os.environ['LISTEN_PID'] = str(os.getpid()); os.execv(sys.argv[1], sys.argv[1:])"


def until(heard, said, word):
    while word not in said:
        said += heard.recv(4096).decode() + "\n"
    return said


def main():
    port, path, *argv = sys.argv[1:]
    listening = socket.create_server(("127.0.0.1", int(port)))
    with tempfile.TemporaryDirectory() as directory, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        os.chmod(directory, 0o755)
        heard.bind(f"{directory}/notify")
        heard.settimeout(60)
        os.dup2(listening.fileno(), 3)
        os.set_inheritable(3, True)
        child = subprocess.Popen([sys.executable, "-c", BECOME, *argv], pass_fds=[3],
                                 env=os.environ | {"LISTEN_FDS": "1", "NOTIFY_SOCKET": f"{directory}/notify"})
        said = until(heard, "", "READY=1")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=20) as answer:
            print(f"answer {answer.status}")
        said = until(heard, said, "STATUS=")
        child.send_signal(signal.SIGTERM)
        said = until(heard, said, "STOPPING=1")
        print(said, end="")
        print(f"ended {child.wait(60)}")


main()
