"""A receiver of webhooks on loopback that misbehaves as it is told, for the tests of `assay export`.

usage: receiver.py FOLDER [CERTIFICATE KEY]

FOLDER/mode says how to answer: ok, fail (503), busy (429, retry at once), refuse (422), moved (307), hang, or drop (take it,
then close the connection without an answer; the mode becomes ok). FOLDER/port gets the port, and FOLDER/log a line of JSON
for each request that was read to its end: its key, the hash of its body, the ids in it, whether its signature is right, and
whether it was taken.
"""

import base64
import hashlib
import hmac
import http.server
import json
import os
import ssl
import sys
import time

# Pipes of other tests that were being started at the same moment: whoever reads them waits for all their ends.
os.closerange(3, 1024)

folder = sys.argv[1]
SECRET = b"a plain secret of words"


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        with open(f"{folder}/mode") as file:
            mode = file.read().strip()
        key = self.headers["webhook-id"]
        signed = f"{key}.{self.headers['webhook-timestamp']}.".encode() + body
        right = "v1," + base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
        kind = self.headers["content-type"]
        entry = {
            "key": key,
            "sameKey": self.headers["idempotency-key"] == key,
            "body": hashlib.sha256(body).hexdigest(),
            "ids": [video["id"] for video in json.loads(body)["videos"]] if kind == "application/json" else [],
            "signed": hmac.compare_digest(right, self.headers.get("webhook-signature", "")),
            "taken": mode in ("ok", "drop"),
        }
        with open(f"{folder}/log", "a") as file:
            file.write(json.dumps(entry) + "\n")
        if mode == "drop":
            with open(f"{folder}/mode", "w") as file:
                file.write("ok")
            self.close_connection = True
            self.connection.close()
            return
        if mode == "hang":
            time.sleep(60)
        code = {"ok": 204, "fail": 503, "busy": 429, "refuse": 422, "moved": 307}.get(mode, 500)
        self.send_response(code)
        if mode == "busy":
            self.send_header("retry-after", "0")
        if mode == "moved":
            self.send_header("location", "/elsewhere")
        self.send_header("content-length", "0")
        self.end_headers()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


server = Server(("127.0.0.1", 0), Receiver)
if len(sys.argv) > 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    server.socket = context.wrap_socket(server.socket, server_side=True)
with open(f"{folder}/port.new", "w") as file:
    file.write(str(server.server_address[1]))
os.rename(f"{folder}/port.new", f"{folder}/port")
server.serve_forever()
