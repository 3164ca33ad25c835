# SPDX-License-Identifier: ISC
"""Witnesses that misbehave, by the first part of the path; prints its port."""
import http.server
import time


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        kind = self.path.split("/")[1]
        self.send_response({"redirect": 302, "nonsense": 418}.get(kind, 200))
        if kind == "redirect":
            self.send_header("Location", "http://127.0.0.1:%d/nonsense" % self.server.server_port)
        self.end_headers()
        try:
            self.body(kind)
        except OSError:
            pass

    def body(self, kind):
        if kind == "endless":
            while True:
                self.wfile.write(b"A" * 10000)
        if kind == "slow":
            for _ in range(100):
                self.wfile.write(b"A")
                time.sleep(1)
        self.wfile.write(b"\x1b[31mnot \x00 a cosignature\n")

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(server.server_port, flush=True)
server.serve_forever()
