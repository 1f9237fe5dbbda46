#!/usr/bin/env python3
"""Starts `lymer serve` on port 0, talks to it over HTTP and HTTPS, and ends it by signals.

Usage: serve_test.py LYMER
"""

import gzip
import http.client
import json
import os
import pathlib
import re
import signal
import ssl
import subprocess
import sys
import tempfile

RULES = """
stream logins {
  from file "FILE" follow
  format json
  field ts: time  field user: string  field ok: bool
  time ts
}
rule guessing {
  on logins by user
  begin fails where not ok times 2
  next entry where ok
  within 10m
}
"""


def check(condition, what):
    if not condition:
        sys.exit(f"serve_test: {what}")


class Server:
    """A running server; `words` are its options."""

    def __init__(self, lymer, *words):
        self.process = subprocess.Popen([lymer, "serve", "--listen", "127.0.0.1:0", *words],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        found, told = None, ""
        while not found:
            line = self.process.stderr.readline()
            told += line
            check(line, f"it says where it listens, not: {told}")
            found = re.search(r"listens on https?://127\.0\.0\.1:(\d+)", line)
        self.port = int(found[1])

    def ask(self, method, path, body=None, headers=None, context=None):
        """Returns (status, headers, body as text)."""
        kind = http.client.HTTPSConnection if context else http.client.HTTPConnection
        options = {"context": context} if context else {}
        connection = kind("127.0.0.1", self.port, timeout=60, **options)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, answer.headers, text

    def end(self, number=signal.SIGTERM):
        """Returns the status, what it printed and what it told."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=120)
        return self.process.returncode, out, err


def check_rules(lymer, folder):
    """Rules over a file that grows, with the API beside."""
    events = folder / "logins.ndjson"
    events.write_text("")
    rules = folder / "rules.d"
    rules.mkdir()
    (rules / "a.cep").write_text(RULES.replace("FILE", str(events)))
    server = Server(lymer, "--rules", rules, "--data", folder / "data")
    check(server.ask("GET", "/readyz")[0] == 200, "it is ready")
    status, _, text = server.ask("GET", "/api/v1/rules")
    check(status == 200 and json.loads(text)["items"][0]["id"] == "guessing", text)
    status, _, text = server.ask("POST", "/api/v1/rules:validate", "rule x {",
                                 {"Content-Type": "text/plain"})
    check(status == 200 and json.loads(text)["errors"] > 0, text)
    document = json.loads(server.ask("GET", "/openapi.json")[2])
    check(document["openapi"] == "3.1.0" and "/jobs/{id}" in document["paths"], "the document")
    check("lymer_http_requests_total" in server.ask("GET", "/metrics")[2], "it counts requests")
    job = json.loads(server.ask("GET", "/jobs")[2])["jobs"][0]
    check(job["status"] == "RUNNING", f"a job that follows a file runs: {job}")
    with events.open("a") as file:
        for second, ok in enumerate((False, False, True)):
            file.write(json.dumps({"ts": f"2026-01-01T00:00:0{second}Z", "user": "ann",
                                   "ok": ok}) + "\n")
        # Brings time on, so that the others are complete.
        file.write(json.dumps({"ts": "2026-01-01T00:01:00Z", "user": "bob", "ok": True}) + "\n")
    line = server.process.stdout.readline()
    check(json.loads(line)["rule"] == "guessing", line)
    code, _, told = server.end()
    check(code == 0, f"SIGTERM ends it with 0, not {code}: {told}")


def check_tokens(lymer, folder):
    """Who has no token learns that there is a server, and no more."""
    tokens = folder / "tokens"
    made = {role: subprocess.run([lymer, "token", "new", "--role", role, "--file", tokens],
                                 capture_output=True, text=True, check=True).stdout.strip()
            for role in ("viewer", "admin")}
    config = folder / "lymer.toml"
    config.write_text(f'[auth]\ntokens_file = "{tokens}"\n')
    server = Server(lymer, "-c", config)
    check(server.ask("GET", "/livez")[0] == 200, "health is for anyone")
    status, headers, text = server.ask("GET", "/api/v1/info")
    check(status == 401 and headers["WWW-Authenticate"].startswith("Bearer"), text)
    check(json.loads(text)["type"] == "/problems/unauthorized", text)
    for token in made.values():
        bearer = {"Authorization": f"Bearer {token}"}
        check(server.ask("GET", "/api/v1/info", headers=bearer)[0] == 200, "tokens let in")
    server.process.send_signal(signal.SIGHUP)
    check(server.ask("GET", "/livez")[0] == 200, "SIGHUP does no harm")
    check(server.end(signal.SIGINT)[0] == 0, "SIGINT ends it too")


def openssl(folder, *words):
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def check_tls(lymer, folder):
    """TLS with certificates on both sides, of an authority made here."""
    openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=ca")
    for name in ("server", "client"):
        openssl(folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
        openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
                "-CAcreateserial", "-out", f"{name}.crt", "-days", "2", "-extfile", "names")
    config = folder / "tls.toml"
    config.write_text(f'[http.tls]\ncert = "{folder}/server.crt"\nkey = "{folder}/server.key"\n'
                      f'client_ca = "{folder}/ca.crt"\n')
    server = Server(lymer, "-c", config)
    context = ssl.create_default_context(cafile=folder / "ca.crt")
    try:
        server.ask("GET", "/livez", context=context)
        check(False, "nobody is let in without a certificate")
    except (ssl.SSLError, ConnectionError):
        pass
    context.load_cert_chain(folder / "client.crt", folder / "client.key")
    check(server.ask("GET", "/livez", context=context)[0] == 200, "with one it answers")
    check(server.end()[0] == 0, "it ends")


EVENT_RULES = """
stream payments {
  from log "payments"
  format json
  field at: time  field user: string  field amount: int
  time at
}
rule large {
  on payments by user
  begin one where amount > 100
  emit { user: one.user } to log "alerts"
}
"""


def check_events(lymer, folder):
    """Events over HTTP, in all forms; a repetition after a restart; what the rules made of them."""
    rules = folder / "events.cep"
    rules.write_text(EVENT_RULES)
    words = ("--rules", rules, "--data", folder / "events")
    os.environ["LYMER_CHECKPOINT__INTERVAL"] = "50ms"
    server = Server(lymer, *words)
    path = "/api/v1/streams/payments/events"
    events = [{"at": f"2026-01-01T00:00:0{second}Z", "user": f"u{second}", "amount": second * 60}
              for second in range(5)]
    lines = "\n".join(map(json.dumps, events))
    packed = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip",
              "Idempotency-Key": "first"}
    status, _, first = server.ask("POST", path, gzip.compress(f"{lines}\nno\n".encode()), packed)
    check(status == 200, first)
    check(json.loads(first)["accepted"] == 5 and json.loads(first)["errors"][0]["line"] == 6, first)
    status, _, text = server.ask("POST", "/api/v1/streams/payment/events", lines,
                                 {"Content-Type": "application/x-ndjson"})
    check(status == 404 and "did you mean `payments`?" in text, text)
    check(server.end()[0] == 0, "it ends")
    server = Server(lymer, *words)
    status, headers, again = server.ask("POST", path, gzip.compress(f"{lines}\nno\n".encode()),
                                        packed)
    check(status == 200 and again == first, f"a repetition gets the same answer, not {again}")
    check(headers["Idempotency-Replayed"] == "true", "and is told that it is one")
    # Brings time on, so that the others are complete.
    end = json.dumps([{"at": "2026-01-01T01:00:00Z", "user": "end", "amount": 0}])
    status, _, text = server.ask("POST", path, end, {"Content-Type": "application/json"})
    check(json.loads(text)["offsets"] == {"first": 5, "last": 5}, text)
    while True:  # Until the time of ctest is over.
        items = json.loads(server.ask("GET", "/api/v1/streams")[2])["items"]
        if [each for each in items if each["name"] == "alerts" and each["log"]["next"] >= 3]:
            break
    alerts = json.loads(server.ask("GET", "/api/v1/streams/alerts/events")[2])["items"]
    check([each["event"]["emit"]["user"] for each in alerts] == ["u2", "u3", "u4"], alerts)
    check(server.end()[0] == 0, "it ends again")


def main(arguments):
    lymer = pathlib.Path(arguments[0]).resolve()
    with tempfile.TemporaryDirectory(prefix="lymer-serve-") as name:
        os.environ["STATE_DIRECTORY"] = f"{name}/usual"  # Where servers keep what nobody places.
        for run in (check_rules, check_tokens, check_tls, check_events):
            run(lymer, pathlib.Path(name))
            print(f"serve_test: {run.__name__} passed")


if __name__ == "__main__":
    main(sys.argv[1:])
