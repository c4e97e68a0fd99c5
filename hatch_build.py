"""Build the compiled modules: one for each ``*.pyx``, if Cython and a compiler are there.

They only make provlog faster. Without them, or if the build fails, provlog is pure Python.
"""

from __future__ import annotations

import os
import tempfile
import zlib
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledModules(BuildHookInterface[Any]):
    """Add the compiled modules to a wheel; build them in place for an editable installation."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, and tell the wheel about it."""
        is_pure = os.environ.get("PROVLOG_PURE", "0") not in ("", "0")
        if self.target_name != "wheel" or is_pure:
            return
        root = Path(self.root)
        is_editable = version == "editable"
        self._folder = tempfile.TemporaryDirectory()
        target = root if is_editable else Path(self._folder.name)
        try:
            built = build(root, target)
        except (Exception, SystemExit) as error:  # noqa: BLE001
            # Compilers fail in many ways; setuptools even exits.
            self.app.display_warning(f"provlog is built without compiled modules: {error}")
            return
        if not is_editable:
            build_data["force_include"] |= {
                str(path): str(path.relative_to(target)) for path in built
            }
        build_data["pure_python"] = False
        build_data["infer_tag"] = True


def build(root: Path, target: Path) -> list[Path]:
    """Compile all ``*.pyx`` of the package into a folder, and return the paths.

    Parameters
    ----------
    root : Path
        The folder of the project.
    target : Path
        The folder for the compiled modules, each in the folder of its package.
    """
    from Cython.Build import cythonize
    from setuptools import Distribution, Extension

    sources = sorted((root / "provlog").rglob("*.pyx"))
    with tempfile.TemporaryDirectory() as folder:
        extensions = []
        for source in sources:
            name = ".".join(source.relative_to(root).with_suffix("").parts)
            # The loader compares it with the source, to recognise a module that is out of date.
            parts = [source, *sorted(source.parent.glob("*.pxi")), root / "provlog" / "structs.pxd"]
            digest = zlib.crc32(b"".join(part.read_bytes() for part in parts))
            extensions.append(
                Extension(
                    name,
                    [str(source)],
                    define_macros=[("PROVLOG_SOURCE", f"{digest}u")],
                    # Another interpreter may lack what one module needs.
                    optional=True,
                )
            )
        distribution = Distribution(
            {"name": "provlog", "ext_modules": cythonize(extensions, build_dir=folder, quiet=True)}
        )
        command = distribution.get_command_obj("build_ext")
        command.build_temp, command.build_lib = folder, str(target)
        command.ensure_finalized()
        command.run()
        paths = [target / command.get_ext_filename(extension.name) for extension in extensions]
        built = [path for path in paths if path.exists()]
        if not built:
            raise OSError("no module could be compiled")
        return built


if __name__ == "__main__":
    # In place, for the checkout in the working directory.
    build(Path.cwd(), Path.cwd())
