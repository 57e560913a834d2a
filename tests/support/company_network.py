"""A company's network on loopback: an HTTP proxy that only lets CONNECT through, and TLS ended under a private CA."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

CHUNK = 65536


@dataclass(slots=True)
class Proxy:
    """`routes` sends a CONNECT's target elsewhere, as a company's own DNS would."""

    url: str
    routes: dict[str, tuple[str, int]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Authority:
    """A private CA: its certificate as a file, and a server's certificate and key for 127.0.0.1."""

    ca: Path
    chain: Path
    key: Path


def make_authority(folder: Path, name: str) -> Authority:
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} CA")])
    ca = _certificate(ca_name, ca_name, ca_key.public_key(), ca_key, x509.BasicConstraints(ca=True, path_length=None))
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    served = _certificate(subject, ca_name, key.public_key(), ca_key, address)
    made = Authority(folder / f"{name}-ca.pem", folder / f"{name}.pem", folder / f"{name}.key")
    made.ca.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    made.chain.write_bytes(served.public_bytes(serialization.Encoding.PEM))
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    made.key.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return made


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    signer: ec.EllipticCurvePrivateKey,
    extension: x509.ExtensionType,
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    )
    return builder.sign(signer, hashes.SHA256())


@contextmanager
def proxy() -> Iterator[Proxy]:
    """A proxy that speaks CONNECT and nothing else."""
    made = Proxy("")

    def answer(client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            more = client.recv(CHUNK)
            if not more:
                return
            head += more
        method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
        made.asked.append(f"{method} {target}")
        if method != "CONNECT" or target not in made.routes:
            client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        with socket.create_connection(made.routes[target]) as server:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            _pump(client, server)

    with _listening(answer) as port:
        made.url = f"http://127.0.0.1:{port}"
        yield made


@contextmanager
def tls(authority: Authority, to: tuple[str, int]) -> Iterator[int]:
    """A port that ends TLS and passes on to `to`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.chain, authority.key)

    def answer(client: socket.socket) -> None:
        # A client that does not know this authority hangs up: that is its answer.
        with (
            suppress(ssl.SSLError),
            context.wrap_socket(client, server_side=True) as inside,
            socket.create_connection(to) as server,
        ):
            _pump(inside, server)

    with _listening(answer) as port:
        yield port


@contextmanager
def _listening(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as door:
        threads: list[threading.Thread] = []

        def serve(client: socket.socket) -> None:
            with client, suppress(OSError):
                answer(client)

        def accept() -> None:
            while True:
                try:
                    client, _ = door.accept()
                except OSError:
                    return
                threads.append(threading.Thread(target=serve, args=(client,), daemon=True))
                threads[-1].start()

        keeper = threading.Thread(target=accept, daemon=True)
        keeper.start()
        try:
            yield int(door.getsockname()[1])
        finally:
            door.shutdown(socket.SHUT_RDWR)
            keeper.join()


def _pump(one: socket.socket, other: socket.socket) -> None:
    """Both ways until one side hangs up."""
    back = threading.Thread(target=_pass_on, args=(other, one), daemon=True)
    back.start()
    _pass_on(one, other)
    back.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(CHUNK):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
