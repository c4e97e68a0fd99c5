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
_LOGIN = re.compile(r"(?:(?<=://)|(?<=\A//))[^\s/]*(?=@)")
# What is given a value: `name=`, `name: `, `'name': ` as in a repr or JSON (which may itself be in
# quotes), `('name', ` as in a list of pairs. Each name is looked at from its beginning only: a
# long text costs no more than its length.
_NAMED = re.compile(
    r"""(?:(?<!\\)(?P<quote>\\*['"])(?P<key>[^'"\\\n]{1,100})(?P=quote)"""
    r"""|(?<![\w.-])(?P<word>[\w.-]{1,100})(?:\\*['"])?)"""
    r"""[ \t]{0,8}(?:=+|:(?!//)=?)[ \t]{0,8}"""
    r"""|\(b?(?P<mark>\\*['"])(?P<first>[^'"\\\n]{1,100})(?P=mark),[ ]?"""
)
_QUOTED = r"""'[^'\\]*(?:\\.[^'\\]*)*'?|"[^"\\]*(?:\\.[^"\\]*)*"?"""
# A text in quotes; something in brackets, as far as its beginning; or a word.
_TEXT = re.compile(rf"[A-Za-z]{{0,2}}(?:{_QUOTED})", re.DOTALL)
_ESCAPED_QUOTE = re.compile(r"""\\+['"]""")
_OPENED = re.compile(r"[\w.]*(?=[(\[{<])")
_WORD_OF_TEXT = re.compile(r"[^\s&;,'\"]*")
# What follows `name: ` may have blanks, such as "Bearer abc".
_LINE = re.compile(r"[^\n,;'\"]*")
_PIECE = re.compile(rf"{_QUOTED}|[()\[\]{{}}<>]", re.DOTALL)
_CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">"}
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
    >>> masked_text("Config(user='me', password='hunter2')")
    "Config(user='me', password=(withheld))"
    """
    if "//" in text:
        text = _LOGIN.sub("***", text)
    # Most texts are short and name nothing.
    is_naming = "=" in text or ":" in text or "(" in text
    return "".join(_without_values(text)) if is_naming else text


def _without_values(text: str) -> Iterator[str]:
    end = 0
    found = _NAMED.search(text)
    while found is not None:
        begun = done = found.end()
        if _names_secret(found):
            done = _end_of_value(text, begun, is_line=found[0].rstrip().endswith(":"))
        if done > begun:
            yield text[end:begun]
            yield WITHHELD
            end = done
        found = _NAMED.search(text, done)
    yield text[end:]


def _names_secret(found: re.Match[str]) -> bool:
    is_folder = found["word"] and found.string[found.start() - 1 : found.start()] == "/"
    if is_folder and "=" not in found[0]:
        # In a list of folders.
        return False
    return _is_secret_in_text(found["word"] or found["key"] or found["first"])


def _end_of_value(text: str, start: int, *, is_line: bool) -> int:
    """Return where a value ends; what is not closed has no end."""
    if text.startswith(WITHHELD, start):
        return start + len(WITHHELD)
    if escaped := _ESCAPED_QUOTE.match(text, start):
        end = text.find(escaped[0], escaped.end())
        return end + len(escaped[0]) if end >= 0 else len(text)
    if quoted := _TEXT.match(text, start):
        return quoted.end()
    if opened := _OPENED.match(text, start):
        return _end_of_brackets(text, opened.end())
    found = (_LINE if is_line else _WORD_OF_TEXT).match(text, start)
    return found.end() if found is not None else start


def _end_of_brackets(text: str, start: int) -> int:
    depth, opening, closing = 0, text[start], _CLOSING[text[start]]
    for piece in _PIECE.finditer(text, start):
        depth += (piece[0] == opening) - (piece[0] == closing)
        if depth == 0:
            return piece.end()
    return len(text)


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
