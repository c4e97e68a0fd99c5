"""The audit hook in C behaves as one in Python."""

from __future__ import annotations

from pathlib import Path

import pytest

from provlog.compiled import compiled
from tests.capture.programs import run

PURE = """
class hook:
    handler = None
    def install(handler, names):
        def of_python(name, arguments):
            if hook.handler and name in names:
                handler(name, arguments)
        hook.handler = handler
        sys.addaudithook(of_python)
    def remove():
        hook.handler = None
"""
COMPILED = "from provlog.capture.files import _hook as hook"
# In a process of its own, since a hook stays until its end.
PROGRAM = """
import sys, threading
{hook}
seen, traced = [], []
def handler(name, arguments):
    seen.append((name, arguments))
    if arguments == ("refused",):
        raise KeyboardInterrupt
hook.install(handler, ("wanted", "wanted.too"))
id(seen)
open(__file__).close()
sys.audit("wanted", 1, "x")
sys.audit("wanted.more")
sys.audit("wanted.too")
def trace(frame, event, argument):
    traced.append(frame.f_code.co_name)
sys.settrace(trace)
sys.audit("wanted")
sys.settrace(None)
try:
    sys.audit("wanted", "refused")
except KeyboardInterrupt:
    seen.append("interrupted")
thread = threading.Thread(target=sys.audit, args=("wanted", "thread"))
thread.start()
thread.join()
hook.remove()
sys.audit("wanted", 2)
print(seen, traced)
"""


@pytest.mark.parametrize("hook", [PURE, COMPILED], ids=["pure", "compiled"])
def test_events_of_some_names_reach_the_handler(tmp_path: Path, hook: str) -> None:
    if hook is COMPILED and compiled("provlog.capture.files._hook") is None:
        pytest.skip("provlog is pure Python")
    done = run(tmp_path, PROGRAM.format(hook=hook))
    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout == (
        "[('wanted', (1, 'x')), ('wanted.too', ()), ('wanted', ()), ('wanted', ('refused',)), "
        "'interrupted', ('wanted', ('thread',))] []\n"
    )


READERS = """
import os, sys, threading
from provlog.capture.files import _hook as hook
seen, read = [], []
def handler(name, arguments):
    seen.append(arguments[0])
def reader(path):
    read.append(path)
    if path == "refused":
        raise KeyboardInterrupt
hook.install(handler, ("open",))
hook.set_readers([reader], os.O_WRONLY | os.O_RDWR)
open(__file__).close()
open("new", "w").close()
open(b"new").close()
for arguments in (("few",), ("odd", "r", "flags"), ("long", "r", 2**80), ("read", None, 0)):
    sys.audit("open", *arguments)
try:
    open("refused")
except KeyboardInterrupt:
    read.append("interrupted")
hook.set_readers([], 0)
open(__file__).close()
hook.remove()
open(__file__).close()
print(seen == ["new", b"new", "few", "odd", "long"], read == [__file__, "read", "refused", "interrupted"])
"""


@pytest.mark.skipif(compiled("provlog.capture.files._hook") is None, reason="pure Python")
def test_read_files_have_functions_of_their_own(tmp_path: Path) -> None:
    done = run(tmp_path, READERS)
    assert (done.stderr, done.returncode, done.stdout) == ("", 0, "True True\n")
