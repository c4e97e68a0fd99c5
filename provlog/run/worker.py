"""The main module of worker processes that a program under ``provlog run`` spawns.

``multiprocessing`` runs this module by name instead of the program, and this module runs the
program, traced.
"""

from __future__ import annotations

from provlog.run.script import run_in_child

__all__: list[str] = []

if __name__ == "__mp_main__":
    run_in_child(globals())
