"""Secrets in the code of cells."""

from __future__ import annotations

import pytest

from provlog.capture.code import masked_code

SECRET = "hunter2"


@pytest.mark.parametrize(
    "code",
    [
        'token = "hunter2"',
        'token = "hun" "hunter2"',
        'token = prefix + "hunter2"',
        'token = """\nhunter2\n"""',
        'db_password: str = "hunter2"',
        'db_password: dict[str, str] = {"x": "hunter2"}',
        'os.environ["API_TOKEN"] = "hunter2"',
        "client.password = r'hunter2'",
        'user, password = "me", "hunter2"',
        '[user, (a, password)] = ["me", (1, "hunter2")]',
        'user, password = "me:hunter2".split(":")',
        'a = password = "hunter2"',
        'password += "hunter2"',
        'if (password := "hunter2"): pass',
        'login("me", password="hunter2")',
        'login(**{"password": "hunter2"})',
        'os.environ.setdefault("API_TOKEN", "hunter2")',
        'config.set("db", "password", f"hunter2{x}")',
        'setattr(client, "token", b"hunter2")',
        'pairs = [("password", "hunter2")]',
        'def login(user, *, password="hunter2"): pass',
        'def login(user, password="hunter2", /): pass',
        'f = lambda token="hunter2": token',
        'ok = password == "hunter2"',
        'ok = "hunter2" != os.environ["TOKEN"]',
        'x = "äöü"; token = "hunter2"',
        # Not valid: only the text can be searched.
        'os.environ["API_TOKEN"] = "hunter2" )',
        'db_password: str = "hunter2" )',
    ],
)
def test_secrets_in_code_are_withheld(code: str) -> None:
    masked = masked_code(f"first = 1\n{code}\nlast = 2")
    assert SECRET not in masked
    assert "(withheld)" in masked
    assert masked.startswith("first = 1\n")
    assert masked.endswith("\nlast = 2")


@pytest.mark.parametrize(
    "code",
    [
        "x = 'äöü'\r\ntable = read(f'{folder}/x.csv')  # the table\n",
        "n_tokens = 5",
        "passband = 'V'",
        "print('=',",
        "",
    ],
)
def test_other_code_stays_as_it_is(code: str) -> None:
    assert masked_code(code) == code


def test_only_the_value_is_withheld() -> None:
    code = "é = 1; login('me', password = 'hunter2', host='x')  # twice\nd = {'token': 3, 'n': 4}"
    assert masked_code(code) == (
        "é = 1; login('me', password = (withheld), host='x')  # twice\n"
        "d = {'token': (withheld), 'n': 4}"
    )
