"""The main module of a process that a program under ``provlog run`` spawned: the program, traced.

``multiprocessing`` runs it by its name, as it would run the program.
"""

from __future__ import annotations

from provlog.run.script import run_in_child

__all__: list[str] = []

if __name__ == "__mp_main__":
    run_in_child(globals())
