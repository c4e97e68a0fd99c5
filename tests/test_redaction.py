"""Redaction of secrets in names, texts, URLs and command lines."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provlog import redaction
from provlog.redaction import (
    WITHHELD,
    is_secret_name,
    masked_text,
    masked_url,
    without_secrets,
)
from provlog.urls import shown

SECRET = (
    "password", "passwd", "PWD", "dbpwd", "passphrase", "pass_phrase", "pass_word", "Passwort",
    "pass", "db_pass", "SMTP_PASS", "secret", "client_secret", "clientSecret", "secrets", "token",
    "authToken", "GITHUB_TOKEN", "token1", "api_tokens", "access_token", "api key", "apikey",
    "APIKey", "api-key", "X-Api-Key", "AWS_SECRET_ACCESS_KEY", "access_key", "private_key",
    "privateKey", "ssh_key", "credential", "credentials", "GOOGLE_APPLICATION_CREDENTIALS", "creds",
    "auth", "basic_auth", "authorization", "Authorisation", "authentication", "oauth2", "cookie",
    "session_cookies", "PGPASSWORD", "MYSQL_PWD", "dbPassword", "DBPassword", "--password", "-token",
    "kwargs.password", "config.db.password",
)  # fmt: skip
INNOCENT = (
    "", "author", "authors", "authority", "authored", "tokenizer", "tokenize", "token_count",
    "n_tokens", "num_tokens", "max_tokens", "tokens", "keyword", "keywords", "monkey", "turkey",
    "key", "keys", "sort_key", "primary_key", "hdu_key", "compass", "passband", "pass_energy",
    "high_pass", "n_pass", "bypass", "energy_axis_name", "secretary", "secretion", "pathway",
    "password_length", "cookiecutter", "obs_id", "datastore", "spectral_signature", "path", "HOME",
    "é", "1", "_",
)  # fmt: skip


@pytest.mark.parametrize("name", SECRET)
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@given(st.lists(st.sampled_from((*SECRET, *INNOCENT, "_", "-", "A", "signature", "ü")), max_size=4))
def test_the_quick_look_at_a_name_misses_no_secret(parts: list[str]) -> None:
    for name in ("".join(parts), "_".join(parts).upper(), "".join(parts).title()):
        words = redaction._words(name)
        is_secret = redaction._SECRET.search(words) or redaction._SIGNATURE.search(words)
        assert redaction._has_hint(name) or not is_secret


@pytest.mark.parametrize("name", INNOCENT)
def test_names_that_only_resemble_those_of_secrets(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("https://me:hunter2@example.org/x", "https://***@example.org/x"),
        ("see ftp://me:hun@ter2@a.org/x and s3://b/c", "see ftp://***@a.org/x and s3://b/c"),
        ("postgresql://me:hun#ter?2@host/db", "postgresql://***@host/db"),
        ("https://a.org/x?token=hunter2&hdu=1", f"https://a.org/x?token={WITHHELD}&hdu=1"),
        ("https://b.org/x?X-Amz-Signature=hunter2", f"https://b.org/x?X-Amz-Signature={WITHHELD}"),
        ("host=a password=hunter2 n=1", f"host=a password={WITHHELD} n=1"),
        ("password='hunter2 hunter2' n=1", f"password={WITHHELD} n=1"),
        ('password="hunter2', f"password={WITHHELD}"),
        ("a=db.password=hunter2", f"a=db.password={WITHHELD}"),
        ("password=token=hunter2", f"password={WITHHELD}"),
        ("os.environ['TOKEN'] = 'hunter2'", f"os.environ['TOKEN'] = {WITHHELD}"),
        ("password: str = 'hunter2', n=1", f"password: {WITHHELD}, n=1"),
        ("//me:hunter2@example.org/x", "//***@example.org/x"),
        ("password: hunter2\nn: 1", f"password: {WITHHELD}\nn: 1"),
        ("Authorization: Bearer hunter2, n: 1", f"Authorization: {WITHHELD}, n: 1"),
        ("password = hunter2 n = 1", f"password = {WITHHELD} n = 1"),
        ("{'api key': 'hun\\'ter2', 'n': 1}", f"{{'api key': {WITHHELD}, 'n': 1}}"),
        ('{"password": ["hunter2", 2], "n": 1}', f'{{"password": {WITHHELD}, "n": 1}}'),
        (r'"{\"password\": \"hunter2\"}"', rf'"{{\"password\": {WITHHELD}}}"'),
        ("[('token', 'hunter2'), ('n', 1)]", f"[('token', {WITHHELD}), ('n', 1)]"),
        ("A(token=Key('hunter)2', [1]), n=1)", f"A(token={WITHHELD}, n=1)"),
        ("A(token=<Key 'hunter2'>, n=1)", f"A(token={WITHHELD}, n=1)"),
        ("password=hun(ter2 n=1", f"password={WITHHELD}"),
        ("/opt/auth:/usr/bin", "/opt/auth:/usr/bin"),
        ("see oauth://a", "see oauth://a"),
        ("energy: 1 TeV, n_tokens: 3", "energy: 1 TeV, n_tokens: 3"),
        ("https://a.org/x", "https://a.org/x"),
        ("me@example.org", "me@example.org"),
        ("energy=1 TeV; width=0.1", "energy=1 TeV; width=0.1"),
        ("token=", "token="),
        ("", ""),
    ],
)
def test_secrets_in_a_text_are_masked(text: str, masked: str) -> None:
    assert masked_text(text) == masked


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["run.py", "--password", "hunter2", "x"], ["run.py", "--password", WITHHELD, "x"]),
        (["--password", "-hunter2"], ["--password", WITHHELD]),
        (["--auth", "--verbose", "x"], ["--auth", "--verbose", "x"]),
        (["--auth", "--token", "hunter2"], ["--auth", "--token", WITHHELD]),
        (["--token=hunter2 hunter2", "x"], [f"--token={WITHHELD}", "x"]),
        (["--db-password=a=b&c"], [f"--db-password={WITHHELD}"]),
        (["TOKEN=hunter2", "ENERGY=1"], [f"TOKEN={WITHHELD}", "ENERGY=1"]),
        (["--set", "db.password=hunter2"], ["--set", f"db.password={WITHHELD}"]),
        (["--set=db.password=hunter2"], [f"--set=db.password={WITHHELD}"]),
        (["-H", "Authorization: Bearer hunter2"], ["-H", f"Authorization: {WITHHELD}"]),
        (["X-Api-Key:hunter2"], [f"X-Api-Key:{WITHHELD}"]),
        (["https://me:hunter2@a.org"], ["https://***@a.org"]),
        (["--url=https://me:hunter2@a.org"], ["--url=https://***@a.org"]),
        (["-p", "5", "token", "x"], ["-p", "5", "token", "x"]),
        (["--password"], ["--password"]),
        (["a\nb", "\udcff", ""], ["a\nb", "\udcff", ""]),
        ([], []),
    ],
)
def test_secrets_of_a_command_line_are_withheld(arguments: list[str], expected: list[str]) -> None:
    assert without_secrets(arguments) == expected


# Characters that occur in no mask and in no name of the tests.
secrets = st.text("0123456789%*+,!", min_size=4).map(lambda text: f"§{text}§")


@given(
    names=st.lists(st.sampled_from(SECRET), min_size=1),
    secret=secrets,
    form=st.sampled_from(["--{}={}", "{}={}", "{}: {}", "--{}\0{}", "x://{}:{}@host/a"]),
    around=st.lists(st.text(max_size=5).filter(lambda text: "§" not in text), max_size=2),
)
def test_no_secret_is_in_a_command_line(
    names: list[str], secret: str, form: str, around: list[str]
) -> None:
    arguments = [*around]
    for name in names:
        name = name.strip("-").replace(" ", "-")
        arguments += [*form.format(name, secret).split("\0"), *around]
    assert "§" not in "".join(without_secrets(arguments))


pieces = st.sampled_from([*"a=:/@?&'\" .-()[\\,{\n", "password", "'token': ", WITHHELD])


@given(text=st.text() | st.lists(pieces).map("".join))
def test_masking_is_idempotent(text: str) -> None:
    once = masked_text(text)
    assert masked_text(once) == once
    assert len(without_secrets([text])) == 1


@pytest.mark.parametrize("count", [25_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_long_texts_take_linear_time(count: int) -> None:
    pieces = ("a", "a.", "://", "x='", "a=", "\\", "'", "('", "x: ", "\\'a", "'a' ", "(b'a',", "= ")
    for text in (piece * count for piece in pieces):
        assert masked_text(text) == masked_url(text) == text
        assert without_secrets([text]) == [text]
        assert not is_secret_name(text)
    for piece in ("//a:b", "://", "//a", "?token=&", "://a:1/"):
        assert masked_text("@" + piece * count).startswith("@")
        assert masked_url("@" + piece * count).startswith("@")


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("s3://me:p#ss@host/x", "s3://***@host/x"),
        ("ftp://me:a/b@host", "ftp://***@host"),
        ("ftp://me:se@cret@host/x", "ftp://***@host/x"),
        ("ftp://me:s@e/cr/et@host/x", "ftp://***@host/x"),
        ("ftp://:secret@host/x", "ftp://***@host/x"),
        ("https://token@host/x", "https://***@host/x"),
        ("https://me:8080@host/x", "https://***@host/x"),
        ("zip://a.log::s3://me:secret@b/c.zip", "zip://a.log::s3://***@b/c.zip"),
        ("https://host:8080/image@sha256", "https://host:8080/image@sha256"),
        ("https://host/a@b", "https://host/a@b"),
        ("https://a.org/x?X-Amz-Signature=s&token=t&n=1", f"https://a.org/x?X-Amz-Signature={WITHHELD}&token={WITHHELD}&n=1"),
        ("https://a.org/x?key=s,t;u&n=1", f"https://a.org/x?key={WITHHELD}&n=1"),
        ("https://a.org/x#access_token=s&n=1", f"https://a.org/x#access_token={WITHHELD}&n=1"),
    ],
)  # fmt: skip
def test_secrets_of_a_url_are_masked_alone_and_in_a_text(url: str, masked: str) -> None:
    assert shown(url) == masked_url(url) == masked_text(url) == masked
    assert masked_text(f"see {url} and x") == f"see {masked} and x"


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("ftp://me:a b'c@host/x", "ftp://***@host/x"),
        ("https://a.org/x?to%6ben='a' b&n=1", f"https://a.org/x?to%6ben={WITHHELD}&n=1"),
        ("//me:secret@host/x", "//***@host/x"),
    ],
)
def test_a_value_may_extend_to_the_end_of_a_url(url: str, masked: str) -> None:
    assert masked_url(url) == masked


def test_paths_are_shown_unchanged() -> None:
    for path in ("/data/token=abc/x.fits", "run.log", "-", "me:secret@host", "C:\\a@b"):
        assert shown(path) == path


passwords = st.text(st.characters(codec="utf-8"), min_size=1).filter(
    lambda text: not re.match("[0-9]{1,5}/|:", text)
)


@given(
    user=st.text("abc%._", max_size=3),
    password=passwords,
    scheme=st.sampled_from(["s3", "ftp", "zip://a.log::s3", "https"]),
    rest=st.sampled_from(["", "/x.fits", "/a/b?n=1", ":21/x"]),
)
def test_no_password_of_any_kind_is_shown(user: str, password: str, scheme: str, rest: str) -> None:
    assert shown(f"{scheme}://{user}:{password}@host{rest}") == f"{scheme}://***@host{rest}"
    if not re.search(r"\s", password):
        text = f"at {scheme}://{user}:{password}@host{rest}"
        assert masked_text(text) == f"at {scheme}://***@host{rest}"


@given(
    name=st.sampled_from(["token", "X-Amz-Signature", "sig", "key", "api%5Fkey"]),
    value=st.text(st.characters(codec="utf-8", exclude_characters="&"), min_size=1),
    before=st.sampled_from(["?", "?n=1&", "?a=b#c&", "#"]),
)
def test_no_secret_of_a_query_is_shown(name: str, value: str, before: str) -> None:
    url = f"https://host/x{before}{name}={value}&hdu=1"
    assert shown(url) == f"https://host/x{before}{name}={WITHHELD}&hdu=1"
