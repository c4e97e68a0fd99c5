"""``provlog run``: the program behaves as without it, and its targets are recorded."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from textwrap import dedent
from typing import Any

import click
import pytest

import provlog
from provlog.capture.files.file_ids import METHODS
from provlog.capture.files.ignored import MODES
from provlog.cli.run import run as run_command
from provlog.graphs.lineage import lineage
from provlog.run import script as runner
from provlog.run.worker import __all__ as worker_names
from tests.test_layout import ROOT

LOG = "run.log"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, a temporary one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    return tmp_path


def write(path: str | Path, text: str, encoding: str = "utf-8") -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(dedent(text).lstrip(), encoding)


def define(*activities: str) -> None:
    lines = (f"  {name!r}: {{description: 'does it'}}\n" for name in activities)
    Path("definition.yaml").write_text("activities:\n" + "".join(lines))


def python(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, check=False)


def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return python("-m", "provlog", "run", "--log", LOG, *arguments)


def run_defined(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return run("-d", "definition.yaml", *arguments)


def traced() -> Counter[str]:
    """Count the activities in the log by name, without the run of the program itself."""
    if not Path(LOG).exists():
        return Counter()
    activities = provlog.read(LOG).activities.values()
    return Counter(
        re.split(r"[.:]", activity.label or "")[-1]
        for activity in activities
        if {"provlog:Session", "Program"}.isdisjoint(map(str, activity.values("prov:type")))
    )


def same(*arguments: str, strip: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Assert that a program behaves the same with and without provlog."""
    expected, actual = python(*arguments), run_defined(*arguments)
    assert re.sub(strip, b"", actual.stderr) == re.sub(strip, b"", expected.stderr)
    assert actual.stdout == expected.stdout
    assert actual.returncode == expected.returncode
    return actual


def same_output(*arguments: str) -> list[str]:
    """Assert that standard output and exit code are the same; return provlog's messages."""
    expected, actual = python(*arguments), run_defined(*arguments)
    assert (actual.stdout, actual.returncode) == (expected.stdout, expected.returncode)
    return actual.stderr.decode().splitlines()


def test_the_program_sees_the_same_environment() -> None:
    define("report", "Thing.method")
    write("scripts/beside.py", "where = __file__\n")
    write(
        "scripts/analysis.py",
        """
        # coding: latin-1
        '''Docstring, é.'''
        from __future__ import annotations
        import inspect, pickle, sys, os
        import beside

        class Thing:
            text = "é"
            def method(self) -> nowhere: return self.text

        def report(**values: nowhere):
            for name, value in values.items():
                print(name, ascii(value))

        import __main__ as own
        if __name__ == "__main__":
            report(
                names=sorted(vars()), name=__name__, file=__file__, spec=__spec__, doc=__doc__,
                package=__package__, cached=__cached__, loader=type(__loader__), argv=sys.argv,
                path=sys.path[0], beside=beside.where, builtins=__builtins__, own=own.__file__,
                thing=pickle.loads(pickle.dumps(Thing())).method(), annotations=__annotations__,
                source=inspect.getsource(own), cwd=os.getcwd(), lines=sys.stdin.read(),
            )
            try:
                from . import beside
            except ImportError as error:
                print(error)
        """,
        "latin-1",
    )
    assert b"beside" in same("scripts/analysis.py", "--config", "x", "-d", "--", "-m").stdout
    assert traced() == {"report": 1, "method": 1}


