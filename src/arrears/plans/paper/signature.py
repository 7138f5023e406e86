"""A PDF signed with the installation's own key (PAdES, Ed25519), under a certificate that the key signs itself.

The certificate holds the public key that the lender publishes: who has the published set can tell whose signature it is, with no
authority in between. It is derived from the key alone, so it is never stored.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from asn1crypto import keys as asn1_keys
from asn1crypto import x509
from cryptography import x509 as cx509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from arrears.errors import refuse
from arrears.notice.signing import PublicKey

FIELD = "Lender"
#: How long the certificate says it is good for; whether the key still is, the published set says.
YEARS = 10


@dataclass(frozen=True)
class Signature:
    """A signature found in a PDF. `valid`: nothing was changed since; `key_id`: the published key that made it, None if it is none of them."""

    valid: bool
    key_id: str | None


def certificate(private: Ed25519PrivateKey, name: str, key_id: str, begins: datetime) -> bytes:
    """The certificate of a key, signed by itself, as DER. The same key, name and instant give the same bytes."""
    subject = cx509.Name(  # an id may hold "_", which a serialNumber (a PrintableString) cannot
        [cx509.NameAttribute(NameOID.COMMON_NAME, name[:64]), cx509.NameAttribute(NameOID.USER_ID, key_id)]
    )
    usage = cx509.KeyUsage(True, True, False, False, False, False, False, False, False)
    made = (
        cx509.CertificateBuilder()
        .subject_name(subject).issuer_name(subject).public_key(private.public_key())
        .serial_number(int.from_bytes(private.public_key().public_bytes_raw()[:8], "big") | 1)
        .not_valid_before(begins.astimezone(UTC)).not_valid_after(begins.astimezone(UTC) + timedelta(days=365 * YEARS))
        .add_extension(usage, critical=True)
        .sign(private, None)
    )  # fmt: skip
    return made.public_bytes(Encoding.DER)


def sign(pdf: bytes, private: Ed25519PrivateKey, certificate_der: bytes, reason: str) -> bytes:
    """The PDF with a signature over all of it. The time of signing in it is the machine's, as PAdES asks."""
    der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    signer = signers.SimpleSigner(
        signing_cert=x509.Certificate.load(certificate_der),
        signing_key=asn1_keys.PrivateKeyInfo.load(der),
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
    )
    meta = signers.PdfSignatureMetadata(
        field_name=FIELD, reason=reason, md_algorithm="sha512", subfilter=fields.SigSeedSubFilter.PADES
    )
    out = signers.PdfSigner(meta, signer).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)))
    return bytes(out.getvalue())


def read_signatures(pdf: bytes, known: dict[str, PublicKey]) -> list[Signature]:
    """Every signature in a PDF, held against published keys by id. Refusal if it is no PDF."""
    try:
        found = list(PdfFileReader(io.BytesIO(pdf)).embedded_signatures)
    except (PdfError, ValueError) as error:
        raise refuse("pdf", f"is not a PDF that can be read ({type(error).__name__})", exit_code=2) from None
    return [_read(one, known) for one in found]


def _read(embedded: object, known: dict[str, PublicKey]) -> Signature:
    cert = embedded.signer_cert  # type: ignore[attr-defined]
    raw = bytes(cert.public_key["public_key"].native) if cert.public_key.algorithm == "ed25519" else b""
    key = next((key for key in known.values() if key.raw == raw and not key.revoked), None)
    context = ValidationContext(trust_roots=[cert], allow_fetching=False)
    status = validate_pdf_signature(embedded, context)  # type: ignore[arg-type]
    whole = status.intact and status.valid and status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    return Signature(whole, key.id if key else None)
