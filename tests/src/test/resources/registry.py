"""A registry that misbehaves. usage: registry.py PORT_FILE LAYER_TAR; listens on a free port of loopback, which it writes to PORT_FILE.
It serves one image of one layer under any name; the name says how it misbehaves ("honest" for not at all).
A name that hangs makes PORT_FILE.silent when it begins to; one that waits goes on when there is a file PORT_FILE.go."""
import hashlib
import http.server
import json
import os
import platform
import sys
import time

port_file = sys.argv[1]
machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
with open(sys.argv[2], "rb") as file:
    layer = file.read()


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def descriptor(kind, data, **more):
    return {"mediaType": "application/vnd.oci.image." + kind, "digest": digest(data), "size": len(data), **more}


def image(mode):
    config = json.dumps({
        "architecture": "mips64" if mode == "other-config" else machine, "os": "linux", "author": mode, "config": {"Cmd": ["/bin/true"]},
        "rootfs": {"type": "layers", "diff_ids": [digest(layer + b"x") if mode == "other-diff-id" else digest(layer)]}}).encode()
    manifest = json.dumps({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": descriptor("config.v1+json", config), "layers": [descriptor("layer.v1.tar", layer)]}).encode()
    return config, manifest


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, body, kind="application/octet-stream", status=200, length=None, **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def hang(self):
        self.wfile.flush()
        open(port_file + ".silent", "w").close()
        time.sleep(600)

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        path, _, what = self.path.rpartition("/")
        mode = path.split("/")[2] if path.count("/") > 2 else ""
        if mode == "hangs":
            self.hang()
        elif mode == "circles":
            self.answer(b"", status=307, Location=self.path)
        elif mode == "html":
            self.answer(b"<!doctype html><html><body>Please log in</body></html>", "text/html")
        elif mode == "garbage":
            self.wfile.write(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
            self.close_connection = True
        elif path.endswith("/manifests"):
            self.manifest(mode)
        elif path.endswith("/blobs"):
            self.blob(mode, what)
        else:
            self.answer(b"{}", "application/json")

    def manifest(self, mode):
        manifest = image(mode)[1]
        kind = "application/vnd.oci.image.manifest.v1+json"
        if mode == "no-platform":
            index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [
                descriptor("manifest.v1+json", manifest, platform={"os": "linux", "architecture": "mips64"}),
                descriptor("manifest.v1+json", manifest, platform={"os": "windows", "architecture": machine})]}
            self.answer(json.dumps(index).encode(), "application/vnd.oci.image.index.v1+json")
        elif mode == "deep-manifest":
            self.answer(b'{"a":' + b"[" * (3 << 20), kind)
        elif mode == "huge-manifest":
            self.answer(b'{"a":"' + b"x" * (5 << 20) + b'"}', kind)
        elif mode == "other-manifest":
            self.answer(manifest + b" ", kind, Docker_Content_Digest=digest(manifest))
        else:
            self.answer(manifest, kind)

    def blob(self, mode, name):
        blobs = {digest(each): each for each in (layer, *image(mode))}
        is_layer = name == digest(layer)
        if name not in blobs:
            self.answer(b'{"errors":[{"code":"BLOB_UNKNOWN"}]}', "application/json", 404)
        elif mode == "other-layer" and is_layer:
            self.answer(layer[:-1] + b"x")
        elif mode == "other-config-bytes" and not is_layer:
            self.answer(blobs[name][:-1] + b" ")
        elif mode == "long-layer" and is_layer:
            self.answer(layer + b"\0" * 4096)
        elif mode == "short-layer" and is_layer:
            self.answer(layer[:1024])
        elif mode == "cut-layer" and is_layer:
            self.answer(layer[:1024], length=len(layer))
            self.close_connection = True
        elif mode == "hangs-in-layer" and is_layer:
            self.answer(layer[:len(layer) // 2], length=len(layer))
            self.hang()
        elif mode.startswith("waits-in-layer") and is_layer:
            self.answer(layer[:len(layer) // 2], length=len(layer))
            self.wfile.flush()
            end = time.monotonic() + 60
            while not os.path.exists(port_file + ".go") and time.monotonic() < end:
                time.sleep(0.02)
            self.wfile.write(layer[len(layer) // 2:])
        else:
            self.answer(blobs[name])


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
with open(port_file + ".new", "w") as out:
    out.write(str(server.server_port))
os.rename(port_file + ".new", port_file)
server.serve_forever()
