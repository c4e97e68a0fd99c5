"""What must not stand in a log: passwords, tokens, keys, known by their names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

__all__ = ["WITHHELD", "is_secret_name", "masked_text", "without_secrets"]

WITHHELD = "(withheld)"

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# Of a name as its words in lower case, each with "_" before and behind. A passband, a compass,
# an author, a tokenizer and a keyword are none.
_SECRET = re.compile(
    r"pass_?wor[dt]|passwd|pass_?phrase|credential|creds_|pwd_"
    r"|secrets?_|token_|_(?:access|api|auth|bearer)_tokens_|auth_|_oauth"
    r"|_authori[sz]ation_|_authentication_|cookies?_"
    r"|(?:access|account|api|auth|encryption|master|private|secret|signing|ssh)_?keys?_"
    r"|_(?:database|db|ftp|login|mail|proxy|smtp|user)_?pass_|^_pass_$"
)
# How many tokens there are is no secret.
_MEASURE = re.compile(r"_(?:n|num|max|min|counts?|len|length|limit|size|type)_")

# Who logs in, in a URL. Passwords may hold what they should not, such as "@" and "#".
_LOGIN = re.compile(r"(?<=://)[^\s/]*(?=@)")
# Each name is looked at from its beginning only: a long text costs no more than its length.
_ASSIGNED = re.compile(r"(?<![\w.-])([\w.-]{1,100})=")
_VALUE = re.compile(r"\"[^\"]*\"?|'[^']*'?|[^\s&;,'\"]*")
_SIGNATURE = re.compile(r"(?:sig|signature)_$")
_OPTION = re.compile(r"(-{0,2}[\w.-]+)(=|:(?!//) ?)(.*)", re.DOTALL)
_LONG_OPTION = re.compile(r"--[A-Za-z]")


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Tell whether what has this name is likely to be a secret.

    Parameters
    ----------
    name : str
        The name of a parameter, an option, a key or an environment variable.

    Examples
    --------
    >>> [is_secret_name(name) for name in ("dbPassword", "GITHUB_TOKEN", "X-Api-Key")]
    [True, True, True]
    >>> [is_secret_name(name) for name in ("passband", "author", "n_tokens", "key")]
    [False, False, False, False]
    """
    words = _words(name)
    return _SECRET.search(words) is not None and _MEASURE.search(words) is None


def _words(name: str) -> str:
    return f"_{'_'.join(_WORD.findall(name)).lower()}_"


def masked_text(text: str) -> str:
    """Return a text without the logins of URLs, and without values that have a secret name.

    Examples
    --------
    >>> masked_text("https://me:hunter2@example.org/x.fits?token=abc&hdu=1")
    'https://***@example.org/x.fits?token=(withheld)&hdu=1'
    """
    if "://" in text:
        text = _LOGIN.sub("***", text)
    return "".join(_without_values(text)) if "=" in text else text


def _without_values(text: str) -> Iterator[str]:
    end = 0
    for found in _ASSIGNED.finditer(text):
        if found.start() < end or not _is_secret_in_text(found[1]):
            continue
        value = _VALUE.match(text, found.end())
        if value is not None and value[0]:
            yield text[end : found.end()]
            yield WITHHELD
            end = value.end()
    yield text[end:]


def _is_secret_in_text(name: str) -> bool:
    # A URL that is signed opens what it names to everybody who has it.
    return is_secret_name(name) or _SIGNATURE.search(_words(name)) is not None


def without_secrets(arguments: Sequence[str]) -> list[str]:
    """Return a command line as it may be logged.

    What follows an option with a secret name is withheld, unless it is a long option
    itself; of the others, what :func:`masked_text` masks.

    Examples
    --------
    >>> without_secrets(["run.py", "--password", "hunter2", "--token=abc", "--verbose"])
    ['run.py', '--password', '(withheld)', '--token=(withheld)', '--verbose']
    """
    told: list[str] = []
    is_expected = False
    for argument in arguments:
        if is_expected and _LONG_OPTION.match(argument) is None:
            told.append(WITHHELD)
            is_expected = False
            continue
        told.append(_argument(argument))
        is_expected = argument.startswith("-") and is_secret_name(argument) and "=" not in argument
    return told


def _argument(argument: str) -> str:
    option = _OPTION.fullmatch(argument)
    if option is not None and is_secret_name(option[1]):
        return f"{option[1]}{option[2]}{WITHHELD}"
    return masked_text(argument)
