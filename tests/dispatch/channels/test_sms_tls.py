"""The session over TLS: only with a certificate that a trusted authority gave to the host."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from arrears.errors import Refusal
from tests.dispatch.channels.sms_case import Recorded, answered, bound, message, run, unconnected
from tests.peers.running import running


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of its own for 127.0.0.1, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "SMSC of the tests")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path_factory.mktemp("tls") / "smsc.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@asynccontextmanager
async def tls_before(port: int, certificate: Path) -> AsyncIterator[int]:
    """A port that speaks TLS and passes all on to `port`."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    async def passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                writer.write(data)
        finally:
            writer.close()

    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        plain_reader, plain_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(passed(reader, plain_writer), passed(plain_reader, writer), return_exceptions=True)

    server = await asyncio.start_server(accepted, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def test_a_message_goes_over_tls_with_the_authority_that_is_named(certificate: Path) -> None:
    with running() as smsc:

        async def act():
            async with (
                tls_before(smsc.port, certificate) as port,
                bound(port, tls={"ca_file": str(certificate)}) as channel,
            ):
                return await answered(channel, message())

        answer = run(act())

    assert (answer.kind, len(smsc.submitted)) == ("accepted", 1)


def test_nothing_is_said_to_an_smsc_whose_certificate_nobody_vouches_for(certificate: Path) -> None:
    with running() as smsc:

        async def act():
            async with tls_before(smsc.port, certificate) as port:
                await unconnected(port, tls=True).open(Recorded())

        with pytest.raises(Refusal) as refused:
            run(act())

    assert "certificate is not trusted" in str(refused.value)
    assert smsc.binds == 0
