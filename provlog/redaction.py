"""Redact secrets: values with the name of a password, token or key, and logins in URLs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from provlog.patterns import regex

__all__ = [
    "WITHHELD", "holds_part_of_login", "is_secret_name", "masked_text", "masked_url",
    "without_secrets",
]  # fmt: skip

WITHHELD = "(withheld)"
_LOGIN = "***"

_WORD = regex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# Matches names as words in lower case, with "_" before and after each. A passband, a compass,
# an author, a tokenizer and a keyword are not secret.
_SECRET = regex(
    r"pass_?wor[dt]|passwd|pass_?phrase|credential|creds_|pwd_"
    r"|secrets?_|token_|_(?:access|api|auth|bearer)_tokens_|auth_|_oauth"
    r"|_authori[sz]ation_|_authentication_|cookies?_"
    r"|(?:access|account|api|auth|encryption|master|private|secret|signing|ssh)_?keys?_"
    r"|_(?:database|db|ftp|login|mail|proxy|smtp|user)_?pass_|^_pass_$"
)
# Every name that indicates a secret, in a text or a URL, holds one of these in lower case. Most
# texts hold none, so that their names need not be found.
_HINTS = "pass", "key", "token", "auth", "secret", "cred", "pwd", "cookie", "sig"
# The number of tokens is not secret.
_MEASURE = regex(r"_(?:n|num|max|min|counts?|len|length|limit|size|type)_")

_WORD_WITH_URL = regex(r"(?<![^\s:])//\S+")
# In a URL, a user and the colon before the password. A host, its port and a slash, or the "::" in a
# chain of URLs, look alike.
_USER = regex(r"[^/:]*:(?![:]|[0-9]{1,5}/)")
_PARAMETER = regex(r"([?&;#])([^=&?#]{1,100})=([^&]+)")
# A name and what precedes its value: `name=`, `name: `, `'name': ` as in a repr or JSON (which may
# itself be quoted), `['name'] = `, `('name', ` as in a list of pairs. Each name is tried from its
# beginning only, so that the time grows with the length of the text.
_NAMED = regex(
    r"""(?:(?<!\\)(?P<quote>\\*['"])(?P<key>[^'"\\\n]{1,100})(?P=quote)\]?"""
    r"""|(?<![\w.-])(?P<word>[\w.-]{1,100})(?:\\*['"])?)"""
    r"""[ \t]{0,8}(?:=+|:(?!//)=?)[ \t]{0,8}"""
    r"""|\(b?(?P<mark>\\*['"])(?P<first>[^'"\\\n]{1,100})(?P=mark),[ ]?"""
)
_QUOTED = r"""'[^'\\]*(?:\\.[^'\\]*)*'?|"[^"\\]*(?:\\.[^"\\]*)*"?"""
# A quoted text, the beginning of something in brackets, or a word.
_TEXT = regex(rf"[A-Za-z]{{0,2}}(?:{_QUOTED})", re.DOTALL)
_ESCAPED_QUOTE = regex(r"""\\+['"]""")
_OPENED = regex(r"[\w.]*(?=[(\[{<])")
_WORD_OF_TEXT = regex(r"[^\s&;,'\"]*")
_WORD_OF_QUERY = regex(r"[^\s&'\"]*")
# A value after `name: ` may have blanks, such as "Bearer abc".
_LINE = regex(r"[^\n,;'\"]*")
_PIECE = regex(rf"{_QUOTED}|[()\[\]{{}}<>]", re.DOTALL)
_CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">"}
_SIGNATURE = regex(r"(?:sig|signature)_$")
_OPTION = regex(r"(-{0,2}[\w.-]+)(=|:(?!//) ?)(.*)", re.DOTALL)
_LONG_OPTION = regex(r"--[A-Za-z]")


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Return whether a name suggests a secret.

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
    if not _has_hint(name):
        return False
    words = _words(name)
    return _SECRET.search(words) is not None and _MEASURE.search(words) is None


def _has_hint(text: str) -> bool:
    lowered = text.lower()
    return any(hint in lowered for hint in _HINTS)


def _words(name: str) -> str:
    return f"_{'_'.join(_WORD.findall(name)).lower()}_"


def masked_text(text: str) -> str:
    """Return a text without the logins of URLs and the values of secret names.

    A password may contain a slash, except after one to five digits: ``me:8080/x@y`` is a
    host, its port and a path.

    Examples
    --------
    >>> masked_text("https://me:hunter2@example.org/x.fits?token=abc&hdu=1")
    'https://***@example.org/x.fits?token=(withheld)&hdu=1'
    >>> masked_text("Config(user='me', password='hunter2')")
    "Config(user='me', password=(withheld))"
    """
    if "//" in text and "@" in text:
        text = _WORD_WITH_URL.sub(lambda word: _without_login(word[0]), text)
    # Most texts are short and contain no names.
    is_naming = "=" in text or ":" in text or "(" in text
    return "".join(_without_values(text)) if is_naming and _has_hint(text) else text


def masked_url(url: str) -> str:
    """Return a URL without its login and without the secret parameters of its query.

    Unlike in a text, the end of the URL is known: a value may hold blanks and quotes.

    Examples
    --------
    >>> masked_url("s3://me:p#ss w@rd@host/x?X-Amz-Signature=abc,def&part=1")
    's3://***@host/x?X-Amz-Signature=(withheld)&part=1'
    """
    return masked_text(_PARAMETER.sub(_masked_parameter, _without_login(url)))


def holds_part_of_login(text: str, url: str) -> bool:
    """Return whether a text, such as an error message, repeats a part of a URL's login.

    Examples
    --------
    >>> holds_part_of_login("port 'hunter2' is not a number", "ftp://me:hunter2/x@host")
    True
    """
    login = url[: url.rfind("@") + 1].partition("//")[2] if masked_url(url) != url else ""
    return any(part in text for part in re.split(r"[:/?#@]", login) if part)


def _masked_parameter(parameter: re.Match[str]) -> str:
    from urllib.parse import unquote

    mark, name, value = parameter.groups()
    is_secret = _is_secret_in_query(unquote(name))
    return f"{mark}{name}={WITHHELD if is_secret else value}"


def _without_login(text: str) -> str:
    """Replace the login of each URL in a chain of URLs, ``a://b::c://d``."""
    pieces: list[str] = []
    end, last = 0, text.rfind("@")
    while (start := text.find("//", end)) >= 0:
        start += 2
        if _USER.match(text, start):
            # The password may hold "/", "@", and everything else.
            stop = last
        else:
            slash = text.find("/", start)
            stop = text.rfind("@", start, slash if slash >= 0 else len(text))
        pieces += [text[end:start], _LOGIN if stop >= start else ""]
        end = max(start, stop)
    return "".join([*pieces, text[end:]])


def _without_values(text: str) -> Iterator[str]:
    end = 0
    found = _NAMED.search(text)
    while found is not None:
        begun = done = found.end()
        is_in_query = text[found.start() - 1 : found.start()] in ("?", "&")
        if _names_secret(found, is_in_query):
            is_line = found[0].rstrip().endswith(":")
            done = _end_of_value(text, begun, is_line=is_line, is_in_query=is_in_query)
        if done > begun:
            yield text[end:begun]
            yield WITHHELD
            end = done
        found = _NAMED.search(text, done)
    yield text[end:]


def _names_secret(found: re.Match[str], is_in_query: bool) -> bool:
    is_folder = found["word"] and found.string[found.start() - 1 : found.start()] == "/"
    if is_folder and "=" not in found[0]:
        # In a list of folders.
        return False
    name = found["word"] or found["key"] or found["first"]
    return _is_secret_in_query(name) if is_in_query else _is_secret_in_text(name)


def _end_of_value(text: str, start: int, *, is_line: bool, is_in_query: bool) -> int:
    """Return the end of a value; an unclosed one ends with the text."""
    if text.startswith(WITHHELD, start):
        return start + len(WITHHELD)
    if is_in_query and (found := _WORD_OF_QUERY.match(text, start)) and found[0]:
        return found.end()
    if escaped := _ESCAPED_QUOTE.match(text, start):
        end = text.find(escaped[0], escaped.end())
        return end + len(escaped[0]) if end >= 0 else len(text)
    if quoted := _TEXT.match(text, start):
        return quoted.end()
    if opened := _OPENED.match(text, start):
        return _end_of_brackets(text, opened.end())
    found = (_LINE if is_line else _WORD_OF_TEXT).match(text, start)
    if found is not None and found[0].endswith(("=", "= ")):
        # An annotation: `name: type = value`.
        found = _TEXT.match(text, found.end()) or found
    return found.end() if found is not None else start


def _end_of_brackets(text: str, start: int) -> int:
    depth, opening, closing = 0, text[start], _CLOSING[text[start]]
    for piece in _PIECE.finditer(text, start):
        depth += (piece[0] == opening) - (piece[0] == closing)
        if depth == 0:
            return piece.end()
    return len(text)


def _is_secret_in_text(name: str) -> bool:
    # A signed URL gives access to everybody who has it.
    return is_secret_name(name) or _SIGNATURE.search(_words(name)) is not None


def _is_secret_in_query(name: str) -> bool:
    # The keys of many web services have no other name.
    return _is_secret_in_text(name) or name.lower() == "key"


def without_secrets(arguments: Sequence[str]) -> list[str]:
    """Return a command line without secrets.

    The argument after an option with a secret name is withheld, unless it is a long
    option itself. :func:`masked_text` masks the others.

    Examples
    --------
    >>> without_secrets(["run.py", "--password", "hunter2", "--token=abc", "--verbose"])
    ['run.py', '--password', '(withheld)', '--token=(withheld)', '--verbose']
    """
    shown: list[str] = []
    is_expected = False
    for argument in arguments:
        if is_expected and _LONG_OPTION.match(argument) is None:
            shown.append(WITHHELD)
            is_expected = False
            continue
        shown.append(_argument(argument))
        is_expected = argument.startswith("-") and is_secret_name(argument) and "=" not in argument
    return shown


def _argument(argument: str) -> str:
    option = _OPTION.fullmatch(argument)
    if option is not None and is_secret_name(option[1]):
        return f"{option[1]}{option[2]}{WITHHELD}"
    return masked_text(argument)