ENDS = {
    "number": "sys.exit(7)",
    "text": "sys.exit('it is over')",
    "nothing": "sys.exit()",
    "none": "pass",
    "exception": "work(0)",
    "chain": """
        try:
            work(0)
        except ZeroDivisionError as error:
            raise ValueError('no') from error
    """,
    "broken_pipe": "raise BrokenPipeError(32, 'Broken pipe')",
    "file": "open('nowhere')",
    "memory": "raise MemoryError",
    "own_error": "import provlog; provlog.read('nowhere.log')",
    "click_error": "import click; raise click.UsageError('so not')",
    "hook": "sys.excepthook = lambda *error: print(error[0]); work(0)",
    "syntax": "def (",
    "indent": "def f():\nx = '\\d'",
    "exit_functions": """
        import atexit, threading
        atexit.register(print, "last")
        print("first", end=" ")
        threading.Timer(0.05, print, ["a thread"]).start()
        work(0)
    """,
    "broken_hook": "sys.excepthook = lambda *error: {}[1]; work(0)",
    "no_hook": "sys.excepthook = None; work(0)",
    "deleted_hook": "del sys.excepthook; work(0)",
    "exiting_hook": "sys.excepthook = lambda *error: sys.exit(9); work(0)",
    "hook_alone": """
        def hook(*error):
            print(sys.exc_info(), sys.last_type, sys.last_value is error[1], *sys.last_traceback.tb_frame.f_code.co_name)
        sys.excepthook = lambda *error: hook(*error[:2])
        raise ValueError
    """,
    "stdout": "sys.stdout.close(); print('x')",
    "stderr": "sys.stderr.close()",
    "terminated": "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
}


def end(name: str) -> str:
    head = "import sys\ndef work(x):\n    return 1 / x\nwork(1)\n"
    write("analysis.py", head + dedent(ENDS[name]))
    return "analysis.py"


@pytest.mark.parametrize("name", ENDS)
def test_the_program_ends_in_the_same_way(name: str) -> None:
    define("work")
    # The frames of the traced calls are the only difference.
    frames = rb'  File "<provlog, [^"]*", line .*\n(?:    .*\n)*'
    same(end(name), strip=frames)


@pytest.mark.skipif(os.name == "nt", reason="there are no such signals")
def test_an_ignored_sigterm_stays_ignored() -> None:
    write("analysis.py", f"def work(): pass\n{dedent(ENDS['terminated'])}\nprint('alive')\n")
    command = f"trap '' TERM; {sys.executable} -m provlog run -t work analysis.py"
    assert subprocess.check_output(["sh", "-c", command]) == b"alive\n"


def test_objects_of_the_program_are_freed_at_its_end() -> None:
    write(
        "analysis.py",
        """
        class Thing:
            def work(self): return self
            def __del__(self): print("gone", __name__, Thing.__name__, work.__name__)
        def work(x): return x
        one, others = work(Thing()).work(), [work(Thing())]
        """,
    )
    gone = b"gone __main__ Thing work\n" * 2
    assert python("analysis.py").stdout == gone
    assert run("-t", "work", "-t", "Thing", "analysis.py").stdout == gone


def test_threads_and_exit_functions_are_traced() -> None:
    define("beside:work")
    write("beside.py", "def work(): print('work')\n")
    write(
        "analysis.py",
        """
        import atexit, threading
        @atexit.register
        def last():
            import beside
            beside.work()
        def late():
            import beside
            beside.work()
        threading.Timer(0.1, late).start()
        """,
    )
    assert run_defined("analysis.py").stdout.split() == [b"work", b"work"]
    assert traced() == {"work": 2}


def test_a_keyboard_interrupt_exits_with_130() -> None:
    define("work")
    write("analysis.py", "def work(): raise KeyboardInterrupt\nwork()\n")
    done = run_defined("analysis.py")
    assert done.returncode == 130
    assert done.stderr.startswith(b"Traceback (most recent call last):\n  File ")
    assert done.stderr.endswith(b"KeyboardInterrupt\n")
    assert traced() == {"work": 1}


