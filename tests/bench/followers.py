#!/usr/bin/env python3
"""Many clients that follow results and mostly wait: how long /readyz takes beside them, and how
much memory the server holds.

Usage: followers.py LYMER [--clients N] [--asks N] [--seconds N]
"""

import argparse
import http.client
import pathlib
import resource
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time

RULES = """
stream s {
  from file "FILE" follow
  format json
  field ts: time  field n: int
  time ts
}
rule each {
  on s by n
  begin a where n > 0
}
"""


def start(lymer, folder):
    """Returns the process and its port."""
    process = subprocess.Popen([lymer, "serve", "--listen", "127.0.0.1:0", "--data",
                                folder / "data", "--rules", folder / "rules.cep"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    while "listens on" not in (line := process.stderr.readline()):
        if not line:
            sys.exit("the server does not start")
    return process, int(line.rsplit(":", 1)[1])


def follow(port):
    client = socket.create_connection(("127.0.0.1", port))
    client.sendall(b"GET /api/v1/matches/stream HTTP/1.1\r\nHost: x\r\n\r\n")
    return client


def read_until(clients, wanted, seconds):
    """Reads until each client has been sent `wanted`; returns how many have."""
    waiting = selectors.DefaultSelector()
    for client in clients:
        waiting.register(client, selectors.EVENT_READ, bytearray())
    done = 0
    end = time.monotonic() + seconds
    while done < len(clients) and time.monotonic() < end:
        for key, _ in waiting.select(1):
            got = key.fileobj.recv(65536)
            key.data.extend(got)
            if not got or wanted in key.data:
                done += 1 if got else 0
                waiting.unregister(key.fileobj)
    return done


def readyz(port, asks, pause):
    """Returns the milliseconds of each, on a connection of its own, the shortest first."""
    times = []
    for _ in range(asks):
        begin = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/readyz")
        if connection.getresponse().status != 200:
            sys.exit("it is not ready")
        times.append((time.monotonic() - begin) * 1000)
        connection.close()
        time.sleep(pause)
    return sorted(times)


def resident_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0


def tell(what, times):
    print(f"/readyz {what}: median {times[len(times) // 2]:.1f} ms, "
          f"longest of {len(times)} {times[-1]:.1f} ms")


def measure(options, folder):
    events = folder / "events.ndjson"
    events.write_text("")
    (folder / "rules.cep").write_text(RULES.replace("FILE", str(events)))
    process, port = start(pathlib.Path(options.lymer).resolve(), folder)
    print(f"memory before: {resident_mib(process.pid):.0f} MiB")
    clients = [follow(port) for _ in range(options.clients)]
    begun = read_until(clients, b"retry:", 60)
    print(f"{begun} of {options.clients} clients follow")
    pause = options.seconds / options.asks
    tell("beside idle clients", readyz(port, options.asks, pause))
    print(f"memory: {resident_mib(process.pid):.0f} MiB")
    begin = time.monotonic()
    with events.open("a") as file:
        for second in range(3):
            file.write('{"ts":"2026-01-01T00:00:0%dZ","n":%d}\n' % (second, second))
    tell("while they are told of a match", readyz(port, options.asks, 0.005))
    told = read_until(clients, b"event: match", 60)
    print(f"{told} clients were told of a match within {time.monotonic() - begin:.2f} s")
    print(f"memory: {resident_mib(process.pid):.0f} MiB")
    process.send_signal(signal.SIGTERM)
    begin = time.monotonic()
    said = read_until(clients, b"event: bye", 60)
    process.communicate(timeout=120)
    print(f"{said} clients were told goodbye; it ended with {process.returncode} after "
          f"{time.monotonic() - begin:.2f} s")
    if not begun == told == said == options.clients:
        sys.exit("not all clients got all")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("lymer")
    parser.add_argument("--clients", type=int, default=4000)
    parser.add_argument("--asks", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory(prefix="lymer-followers-") as name:
        measure(options, pathlib.Path(name))


if __name__ == "__main__":
    main()
