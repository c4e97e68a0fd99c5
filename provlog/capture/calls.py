"""What is recorded of a call: what its definition names, or else its arguments and its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from inspect import unwrap
from typing import TYPE_CHECKING, Any

from provlog.capture.arguments import Arguments, binder, first_name
from provlog.capture.classes import remembered, type_names
from provlog.capture.clock import now
from provlog.capture.names import NOTHING, Names
from provlog.capture.secrets import is_secret_name

if TYPE_CHECKING:
    from provlog.capture.activities import Activity
    from provlog.capture.definitions import ActivityDefinition, ItemDefinition
    from provlog.capture.identities import Identified
    from provlog.capture.recorder import Recorder

__all__ = ["Call", "Plan"]

_CONTAINERS = frozenset({list, tuple, dict, set, frozenset})
_SETTINGS = _CONTAINERS | {int, float, str, bool, type(None), complex, bytes}
_SETTING_BASES = frozenset({"enum.Enum", "pathlib.PurePath", "datetime.date", "type"})
# A longer list is data.
_LARGEST_PARAMETER = 100
_RESULT = "result"


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
    """

    def __init__(
        self,
        recorder: Recorder,
        function: Callable[..., Any],
        name: str,
        definition: ActivityDefinition | None,
        is_method: bool,
    ) -> None:
        self.recorder = recorder
        self.name = name
        self.definition = definition
        self.is_method = is_method
        self.variables: Mapping[str, Any] = getattr(unwrap(function), "__globals__", {})
        self.complain = partial(recorder.complain, name)
        self.arguments = binder(function, is_method)
        self._owner = first_name(function)

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call | None:
        """Record the beginning of a call with what goes into it; ``None`` if it is not recorded."""
        return self.recorder.guarded(self.name, self._begin, args, kwargs)

    def _begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
        if self.is_method and not args:
            # The object was given by name.
            args, kwargs = (kwargs.get(self._owner),), {**kwargs}
            kwargs.pop(self._owner, None)
        owner = args[0] if self.is_method else None
        call = Call(self, self.recorder.begin(self.name, owner))
        # Begun is begun, whatever becomes of the rest.
        self.recorder.attempt(self.name, call.inputs, owner, args, kwargs)
        return call


class Call:
    """A call that goes on.

    Attributes
    ----------
    activity : Activity
        The activity that it is.
    """

    __slots__ = ("_names", "_plan", "activity")

    def __init__(self, plan: Plan, activity: Activity) -> None:
        self.activity = activity
        self._plan = plan
        self._names: Names | None = None

    def inputs(self, owner: object | None, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Record parameters and what is used."""
        plan = self._plan
        arguments = plan.arguments(args, kwargs)
        if plan.definition is None:
            self._arguments(arguments)
            return
        self._names = Names(owner, arguments, plan.variables, plan.complain)
        self._parameters(plan.definition, arguments, self._names)
        self._items("used", plan.definition.usage, self._names)

    def end(self, result: Any, error: BaseException | None = None) -> None:
        """Record the end of the call with what it generated; ``result`` may be :data:`NOTHING`."""
        ended = now()
        recorder = self._plan.recorder
        if error is None:
            recorder.guarded(self._plan.name, self._outputs, result)
        recorder.end(self.activity, ended, error)

    # As a definition says

    def _parameters(
        self, definition: ActivityDefinition, arguments: Arguments, names: Names
    ) -> None:
        found = {
            parameter.name: arguments.get(parameter.name, NOTHING)
            if parameter.value is None
            else names.follow(parameter.value)
            for parameter in definition.parameters
        }
        known = {name: value for name, value in found.items() if value is not NOTHING}
        self._plan.recorder.parameters(self.activity, known)

    def _items(self, relation: str, items: Sequence[ItemDefinition], names: Names) -> None:
        for item in items:
            self._plan.recorder.attempt(self._plan.name, self._item, relation, item, names)

    def _item(self, relation: str, item: ItemDefinition, names: Names) -> None:
        recorder = self._plan.recorder
        is_generated = relation == "generated"
        entity = recorder.entities.item(item, self.activity.session, names, is_generated)
        if entity is not None:
            recorder.relate(relation, self.activity, entity, item.role)

    def _outputs(self, result: Any) -> None:
        definition, names = self._plan.definition, self._names
        if definition is None:
            if result is not NOTHING and result is not None:
                self._object("generated", result, _RESULT)
        elif names is not None:
            names.result = result
            self._items("generated", definition.generation, names)

    # As the signature says

    def _arguments(self, arguments: Arguments) -> None:
        recorder = self._plan.recorder
        used: dict[str, tuple[Any, Identified | None]] = {}
        for name, value in arguments.items():
            kind = type(value)
            if kind in _CONTAINERS and value:
                identified, is_entity = recorder.entities.identify(value)
                if is_entity or len(value) > _LARGEST_PARAMETER:
                    used[name] = value, identified
            elif not _is_setting(kind):
                used[name] = value, None
        parameters = {name: value for name, value in arguments.items() if name not in used}
        recorder.parameters(self.activity, parameters)
        for name, (value, known) in used.items():
            recorder.attempt(self._plan.name, self._object, "used", value, name, known)

    def _object(
        self, relation: str, value: Any, role: str, identified: Identified | None = None
    ) -> None:
        recorder = self._plan.recorder
        # Of what is passed to and fro without a name, that of the function tells.
        is_secret = is_secret_name(role) or is_secret_name(self._plan.name)
        session = self.activity.session
        entity = recorder.entities.object(value, session, None, identified, is_secret)
        recorder.relate(relation, self.activity, entity, role)


@remembered
def _is_setting(kind: type) -> bool:
    """Tell whether arguments of a class are parameters, not something that was made before."""
    return kind in _SETTINGS or not _SETTING_BASES.isdisjoint(type_names(kind))