def test_functions_and_methods_of_the_program_are_traced() -> None:
    define("plain", "later", "Tool.fit", "shared", "analysis:placed", "__main__:Tool.Inner.deep")
    write(
        "analysis.py",
        """
        import asyncio, functools
        from dataclasses import dataclass

        @functools.lru_cache
        def plain(): return 1
        async def later(): return 2
        def placed():
            def plain(): return 3
            return plain()
        def quiet(): return 4

        @dataclass(slots=True)
        class Tool:
            fit_range: int = 5
            def fit(self): return self.fit_range
            @staticmethod
            def shared(): return 6
            def quiet(self): return 7
            class Inner:
                @classmethod
                def deep(cls): return 8

        class Other:
            @property
            def shared(self): return 9
            def fit(self): return 10
            plain = 11

        tool = Tool()
        print(plain(), plain(), asyncio.run(later()), placed(), quiet(), tool.fit(), tool.shared(),
              tool.quiet(), Tool.Inner.deep(), Other().shared, Other().fit(), Other().plain)
        """,
    )
    assert same("analysis.py").stderr == b""
    assert traced() == {"plain": 1, "later": 1, "placed": 1, "fit": 1, "shared": 2, "deep": 1}


def test_classes_that_decorators_replace() -> None:
    define("run", "Child.inherited", "Made", "Instance.run")
    write(
        "analysis.py",
        """
        import attrs
        class Base:
            def run(self): return "base"
            def inherited(self): return "inherited"
        @attrs.define
        class Child(Base):
            def run(self): return super().run() + " child"
        @lambda cls: print
        class Made: pass
        @lambda cls: cls()
        class Instance:
            def run(self): return "instance"
        print(Child().run(), Child().inherited(), Instance.run())
        Made("made")
        """,
    )
    [reported] = same_output("analysis.py")
    assert reported.startswith(
        "provlog: definition.yaml names Made, Instance.run, but the program has"
    )
    assert traced() == {"run": 2, "inherited": 1}


def package() -> None:
    write("package/__init__.py", "from package.core import Analysis, make, make_all\n")
    write(
        "package/core.py",
        """
        import os
        assert os.environ["SET"] == "by the program"
        class Base:
            def close(self): pass
        class Analysis(Base):
            def run(self): return 1
            def fit(self): return 2
            def _own(self): pass
        def make(): return 3
        def make_all(): return make()
        """,
    )
    write(
        "analysis.py",
        """
        import os
        os.environ["SET"] = "by the program"
        from package import Analysis, make, make_all
        if __name__ == "__main__":
            analysis = Analysis()
            print(analysis.run(), analysis.fit(), analysis._own(), make(), make_all())
        """,
    )


def test_definitions_in_modules_are_traced_once_the_program_imports_them() -> None:
    package()
    define("package:Analysis.run", "package:make", "posixpath:relpath")
    assert same("analysis.py").stderr == b""
    assert traced() == {"run": 1, "make": 2}


def test_option_t_names_targets() -> None:
    package()
    done = run("-t", "package:Analysis", "-t", "package.core:make_all", "analysis.py")
    assert (done.stderr, done.stdout) == (b"", b"1 2 None 3 3\n")
    assert traced() == {"run": 1, "fit": 1, "make_all": 1}


def test_a_definition_without_a_module_may_describe_a_method_of_a_traced_class() -> None:
    package()
    define("run")
    assert run_defined("-t", "package:Analysis", "analysis.py").stderr == b""
    assert traced() == {"run": 1, "fit": 1}


def test_untraced_targets_are_reported() -> None:
    write("broken.py", "number = 5\n")
    write("analysis.py", "import broken\nraise SystemExit(3)\n")
    define("nowhere:f", "nowhere:g", "broken:nothing", "broken:number.real", "absent")
    done = run_defined("-t", "Absent", "-t", "nowhere:h", "analysis.py")
    reported = done.stderr.decode().splitlines()
    assert reported[0] == (
        "provlog: definition.yaml names nowhere:f, nowhere:g, but nowhere was never imported"
    )
    assert reported[1] == "provlog: definition.yaml names broken:nothing, but broken has no nothing"
    assert reported[2].startswith(
        "provlog: definition.yaml names broken:number.real, but 5 is not a func"
    )
    assert reported[3:] == [
        "provlog: -t names Absent, but the program has no such function, class or method",
        "provlog: -t names nowhere:h, but nowhere was never imported",
    ]
    assert done.returncode == 3


