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
