"""Keys: made once, rotated without loss, private to their owner, published for everybody."""

import json
from datetime import UTC, datetime

import pytest

from arrears.errors import Refusal
from arrears.notice.keys import code_key, make_keys, public_keys, published, read_public, rotate_keys, signer
from arrears.notice.signing import signed_by
from tests.notice.made import LENDER, written

MADE, ROTATED = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
RANDOM, OTHER = bytes(range(64)), bytes(range(64, 96))


@pytest.fixture
def keys(tmp_path):
    make_keys(tmp_path, LENDER.id, MADE, RANDOM)
    return tmp_path


def test_what_was_signed_before_a_rotation_is_verified_after_it(keys):
    old = written("letter", "en", signer(keys, LENDER.id)).text
    rotate_keys(keys, LENDER.id, ROTATED, OTHER)
    new = written("letter", "en", signer(keys, LENDER.id)).text

    known = public_keys(keys, LENDER.id).keys

    assert (signed_by(old, LENDER.id, known).valid_until, signed_by(new, LENDER.id, known).valid_until) == (
        ROTATED,
        None,
    )
    assert len(list((keys / "signing").glob("????????.key"))) == 1


def test_what_a_revoked_key_signed_is_not_verified(keys):
    old = written("letter", "en", signer(keys, LENDER.id)).text

    rotate_keys(keys, LENDER.id, ROTATED, OTHER, revoke=True)

    assert signed_by(old, LENDER.id, public_keys(keys, LENDER.id).keys) is None


def test_keys_are_made_once(keys):
    with pytest.raises(Refusal, match="are there already"):
        make_keys(keys, LENDER.id, ROTATED, RANDOM)

    assert code_key(keys) == RANDOM[32:]


def test_private_files_are_for_their_owner_only(keys):
    files = sorted((keys / "signing").glob("*.key"))

    assert len(files) == 2 and all(file.stat().st_mode & 0o777 == 0o600 for file in files)
    for file in files:
        file.chmod(0o640)
    for use in (lambda: signer(keys, LENDER.id), lambda: code_key(keys)):
        with pytest.raises(Refusal, match="may be read by others than its owner"):
            use()


def test_the_public_set_is_read_back_as_it_was_and_holds_nothing_private(keys, tmp_path):
    rotate_keys(keys, LENDER.id, ROTATED, OTHER)
    known = public_keys(keys, LENDER.id)
    file = tmp_path / "keys.json"

    file.write_text(published(known), "utf-8")

    assert read_public(file) == known
    content = json.loads(file.read_text("utf-8"))
    assert [set(key) for key in content["keys"]] == [
        {"kty", "crv", "alg", "use", "kid", "x", "valid_from", "valid_until", "revoked"}
    ] * 2
    assert not any(part in file.read_text("utf-8") for part in (RANDOM[:32].hex(), '"d"'))


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"lender": "x", "keys": [{}]}', '{"lender": "demo-bank", "keys": 3}', "\x00"]
)
def test_what_is_no_set_of_keys_is_refused(tmp_path, content):
    file = tmp_path / "keys.json"
    file.write_text(content, "utf-8")

    with pytest.raises(Refusal, match="is not a set of public keys"):
        read_public(file)


def test_a_key_under_another_id_is_refused(keys):
    file = keys / "signing" / "public.json"
    file.write_text(file.read_text("utf-8").replace(signer(keys, LENDER.id).key_id, "AAAAAAAA"), "utf-8")

    with pytest.raises(Refusal, match="is no Ed25519 key of that id"):
        public_keys(keys, LENDER.id)


def test_the_keys_of_another_lender_are_refused(keys):
    with pytest.raises(Refusal, match="is the set of demo-bank, not of other-bank"):
        signer(keys, "other-bank")


def test_a_private_key_that_is_not_the_published_one_is_refused(keys, tmp_path):
    make_keys(tmp_path / "other", LENDER.id, MADE, OTHER + OTHER)
    ours, theirs = (next((folder / "signing").glob("????????.key")) for folder in (keys, tmp_path / "other"))
    theirs.replace(ours)

    with pytest.raises(Refusal, match="is not the private key of this id"):
        signer(keys, LENDER.id)


def test_without_keys_it_is_said_how_to_make_them(tmp_path):
    with pytest.raises(Refusal, match="arrears keys make"):
        signer(tmp_path, LENDER.id)
