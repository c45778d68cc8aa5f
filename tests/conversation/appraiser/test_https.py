"""Encrypted endpoints: the certificate is checked, and a stalled handshake is given up."""

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from conversation.appraiser.conftest import Told
from conversation.appraiser.scripted import Script, answering, eventually
from conversation.appraiser.talk import appraisal, completion, said
from rapport.conversation.appraiser.appraiser import Appraiser

pytestmark = pytest.mark.wire

Ask = Callable[..., Appraiser]

REQUEST = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test")
FOR_LOOPBACK = ("-addext", "subjectAltName=IP:127.0.0.1")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 and its key, in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl, which makes a certificate")
    folder = tmp_path_factory.mktemp("tls")
    key, cert, both = folder / "key.pem", folder / "cert.pem", folder / "both.pem"
    command = [openssl, *REQUEST, *FOR_LOOPBACK, "-keyout", str(key), "-out", str(cert)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    both.write_bytes(key.read_bytes() + cert.read_bytes())
    return both


def encrypted(certificate: Path, script: Script) -> Script:
    """The script behind TLS, once a request has come."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def speak(connection: socket.socket, number: int) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            received = b""
            while b"\r\n\r\n" not in received or not received.endswith(b"}"):
                received += secured.recv(65536)
            script(secured, number)

    return speak


class Raw:
    """A server that lets the script do everything, from the first byte on."""

    def __init__(self, script: Script) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self._over = threading.Event()
        self.endpoint = f"https://127.0.0.1:{self._listener.getsockname()[1]}/v1"
        self._script = script
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(30)
                try:
                    self._script(connection, 1)
                except OSError:
                    continue

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        self._listener.close()


def test_a_certificate_that_is_trusted_is_spoken_to_and_another_is_not(
    ask: Ask, told: Told, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Raw(encrypted(certificate, answering(completion(appraisal(30)))))
    try:
        stranger = ask(server.endpoint)
        stranger.consider(said("Hello."))
        eventually(lambda: told)
        assert told.pop()[1] == "endpoint_failed"
        stranger.close()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        appraiser = ask(server.endpoint)
        appraiser.consider(said("Hello.", "Hi."))
        eventually(lambda: appraiser.incongruence == 0.3)
        assert told == []
    finally:
        server.close()


def test_a_handshake_that_stalls_is_given_up(ask: Ask, told: Told) -> None:
    def stalled(connection: socket.socket, number: int) -> None:
        while connection.recv(65536):
            pass

    server = Raw(stalled)
    try:
        appraiser = ask(server.endpoint, timeout_s=0.5)
        appraiser.consider(said("Hello."))
        eventually(lambda: told)
        assert told[0][1] == "endpoint_slow"
        appraiser.close()
    finally:
        server.close()
