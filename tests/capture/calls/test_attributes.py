"""What code finds that looks at a traced function: the function's own parts."""

from __future__ import annotations

import dis
import functools
import gc
import inspect
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from types import SimpleNamespace
from typing import Any

import cloudpickle
import pytest

from provlog.capture import Capture
from provlog.capture.calls import recording
from tests.capture.reading import activities, activity, parameters

pytestmark = pytest.mark.skipif(
    recording._compiled() is None, reason="the compiled modules are not built"
)


def functions() -> list[Callable[..., Any]]:
    offset: Any = SimpleNamespace(number=1)

    def plain(x: int, *, y: int = 2) -> int:
        """Add."""
        total = x + y
        return total + int(offset.number)

    def generator(x: int) -> Iterator[int]:
        for number in range(x):
            yield number + offset.number

    async def coroutine(x: int) -> int:
        doubled = 2 * x
        return doubled + int(offset.number)

    async def generator_of_loop(x: int) -> AsyncIterator[int]:
        for number in range(x):
            yield number + offset.number

    return [plain, generator, coroutine, generator_of_loop]


@pytest.mark.parametrize("function", functions(), ids=lambda one: one.__name__)
def test_its_parts_are_those_of_the_function(
    capture: Capture, function: Callable[..., Any]
) -> None:
    function.unit = "TeV"  # type: ignore[attr-defined]
    traced: Any = capture.trace(function)
    assert traced is not function
    assert traced.__code__ is function.__code__
    assert traced.__closure__ is function.__closure__
    assert traced.__globals__ is function.__globals__
    assert traced.__dict__ is function.__dict__
    assert vars(traced) == {"unit": "TeV"}
    assert traced.unit == "TeV"
    for look in (
        inspect.getsource,
        inspect.getsourcelines,
        inspect.signature,
        inspect.getfullargspec,
        inspect.getclosurevars,
        inspect.unwrap,
        lambda one: dis.Bytecode(one).dis(),
        inspect.isgeneratorfunction,
        inspect.iscoroutinefunction,
        inspect.isasyncgenfunction,
    ):
        assert look(traced) == look(function)


def test_its_attributes_are_those_of_the_function(capture: Capture) -> None:
    function, *_ = functions()
    traced: Any = capture.trace(function)
    traced.calls = 3
    assert vars(function) == {"calls": 3}
    del traced.calls
    assert vars(function) == {}
    traced.__dict__ = {"unit": "GeV"}
    assert (function.unit, traced.unit) == ("GeV", "GeV")  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        traced.__dict__ = 1
    with pytest.raises(AttributeError):
        traced.missing  # noqa: B018


def test_what_wraps_it_takes_over_the_attributes_of_the_function(capture: Capture) -> None:
    function, *_ = functions()
    traced = capture.trace(function)

    @functools.wraps(traced)
    def outer(*args: Any, **kwargs: Any) -> Any:
        return traced(*args, **kwargs)

    assert vars(outer) == {"__wrapped__": traced}
    assert inspect.unwrap(outer) is function
    # The other way round.
    functools.update_wrapper(traced, print)
    assert vars(function) == {"__wrapped__": print}


def test_new_code_is_that_of_the_function(capture: Capture) -> None:
    def function(x: int) -> int:
        return x + 1

    traced: Any = capture.trace(function)
    traced.__code__ = (lambda x: x + 2).__code__
    assert function(1) == traced(1) == 3
    with pytest.raises(TypeError, match="code object"):
        traced.__code__ = 5
    with pytest.raises(TypeError, match="code object"):
        del traced.__code__
    with pytest.raises(AttributeError):
        traced.__closure__ = ()
    assert parameters(activity(capture.graph(), "function")) == {"x": 1}


@pytest.mark.parametrize("index", [0, 1, 2, 3])
def test_a_copy_by_value_is_traced_and_has_the_attributes(capture: Capture, index: int) -> None:
    function = functions()[index]
    traced: Any = capture.trace(function)
    traced.unit = "TeV"
    copied: Any = cloudpickle.loads(cloudpickle.dumps(traced))
    assert copied.unit == "TeV"
    assert inspect.signature(copied) == inspect.signature(function)
    made = copied(3)
    if inspect.isgenerator(made):
        assert list(made) == [1, 2, 3]
    elif inspect.iscoroutine(made):
        with pytest.raises(StopIteration):
            made.send(None)
    elif inspect.isasyncgen(made):
        with pytest.raises(StopIteration):
            made.__anext__().send(None)
    assert len(activities(capture.graph(), function.__name__)) == 1
    assert "__wrapped__" not in vars(traced)


def test_it_keeps_nothing_alive(capture: Capture) -> None:
    kept = []
    for function in functions():
        function.itself = capture.trace(function)  # type: ignore[attr-defined]
        kept.append(weakref.ref(function))
    del function
    gc.collect()
    assert [one() for one in kept] == [None] * 4


def test_functions_of_compiled_modules_keep_their_wrapper(capture: Capture) -> None:
    traced: Any = capture.trace(len)
    assert traced([1]) == 1
    assert traced.__wrapped__ is len
    traced.unit = 1
    assert vars(traced)["unit"] == 1
    del traced.__wrapped__
    with pytest.raises(AttributeError, match="__wrapped__"):
        traced.__wrapped__  # noqa: B018