def test_the_right_spelling_of_a_target_is_suggested() -> None:
    write(
        "spectrum.py",
        """
        import email
        from json import dumps
        def read_events(): pass
        class Fit:
            def run(self): pass
            @staticmethod
            def stack(): pass
        """,
    )
    write("others.py", "".join(f"class C{n}:\n    def stack(self): pass\n" for n in range(5)))
    write("analysis.py", "import spectrum, others\n")
    define("read_events", "run", "Fit.stack", "stack", "dumps")
    names = ["spectrum:read_events", "spectrum:Fit.run"]
    why = "but the program has no such function, class or method"
    hint = f"{why}; write it with its module"
    reported = [line.partition(" names ")[2] for line in same_output("analysis.py")]
    assert reported == [
        f"read_events, {hint}: {names[0]}",
        f"run, {hint}: {names[1]}",
        f"Fit.stack, {hint}: spectrum:Fit.stack",
        f"stack, {hint}: spectrum:Fit.stack, others:C0.stack, others:C1.stack or others",
        f"dumps, {why}",
    ]
    done = run("-t", "Fit", "analysis.py")
    assert done.stderr.decode().splitlines() == [f"provlog: -t names Fit, {hint}: spectrum:Fit"]
    # The suggestions work.
    write("analysis.py", "import spectrum\nspectrum.read_events()\nspectrum.Fit().run()\n")
    define(*names)
    assert same("analysis.py").stderr == b""
    assert traced() == {"read_events": 1, "run": 1}


@pytest.mark.parametrize(("targets", "expected"), [
    (["flow"], ["load", "Model.fit"]),
    (["*"], ["load", "Model.fit"]),
    (["flow:*"], ["load", "Model.fit"]),
    (["l*"], ["load"]),
    (["_h*"], ["_hidden"]),
    (["Model.f*"], ["Model.fit"]),
    (["package"], ["sub.make", "core.start"]),
    (["package.sub"], ["sub.make"]),
    (["package.sub:m*"], ["sub.make"]),
    (["package:*"], []),
    (["auto"], ["load", "Model.fit", "sub.make"]),
    ([], ["load", "Model.fit", "sub.make"]),
])  # fmt: skip
def test_modules_and_patterns_are_targets(targets: list[str], expected: list[str]) -> None:
    write("package/__init__.py", "")
    write(
        "package/sub.py",
        "from os.path import join\nfrom package.core import start\ndef make(): start()\n",
    )
    write("package/core.py", "def start(): pass\n")
    write(
        "flow.py",
        """
        from package.sub import make
        def load(): _hidden()
        def _hidden(): pass
        def _compiled(function): return function.__code__.co_name
        @_compiled
        def jitted(): pass
        class Model:
            def fit(self): pass
        load(), Model().fit(), make()
        assert jitted == "jitted"
        """,
    )
    arguments = [part for target in targets for part in ("-t", target)]
    done = run(*arguments, "flow.py")
    left_out = b"provlog: not traced because of decorators: jitted; try -t jitted\n"
    is_matched = bool({"flow", "*", "flow:*"}.intersection(targets))
    assert (done.returncode, done.stderr == left_out) == (0, is_matched)
    assert bool(done.stderr) == (is_matched or not expected)
    assert traced() == Counter(name.rpartition(".")[2] for name in expected)


