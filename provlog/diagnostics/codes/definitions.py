"""Codes of definition files: ``PL6..``."""

from __future__ import annotations

from provlog.diagnostics.codes.code import Code
from provlog.diagnostics.severity import Severity

__all__ = ["DEFINITION_CODES"]

DEFINITION_CODES: dict[str, Code] = {
    "PL601": Code(
        Severity.ERROR,
        "invalid YAML in a definition file",
        ("activities:", "  fit: description: Fit the models"),
        "The file is not UTF-8 text, is not valid YAML, or is larger or nested deeper than "
        "provlog accepts. provlog supports the types of JSON, and dates.",
        "Correct the YAML; put text that contains ': ' or ' #' in quotes.",
    ),
    "PL602": Code(
        Severity.ERROR,
        "value of the wrong type in a definition file",
        ("activities:", "  fit:", "    usage: datasets"),
        "The value of a key has another type than expected, such as text instead of a list.",
        "Write the expected type. YAML reads yes, no, on, off and null as other types than text; "
        "quote them if you mean the words.",
    ),
    "PL603": Code(
        Severity.ERROR,
        "key given twice in a definition file",
        ("activities:", "  fit: {description: Fit the models}", "  fit: {contact: me}"),
        "A mapping has a key twice, or has two spellings of a key, or two keys contradict each "
        "other.",
        "Keep one of them.",
    ),
    "PL604": Code(
        Severity.WARNING,
        "unknown key in a definition file",
        ("activities:", "  fit: {description: Fit the models, genration: []}"),
        "provlog does not know the key and ignores its value.",
        "Correct the spelling; docs/capture.md lists all keys.",
    ),
    "PL605": Code(
        Severity.ERROR,
        "invalid expression in a definition file",
        ("activities:", "  fit:", "    usage: [{role: data, value: config..data}]"),
        "The value or location of an item is not an expression that provlog can evaluate.",
        "Write a name, followed by any number of .name, [literal] and (literals).",
    ),
    "PL606": Code(
        Severity.ERROR,
        "invalid target in a definition file",
        ("activities:", "  'analysis:': {description: Fit the models}"),
        "The name of an activity contains a colon but is not a target.",
        "Write package.module:function or package.module:Class.method, or a name without a colon.",
    ),
    "PL607": Code(
        Severity.ERROR,
        "parameter without a name or value in a definition file",
        ("activities:", "  fit:", "    parameters: [{unit: TeV}]"),
        "A parameter has neither a name nor an expression for its value.",
        "Add its name, its value, or both.",
    ),
    "PL608": Code(
        Severity.WARNING,
        "empty definition",
        ("activities:", "  fit:"),
        "The file describes no activity, an activity has no keys, or an item has no value, "
        "location or id to record.",
        "Complete the definition or remove it.",
    ),
    "PL609": Code(
        Severity.WARNING,
        "undescribed entity in a definition file",
        ("activities:", "  fit:", "    usage: [{value: data, entityName: Dataset}]"),
        "An item names an entity that the file does not describe.",
        "Describe the entity under 'entities', or correct its name.",
    ),
    "PL610": Code(
        Severity.WARNING,
        "unknown entity type in a definition file",
        ("activities:", "  fit:", "    usage: [{value: data, type: Fil}]"),
        "The type is not one of PythonObject, File and FileCollection.",
        "Use one of these types.",
    ),
    "PL611": Code(
        Severity.WARNING,
        "'result' outside a generation in a definition file",
        ("activities:", "  fit:", "    usage: [{value: result.data}]"),
        "The expression refers to the return value, which does not exist yet when inputs and "
        "parameters are recorded. provlog looks for a variable of that name.",
        "Move the item to 'generation'; for an argument or attribute of that name write "
        "kwargs.result or self.result.",
    ),
    "PL612": Code(
        Severity.WARNING,
        "invalid namespace prefix in a definition file",
        ("activities:", "  fit:", "    usage: [{id: name, namespace: my data}]"),
        "A prefix begins with a letter and contains only letters, digits, '_', '-' and '.'.",
        "Rename the prefix.",
    ),
    "PL613": Code(
        Severity.WARNING,
        "parameter name used twice in a definition file",
        ("activities:", "  fit:", "    parameters: [{value: energy}, {name: energy, value: e}]"),
        "Two parameters of an activity have the same name, so only one of them is recorded.",
        "Rename one of them.",
    ),
    "PL614": Code(
        Severity.WARNING,
        "contradictory limits of a parameter in a definition file",
        ("activities:", "  fit:", "    parameters: [{name: energy, min: 10, max: 1}]"),
        "The minimum is above the maximum, or the default is outside the limits or not one of the "
        "options.",
        "Correct the limits, the options or the default.",
    ),
}
"""Codes of definition files."""
