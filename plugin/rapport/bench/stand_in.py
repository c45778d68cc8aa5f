"""A stand-in for a camera: Motion JPEG over HTTP on loopback, which sees when it is let go."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import cv2
import numpy as np

FPS = 30.0
NOTICE_S = 0.005
"""How often it is looked whether the reader is still there."""


class CameraStandIn:
    """A grey picture, thirty times a second, to whoever connects to `url`."""

    def __init__(self) -> None:
        picture = np.full((480, 640, 3), 90, np.uint8)
        jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
        head = f"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
        self._part = head.encode() + jpeg + b"\r\n"
        self._changed = threading.Condition()
        self._readers = 0
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                stand_in._serve(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/camera"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def wait(self, readers: int, timeout_s: float) -> bool:
        """Wait until so many read; False if that does not come in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._readers == readers, timeout_s)

    def close(self) -> None:
        """End the server."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _serve(self, request: BaseHTTPRequestHandler) -> None:
        self._count(1)
        try:
            request.send_response(200)
            request.send_header("Content-Type", "multipart/x-mixed-replace; boundary=picture")
            request.end_headers()
            request.connection.settimeout(NOTICE_S)
            while not self._let_go(request, 1.0 / FPS):
                request.wfile.write(self._part)
        except OSError:
            pass
        finally:
            self._count(-1)

    @staticmethod
    def _let_go(request: BaseHTTPRequestHandler, wait_s: float) -> bool:
        """Wait for the next picture's turn; whether the reader has hung up meanwhile."""
        until = time.monotonic() + wait_s
        while time.monotonic() < until:
            try:
                if request.connection.recv(1) == b"":
                    return True
            except TimeoutError:
                continue
        return False

    def _count(self, change: int) -> None:
        with self._changed:
            self._readers += change
            self._changed.notify_all()