@pytest.mark.slow
@pytest.mark.parametrize("options", [[], ["-t", "fast"], ["-t", "fast:d*"], ["-t", "fast:double"]])
def test_compiled_functions_of_other_modules_are_reported_once(options: list[str]) -> None:
    write(
        "fast.py",
        """
        import numba
        @numba.njit
        def double(x): return 2 * x
        @numba.vectorize
        def triple(x): return 3 * x
        def do(): return double(1)
        """,
    )
    write("flow.py", "from fast import do, double, triple\ndo()\ndouble(2)\ntriple(2)\n")
    [line] = run(*options, "flow.py").stderr.decode().splitlines()
    if options[1:] == ["fast:double"]:
        name = "numba.core.registry.CPUDispatcher"
        assert line == f"provlog: -t names fast:double, but it is a {name}, not a function"
        return
    names = "fast:double" if options[1:] == ["fast:d*"] else "fast:double, fast:triple"
    assert line == f"provlog: not traced because they are compiled: {names}"


def test_steps_with_decorators_are_reported_but_not_those_that_are_named() -> None:
    code = """
        def plain(function): return function
        @plain
        def load(): pass
        @plain
        @plain
        def clean(): pass
        @plain
        def unused(): pass
        load(), clean()
    """
    write("flow.py", code)
    message = "provlog: not traced because of decorators: "
    both = f"{message}load, clean; try -t load -t clean\n"
    assert run("flow.py").stderr.decode() == both
    one = f"{message}clean; try -t clean\n"
    assert run("-t", "auto", "-t", "load", "flow.py").stderr.decode() == one
    assert run("-t", "load", "flow.py").stderr == b""
    assert traced()["load"] == 2


@pytest.mark.parametrize(("target", "message"), [
    ("laod", "the program has no such function, class or method; did you mean load?"),
    ("flow:laod", "the program has no laod; did you mean load?"),
    ("besides:make", "besides was never imported; did you mean beside?"),
    ("beside:maek", "beside has no maek; did you mean make?"),
    ("beside:x*", "beside: it has no such function, class or method"),
    ("zzz*", "the program has no such function, class or method"),
])  # fmt: skip
def test_similar_names_are_suggested(target: str, message: str) -> None:
    write("beside.py", "def make(): pass\n")
    write("flow.py", "import beside\ndef load(): pass\nload()\n")
    done = run("-t", target, "flow.py")
    assert done.stderr.decode() == f"provlog: -t names {target}, but {message}\n"


@pytest.mark.parametrize("target", ["hidden", "hidden:f"])
def test_a_module_that_another_finder_imports_first_is_reported(target: str) -> None:
    write("hidden.py", "def f(): pass\n")
    code = """
        import sys
        from importlib.machinery import PathFinder
        sys.meta_path.insert(0, PathFinder)
        import hidden
        def load(): return hidden.f()
        load()
    """
    write("flow.py", code)
    message = "but hidden was imported in a way that provlog cannot observe"
    assert (
        run("-t", target, "flow.py").stderr.decode() == f"provlog: -t names {target}, {message}\n"
    )


def test_invalid_definitions_are_reported_as_by_definitions_check() -> None:
    write("analysis.py", "print('run')\n")
    write(
        "definition.yaml",
        """
        activities:
          fit: {usage: 5}
          plot: {usage: 6}
        """,
    )
    checked = python("-m", "provlog", "definitions", "check", "definition.yaml").stdout
    done = run_defined("analysis.py")
    hint = "provlog: definition.yaml: 2 errors; see provlog definitions check definition.yaml\n"
    assert (done.returncode, done.stdout) == (3, b"")
    assert done.stderr == checked + hint.encode()
    assert checked.count(b": error ") == 2


@pytest.mark.parametrize("name", ["package", "package.cli"])
def test_a_module_runs_as_with_python_m(name: str) -> None:
    define(f"{name}:work", "main")
    write("package/__init__.py", "import sys\nprint('package', sys.argv)\n")
    write("package/part.py", "text = 'part'\n")
    code = """
        import sys
        from . import part
        def work(): return part.text
        def main(): print(
            work(), __name__, __file__, __package__, __spec__.name, __spec__.loader is __loader__,
            type(__loader__), sys.argv, sys.path[0], __cached__, sorted(globals()),
        )
        main()
    """
    write("package/cli.py", code)
    write("package/__main__.py", code)
    same("-m", name, "--config", "x")
    assert traced() == {"work": 1, "main": 1}


