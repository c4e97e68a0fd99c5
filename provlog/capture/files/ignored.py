"""Rules for files that are not data: those of the system, of packages and of caches."""

from __future__ import annotations

import os
import re
import site
import sys
import sysconfig
from collections.abc import Collection, Iterator
from fnmatch import translate
from functools import lru_cache

from provlog.errors import UsageError

__all__ = ["MODES", "FileRules"]

MODES = ("data", "all", "none")
"""The files opened by a program that are recorded: those of the user, all or none."""

_SYSTEM = (
    "/bin", "/boot", "/etc", "/lib", "/lib32", "/lib64", "/opt/homebrew", "/run", "/sbin", "/snap",
    "/usr", "/var/cache", "/var/lib", "/var/run", "/Library", "/System", "/private/etc",
)  # fmt: skip
# The kernel generates the files in these folders.
_VIRTUAL = ("/dev/", "/proc/", "/sys/")
# Environment variables that name folders of caches and settings.
_CACHES = (
    "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "MPLCONFIGDIR", "NUMBA_CACHE_DIR", "JOBLIB_TEMP_FOLDER",
    "PYTHONPYCACHEPREFIX", "SystemRoot", "ProgramFiles", "LOCALAPPDATA",
)  # fmt: skip
_FOLDERS = (
    "__pycache__", "site-packages", "dist-packages", r"\.git", r"\.hg", r"\.svn", r"\.venv",
    r"\.cache", r"\.[\w-]+_cache", r"\.ipynb_checkpoints", r"[^/]+\.(?:dist|egg)-info",
    "joblib_memmapping_folder_[^/]*", "pymp-[^/]*",
)  # fmt: skip
_FOLDER = re.compile("|".join(_FOLDERS))
_IN_FOLDER = re.compile(rf"/(?:{'|'.join(_FOLDERS)})/")
_MAX_FOLDERS = 10_000
_PACKAGES = ("site-packages", "dist-packages")
_COMPILED = (".pyc", ".pyo")
_CODE = (".py", ".pyi", ".pyw", ".pyd", ".so", ".dylib", ".dll", ".pth", ".egg-link")


class FileRules:
    """Rules for the files opened by a program: which of them are recorded.

    Parameters
    ----------
    mode : str
        ``data``, ``all`` or ``none``, as in :data:`MODES`.
    patterns : collection of str
        Patterns with ``*`` and ``?`` for further files and folders to ignore. A pattern with
        a slash matches a path, other patterns match a name.

    Attributes
    ----------
    folders : tuple of str
        The beginnings of the normalized paths of all files in ignored folders.
    has_patterns : bool
        Whether there are patterns. Without any, the folder and the suffix of a file decide, unless
        it is hidden.

    Raises
    ------
    UsageError
        If the mode is unknown.

    Examples
    --------
    >>> rules = FileRules("data", ["*.tmp"])
    >>> paths = ["/data/run.fits", "/etc/fstab", "/data/run.tmp", "/data/__pycache__/x.pyc"]
    >>> [rules.ignores(path) for path in paths]
    [False, True, True, True]
    """

    def __init__(self, mode: str = "data", patterns: Collection[str] = ()) -> None:
        if mode not in MODES:
            raise UsageError(f"unknown files {mode!r}: use {', '.join(MODES)}")
        self.mode = mode
        folders = {*_VIRTUAL, *(_left_out() if mode == "data" else ())}
        self.folders = tuple(folders)
        self._patterns = [_compiled(pattern) for pattern in patterns]
        self.has_patterns = bool(self._patterns)
        # Programs open many files of one folder.
        self._ignores_folder = lru_cache(maxsize=_MAX_FOLDERS)(self._find)

    def ignores(self, path: str, writes: bool = False) -> bool:
        """Return whether a file with an absolute path is ignored.

        Parameters
        ----------
        path : str
            The path.
        writes : bool
            Whether the program writes the file. A file with code is data only if it is written.
        """
        if os.sep != "/":
            path = path.replace(os.sep, "/")
        folder, _, name = path.rpartition("/")
        if self._ignores_folder(folder):
            return True
        if self.mode == "data" and (
            name.endswith(_COMPILED if writes else _CODE)
            or (name.startswith(".") and self._ignores_hidden(path, name))
        ):
            return True
        return self.has_patterns and any(pattern.search(path) for pattern in self._patterns)

    def _ignores_hidden(self, path: str, name: str) -> bool:
        return _FOLDER.fullmatch(name) is not None or path.startswith(self.folders)

    def _find(self, folder: str) -> bool:
        """Return whether all files in a folder are ignored, whatever the patterns say."""
        path = f"{folder}/"
        is_in_folder = self.mode == "data" and _IN_FOLDER.search(path) is not None
        return is_in_folder or path.startswith(self.folders)


def _compiled(pattern: str) -> re.Pattern[str]:
    """Return a regular expression for the paths that match a pattern, and those below them."""
    inner = translate(pattern.rstrip("/")).removesuffix(r"\Z").removesuffix(r"\z")
    start = "^" if pattern.startswith("/") else "(?:^|/)"
    # In a pattern without a slash, `*` must not match a slash.
    if "/" not in pattern:
        inner = inner.replace(".*", "[^/]*")
    return re.compile(rf"{start}{inner}(?:/|\Z)", re.DOTALL)


def _left_out() -> Iterator[str]:
    """Yield the beginnings of paths of the system, Python, packages, caches and settings."""
    here = os.getcwd() if os.path.exists(os.curdir) else ""
    folders = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix, *_SYSTEM}
    folders |= {path for name, path in sysconfig.get_paths().items() if name != "data"}
    folders |= {*site.getsitepackages(), site.getusersitepackages()}
    # Those of another environment, which a file `*.pth` adds.
    folders |= {path for path in sys.path if os.path.basename(path) in _PACKAGES}
    folders |= {os.environ[name] for name in _CACHES if os.environ.get(name)}
    folders.add(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    for folder in folders:
        for path in {os.path.abspath(folder), os.path.realpath(folder)}:
            # If the working directory is inside such a folder, the program has its data there.
            if path != os.path.dirname(path) and not _contains(path, here):
                yield path.replace(os.sep, "/") + "/"
    home = os.path.expanduser("~")
    if os.path.isabs(home) and not here.startswith(f"{home}/."):
        # The beginning of the paths of all hidden files and folders in the home folder.
        yield f"{home}/."


def _contains(folder: str, path: str) -> bool:
    folder, path = (os.path.join(os.path.normcase(one), "") for one in (folder, path))
    return path.startswith(folder)
