"""What is recorded of a call: what its definition names, or else its arguments and its result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from provlog.capture.calls import undefined
from provlog.capture.log.warnings import complain
from provlog.capture.records.syntax import Burst
from provlog.definitions.arguments import Arguments, binder, first_name
from provlog.definitions.scope import NOTHING, Names, globals_of
from provlog.redaction import is_secret_name

if TYPE_CHECKING:
    from provlog.capture.records.activities import Activity
    from provlog.capture.records.recorder import Recorder
    from provlog.definitions.load import ActivityDefinition, ItemDefinition

__all__ = ["Call", "Plan"]


class Plan:
    """How the calls of a function are recorded.

    Parameters
    ----------
    recorder : Recorder
        Writes the records.
    function : callable
        The function.
    name : str
        What the activity is called.
    definition : ActivityDefinition, optional
        What describes it.
    is_method : bool
        Its first argument is the object whose method it is.
    sees_object : bool
        That object is used, and generated if it changes: where there are no definitions at all.
    """

    def __init__(
        self,
        recorder: Recorder,
        function: Callable[..., Any],
        name: str,
        definition: ActivityDefinition | None,
        is_method: bool,
        sees_object: bool,
    ) -> None:
        self.recorder = recorder
        self.name = name
        self.definition = definition
        self.is_method = is_method
        self.sees_object = sees_object
        self.variables = globals_of(function)
        self.complain = partial(recorder.complain, name)
        self.arguments = binder(function, is_method)
        self.owner_name = first_name(function)
        # Of what is passed to and fro without a name, that of the function tells.
        self.is_secret = is_secret_name(name)

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call | None:
        """Record the beginning of a call with what goes into it; ``None`` if it is not recorded."""
        try:
            return self.recorder.guarded(self.name, self._begin, args, kwargs)
        except RecursionError:
            # The stack has room for the function, but none for us.
            return None

    def __reduce__(self) -> tuple[type[Unplanned], tuple[str]]:
        return Unplanned, (self.name,)

    def _begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
        if self.is_method and not args:
            # The object was given by name.
            args, kwargs = (kwargs.get(self.owner_name),), {**kwargs}
            kwargs.pop(self.owner_name, None)
        owner = args[0] if self.is_method else None
        recorder = self.recorder
        burst = recorder.begin(self.name, owner)
        call = Call(self, burst.activity)
        # Begun is begun, whatever becomes of the rest.
        try:
            recorder.attempt(self.name, call.inputs, burst, owner, args, kwargs)
        except BaseException as interruption:
            recorder.write(burst)
            recorder.end(burst.activity, interruption)
            raise
        recorder.write(burst)
        return call


class Unplanned:
    """Stands for a plan where the function was sent to by value, as joblib does with its workers.

    Nothing is recorded there, which is told once.

    Parameters
    ----------
    name : str
        What the activity is called.
    """

    def __init__(self, name: str) -> None:
        if name not in _unplanned:
            _unplanned.add(name)
            complain(
                "activity %r is not recorded where its function was sent by value: put it into a "
                "module that the workers import",
                name,
            )

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Record nothing."""


_unplanned: set[str] = set()


class Call:
    """A call that goes on.

    Attributes
    ----------
    activity : Activity
        The activity that it is.
    """

    __slots__ = ("_names", "_owner", "_plan", "activity")

    def __init__(self, plan: Plan, activity: Activity) -> None:
        self.activity = activity
        self._plan = plan
        self._names: Names | None = None
        self._owner: object | None = None

    def inputs(
        self, burst: Burst, owner: object | None, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        """Record parameters and what is used."""
        plan = self._plan
        arguments = plan.arguments(args, kwargs)
        if plan.definition is None:
            self._owner = owner if plan.sees_object else None
            undefined.inputs(plan, burst, self._owner, arguments)
            return
        self._names = Names(owner, arguments, plan.variables, plan.complain)
        self._parameters(burst, plan.definition, arguments, self._names)
        if plan.definition.usage:
            # To look at what is used may take a while.
            plan.recorder.write(burst)
            self._items("used", burst, plan.definition.usage, self._names)

    def end(self, result: Any, error: BaseException | None = None) -> None:
        """Record the end of the call with what it generated; ``result`` may be :data:`NOTHING`."""
        self._plan.recorder.end(self.activity, error, self._outputs, result)

    # As a definition says

    def _parameters(
        self, burst: Burst, definition: ActivityDefinition, arguments: Arguments, names: Names
    ) -> None:
        found = {}
        for parameter in definition.parameters:
            name, expression = parameter.name, parameter.value
            value = arguments.get(name, NOTHING) if expression is None else names.follow(expression)
            if value is not NOTHING:
                found[name] = value
            elif expression is None:
                names.complain(name, "there is no argument of that name")
        burst.parameters(found)

    def _items(
        self, relation: str, burst: Burst, items: Sequence[ItemDefinition], names: Names
    ) -> None:
        for item in items:
            self._plan.recorder.attempt(self._plan.name, self._item, relation, burst, item, names)

    def _item(self, relation: str, burst: Burst, item: ItemDefinition, names: Names) -> None:
        is_generated = relation == "generated"
        entity = self._plan.recorder.entities.item(item, burst, names, is_generated)
        if entity is not None:
            burst.relate(relation, entity, item.role)

    def _outputs(self, burst: Burst, result: Any) -> None:
        definition, names = self._plan.definition, self._names
        if definition is None:
            undefined.outputs(self._plan, burst, self._owner, result)
        elif names is not None:
            names.result = result
            self._items("generated", burst, definition.generation, names)