@pytest.mark.parametrize("place", ["program", "program.zip"])
def test_a_folder_and_an_archive_run_as_with_python(place: str) -> None:
    define("work", "beside:work")
    write("program/beside.py", "def work(): return 1\n")
    write(
        "program/__main__.py",
        """
        import beside, multiprocessing, sys
        def work(): print(
            beside.work(), __name__, __file__, __package__, __spec__.name, __cached__,
            __spec__.loader is __loader__, type(__loader__), sys.argv, sys.path[0],
        )
        work()
        process = multiprocessing.get_context("spawn").Process(target=beside.work)
        process.start()
        process.join()
        print(process.exitcode)
        """,
    )
    shutil.make_archive("program", "zip", "program")
    assert same(place, "--config", "x").stderr == b""
    assert traced() == {"work": 3}


def test_scripts_are_traced_in_multiprocessing_workers() -> None:
    define("double", "Tool.times")
    write(
        "scripts/analysis.py",
        """
        import multiprocessing, sys
        from concurrent.futures import ProcessPoolExecutor

        class Tool:
            def __init__(self, factor): self.factor = factor
            def times(self, x): return self.factor * x
        def double(x): return 2 * x
        def main(): return __name__, __file__, __spec__, sorted(globals()), sys.path[0], sys.argv

        if __name__ == "__main__":
            for method in sys.argv[1:]:
                context = multiprocessing.get_context(method)
                with ProcessPoolExecutor(1, mp_context=context) as pool:
                    print(list(pool.map(double, [1, 2])), pool.submit(Tool(3).times, 1).result())
                    print(pool.submit(main).result() if method == "spawn" else method)
                process = context.Process(target=double, args=(4,))
                process.start()
                process.join()
        else:
            print("as", __name__, sys.argv, flush=True)
        """,
    )
    methods = ["spawn"] if os.name == "nt" else ["spawn", "forkserver", "fork"]
    assert same("scripts/analysis.py", *methods).stderr == b""
    assert traced() == {"double": 3 * len(methods), "times": len(methods)}


def test_workers_spawned_from_an_empty_environment_are_traced() -> None:
    define("double")
    write(
        "analysis.py",
        """
        import multiprocessing, os, sys
        def double(x): print(2 * x, sys.argv)
        if __name__ == "__main__":
            os.environ.clear()
            process = multiprocessing.get_context("spawn").Process(target=double, args=(1,))
            process.start()
            process.join()
            print(process.exitcode, sys.argv)
        """,
    )
    assert same("analysis.py", "-x").stderr == b""
    assert traced() == {"double": 1}


def test_modules_are_traced_in_multiprocessing_workers() -> None:
    define("double")
    write("package/__init__.py", "")
    write(
        "package/work.py",
        """
        import multiprocessing
        from . import __name__ as package
        def double(x): return 2 * x, __name__, __package__, __spec__.name
        if __name__ == "__main__":
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                print(pool.map(double, [1]))
        """,
    )
    assert b"__mp_main__" in same("-m", "package.work").stdout
    assert traced() == {"double": 1}


def test_workers_do_not_run_the_main_module_of_a_package() -> None:
    define("package.work:double")
    write("package/work.py", "def double(x): print(2 * x)\n")
    write(
        "package/__main__.py",
        """
        import multiprocessing, os
        from package.work import double
        print("main", flush=True)
        os.makedirs("elsewhere", exist_ok=True)
        os.chdir("elsewhere")
        process = multiprocessing.get_context("spawn").Process(target=double, args=(1,))
        process.start()
        process.join()
        """,
    )
    assert same("-m", "package").stdout.split() == [b"main", b"2"]
    assert traced() == {"double": 1}


