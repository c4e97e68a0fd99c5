"""The environment of a program: machine, software, command line, user.

The functions here are fast and never fail, since the program did not ask for them. They
leave out what they cannot find, import no modules, run no code of modules and start no
processes. They read only the environment variables in :data:`ENVIRONMENT`.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

from provlog.redaction import is_secret_name, masked_text, without_secrets

__all__ = [
    "ENVIRONMENT",
    "PARENT",
    "imported_packages",
    "normalized_name",
    "parent",
    "system",
    "user",
]

ENVIRONMENT = (
    # Software
    "CONDA_DEFAULT_ENV", "CONDA_PREFIX", "CONDA_EXE", "CONDA_PYTHON_EXE", "VIRTUAL_ENV",
    "PIXI_PROJECT_ROOT", "PIXI_ENVIRONMENT_NAME", "PATH", "PYTHONPATH", "PYTHONHASHSEED",
    "LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH", "LOADEDMODULES",
    # User, folders and language
    "USER", "LOGNAME", "HOME", "SHELL", "LANG", "LC_ALL", "TZ", "TMPDIR",
    # Data and calibration
    "GAMMAPY_DATA", "CTAPIPE_SVC_PATH", "CALDB", "CALDBCONFIG", "HEADAS", "CTOOLS", "GAMMALIB",
    "FERMI_DIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME",
    # Processors
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS",
    "NUMEXPR_NUM_THREADS", "CUDA_VISIBLE_DEVICES",
    # Batch jobs: Slurm, PBS, LSF, Grid Engine, HTCondor, GitHub, GitLab
    "SLURM_JOB_ID", "SLURM_JOB_NAME", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID", "SLURM_PROCID",
    "SLURM_CLUSTER_NAME", "SLURM_CPUS_PER_TASK", "PBS_JOBID", "PBS_ARRAY_INDEX", "LSB_JOBID",
    "LSB_JOBINDEX", "JOB_ID", "SGE_TASK_ID", "_CONDOR_JOB_AD", "GITHUB_RUN_ID", "GITHUB_SHA",
    "CI_JOB_ID", "CI_COMMIT_SHA",
)  # fmt: skip
"""The environment variables that are recorded if they are set; no others are read."""

PARENT = "PROVLOG_PARENT"
"""The environment variable with the id or URL of the activity that this program is part of."""

_MAX_VERSION = 100
# numpy-2.4.0.dist-info, PyYAML-6.0-py3.11.egg-info
_INSTALLED = re.compile(r"(.+?)-([^-]+)(?:-py[0-9.]+)?\.(?:dist|egg)-info")
_SEPARATORS = re.compile(r"[-_.]+")


def system() -> dict[str, Any]:
    """Return the environment of this process as literals.

    Returns
    -------
    dict
        ``executable``, ``platform``, ``python``, ``environment`` and ``arguments`` in the
        form of gammapy and ctapipe; ``working_directory``; ``process_id``; ``packages``,
        the versions of the packages imported so far. Secrets are withheld.
    """
    return dict(_available(_PARTS))


def parent() -> str | None:
    """Return the id of the activity that this program is a part of, if the environment has one.

    It is in ``PROVLOG_PARENT``. A job of OPUS has its id in ``jd``, the path of its folder, if
    the script of the job exports it.
    """
    named = os.environ.get(PARENT, "").strip()
    if named:
        return masked_text(named)
    folder, name = os.path.split(os.environ.get("jd", "").rstrip("/"))  # noqa: SIM112
    return name if name and os.path.basename(folder) == "jobdata" else None


def user() -> str:
    """Return the login name of the user, or ``uid 1234`` if the user has none."""
    # As `getpass`, which would import more.
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        if name := os.environ.get(variable):
            return name
    with suppress(Exception):
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    with suppress(Exception):
        return f"uid {os.getuid()}"
    return "unknown"


def _available(parts: dict[str, Callable[[], Any]]) -> Iterator[tuple[str, Any]]:
    for name, part in parts.items():
        with suppress(Exception):
            yield name, part()


def _platform() -> dict[str, Any]:
    import platform

    # Not the whole tuple: its field for the processor starts a process.
    machine = platform.uname()
    return {
        "node": machine.node,
        "system": machine.system,
        "release": machine.release,
        "version": machine.version,
        "machine": machine.machine,
        "architecture_bits": "64bit" if sys.maxsize > 2**32 else "32bit",
        **dict(_available({"libcver": _libc})),
        "num_cpus": os.cpu_count(),
    }


def _libc() -> str | None:
    return os.confstr("CS_GNU_LIBC_VERSION")


def _python() -> dict[str, str]:
    import platform

    return {
        "version": platform.python_version(),
        "version_string": sys.version,
        "implementation": platform.python_implementation(),
        "compiler": platform.python_compiler(),
    }


def _environment() -> dict[str, str]:
    names = [name for name in ENVIRONMENT if not is_secret_name(name)]
    return {name: masked_text(os.environ[name]) for name in names if name in os.environ}


def _packages() -> dict[str, str]:
    versions = {name: _own_version(sys.modules.get(name)) for name in imported_packages()}
    if None in versions.values():
        installed = _installed()
        versions = {
            name: version or installed.get(normalized_name(name))
            for name, version in versions.items()
        }
    return {name: version for name, version in versions.items() if version}


def imported_packages() -> list[str]:
    """Return the names of the imported packages without those of the standard library."""
    names = {name.partition(".")[0] for name in sys.modules.copy() if type(name) is str}
    names -= sys.stdlib_module_names
    return sorted(name for name in names if not name.startswith("_"))


def _own_version(module: object) -> str | None:
    with suppress(Exception):
        # Not getattr: a lazy module would import things.
        version = object.__getattribute__(module, "__dict__").get("__version__")
        if type(version) is str and len(version) <= _MAX_VERSION:
            return version
    return None


def _installed() -> dict[str, str]:
    """Return the versions of the installed distributions, by normalized name.

    They are part of the folders' names; importlib.metadata would read a file for each.
    """
    found = (_INSTALLED.fullmatch(name) for name in _site_entries(sys.path))
    return {normalized_name(match[1]): match[2] for match in found if match is not None}


def _site_entries(path: Iterable[str]) -> Iterator[str]:
    # In reverse order, so that the first folder on the path takes precedence.
    for folder in reversed([*path]):
        # Other folders may contain any number of data files.
        if os.path.basename(folder) in {"site-packages", "dist-packages"}:
            with suppress(OSError):
                yield from os.listdir(folder)


def normalized_name(name: str) -> str:
    """Return the name of a distribution in the form in which names are compared (PEP 503)."""
    return _SEPARATORS.sub("-", name).lower()


_PARTS: dict[str, Callable[[], Any]] = {
    "executable": lambda: sys.executable,
    "platform": _platform,
    "python": _python,
    "environment": _environment,
    "arguments": lambda: without_secrets(sys.argv),
    "working_directory": os.getcwd,
    "process_id": os.getpid,
    "packages": _packages,
}