@pytest.mark.parametrize(
    ("arguments", "code", "reported"),
    [
        (["nowhere.py"], 2, "provlog: nowhere.py: cannot read it: No such file or directory\n"),
        (["."], 2, "provlog: .: cannot run it: it has no __main__.py\n"),
        (["a.pyc"], 2, "provlog: a.pyc: cannot run compiled code; run its source file instead\n"),
        (["-m", "no.where"], 2, "provlog: module no.where not found\n"),
        (["-m", "email"], 2, "provlog: module email.__main__ not found\n"),
        (["-m", "__main__"], 2, "provlog: module __main__ not found\n"),
        (["-m", ".relative"], 2, "provlog: module .relative not found\n"),
        (["-m", "_heapq"], 2, "provlog: module _heapq: cannot run it: it has no Python source\n"),
    ],
)
def test_a_program_that_cannot_be_run_is_a_one_line_error(
    arguments: list[str], code: int, reported: str
) -> None:
    define("work")
    Path("a.pyc").write_bytes(importlib.util.MAGIC_NUMBER)
    done = run_defined(*arguments)
    assert (done.returncode, done.stderr.decode(), done.stdout) == (code, reported, b"")


def test_wrong_usage_is_an_error() -> None:
    write("analysis.py", "print('run')\n")
    for arguments, code, reported in (
        (["-t", "package.module:", "analysis.py"], 2, "'package.module:' is not a target"),
        (["-d", "nowhere.yaml", "analysis.py"], 3, "nowhere.yaml"),
        (["-t", "f"], 2, "Missing argument 'PROGRAM'"),
    ):
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (code, b"")
        assert reported in done.stderr.decode()
        assert b"Traceback" not in done.stderr


def test_no_heavy_import_and_the_default_log_in_the_current_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Tests that record in this process set it, and then its children may be workers.
    monkeypatch.delenv("PROVLOG_PROGRAM", raising=False)
    write(
        "analysis.py",
        "import sys\n"
        "heavy = {'rich', 'prov', 'numpy', 'pydot', 'asyncio', 'multiprocessing', 'pathlib'}\n"
        "def f(): print(heavy & set(sys.modules))\n"
        "f()\n",
    )
    done = python("-m", "provlog", "run", "-t", "f", "analysis.py")
    assert (done.stdout, done.stderr) == (b"set()\n", b"")
    assert Path("prov.log").exists()


def test_a_worker_runs_the_program_even_with_invalid_definitions(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    write("analysis.py", "import sys\nresult = __name__, sys.argv[0]\n")
    run = ("analysis.py", False, "gone.yaml", "run.log", ())
    monkeypatch.setattr(sys, "argv", ["before", run])
    namespace: dict[str, Any] = {"own": "name"}
    runner.run_in_child(namespace)
    assert namespace["result"] == ("__mp_main__", os.path.abspath("analysis.py"))
    assert "own" not in namespace
    assert "gone.yaml" in caplog.text
    assert worker_names == []


def test_files_are_chosen_by_options() -> None:
    write("in.csv", "1\n")
    write(
        "flow.py",
        """
        def copy(path, target):
            with open(path) as source, open(target, "w") as stream:
                stream.write(source.read() * 2)
        copy("in.csv", "out.csv")
        copy("in.csv", "out.tmp")
        """,
    )
    for options, expected in (
        ([], {"flow.py", "in.csv", "out.csv"}),
        (["--ignore", "*.tmp", "--ignore", "in.csv"], {"flow.py", "out.csv"}),
        (["--files", "none"], {"flow.py"}),
    ):
        Path(LOG).unlink(missing_ok=True)
        assert run(*options, "flow.py").stderr == b""
        graph = provlog.read(LOG)
        assert {entity.label for entity in graph.entities.values()} - {"out.tmp"} == expected
    assert b"'some' is not one of" in run("--files", "some", "flow.py").stderr


def test_the_steps_of_a_package_are_recorded() -> None:
    write("tool/__init__.py", "")
    write(
        "tool/__main__.py",
        "from .steps import load\nfrom tool import steps\nload()\nsteps.save()\n",
    )
    write("tool/steps.py", "def load(): inner()\ndef save(): inner()\ndef inner(): pass\n")
    assert run("-m", "tool").stderr == b""
    assert traced() == {"load": 1, "save": 1}


def test_files_takes_the_modes_of_the_recording() -> None:
    """The command line does not import the recording for its help."""
    for name, choices in (("files", MODES), ("hash", METHODS)):
        option = next(one for one in run_command.params if one.name == name)
        assert isinstance(option.type, click.Choice)
        assert tuple(option.type.choices) == choices


@pytest.mark.parametrize("program", [("copy.py",), ("--", "cp", "in.txt", "out.txt")])
def test_several_digests_of_each_file(program: tuple[str, ...]) -> None:
    write("copy.py", "open('out.txt', 'w').write(open('in.txt').read())\n")
    write("in.txt", "1 2 3\n")
    assert run("--hash", "sha256", "--hash", "sha1", *program).returncode == 0
    content = Path("in.txt").read_bytes()
    made = [
        entity
        for entity in provlog.read(LOG).entities.values()
        if entity.label in {"in.txt", "out.txt"}
    ]
    assert made
    for entity in made:
        assert entity.values("dcterms:identifier") == [hashlib.sha256(content).hexdigest()]
        assert entity.values("log:sha1") == [hashlib.sha1(content).hexdigest()]


WRITES_ITSELF = """
    import numpy as np
    def load(path): return np.loadtxt(path)
    def clean(table): return table[table > 1]
    np.savetxt("out.txt", clean(load("in.txt")))
    """
MAKES_DATA = """
    import numpy as np
    def clean(table): return table[table > 1]
    def save(table): np.savetxt("out.txt", table)
    table = clean(np.loadtxt("in.txt"))
    save(table * 2)
    """
MAIN = """
    import numpy as np
    def load(path): return np.loadtxt(path)
    def clean(table): return table[table > 1]
    def main():
        np.savetxt("out.txt", clean(load("in.txt")))
    main()
    """
NUMBER = """
    def count(path):
        with open(path) as file:
            return len(file.read()) / 4
    n = count("in.txt")
    with open("out.txt", "w") as file:
        file.write(f"{n}")
    """


@pytest.mark.parametrize(
    ("script", "steps"),
    [
        (WRITES_ITSELF, {"flow.py", "clean", "load"}),
        (MAKES_DATA, {"save", "flow.py"}),
        (MAIN, {"main", "clean", "load"}),
        (NUMBER, {"flow.py", "count"}),
    ],
)
def test_code_between_functions_loses_no_link(script: str, steps: set[str]) -> None:
    write("in.txt", "1 2 3\n4 5 6\n")
    write("flow.py", script)
    assert run("flow.py").stderr == b""

    graph = provlog.read(LOG)
    (output,) = [one for one in graph.entities.values() if one.label == "out.txt"]
    found = lineage(graph, [output])
    labels = {one.label for one in (*found.entities.values(), *found.activities.values())}

    assert labels >= steps | {"in.txt"}
    assert provlog.check(LOG) == []


@pytest.mark.parametrize("way", ["fork", "spawn"])
def test_results_of_worker_processes_have_no_second_origin(way: str) -> None:
    write("in.txt", "1 2 3\n")
    write("flow.py", f"""
        import multiprocessing
        import numpy as np
        def load(path): return np.loadtxt(path)
        def add(tables): return sum(tables)
        if __name__ == "__main__":
            with multiprocessing.get_context("{way}").Pool(2) as pool:
                tables = pool.map(load, ["in.txt", "in.txt"])
            np.savetxt("out.txt", add(tables))
        """)  # fmt: skip
    assert run("flow.py").stderr == b""
    graph = provlog.read(LOG)
    makers = Counter(one.source for one in graph.relations["wasGeneratedBy"])
    labels = {
        one.target.label for one in graph.relations["wasGeneratedBy"] if makers[one.source] > 1
    }
    assert "flow.py" not in labels
