"""Files of other programs that the program starts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from provlog.capture.files.descriptors import keys_of
from provlog.capture.files.folders import file_key
from provlog.capture.files.unseen import QUIET, command_words, status_of

if TYPE_CHECKING:
    from provlog.capture.files.audit import CommandEvent
    from provlog.capture.files.unseen import FolderState

__all__ = ["changed_files", "named_places"]


def named_places(event: CommandEvent) -> tuple[list[str], set[str]]:
    """Return the files that a command names, and the folders in which it may write."""
    words = command_words(event.command)
    if words and os.path.basename(words[0]) in QUIET:
        return [], set()
    folder = os.path.abspath(os.fsdecode(event.folder or os.curdir))
    files: list[str] = []
    folders = {folder}
    for word in words:
        # --output=result.csv
        path = os.path.join(folder, word.rpartition("=")[2])
        if os.path.isdir(path):
            folders.add(os.path.normpath(path))
        elif "/" in word or os.path.lexists(path):
            path = os.path.normpath(path)
            folders.add(os.path.dirname(path))
            files.append(path)
    return files, folders


def changed_files(folders: FolderState) -> Iterator[str]:
    """Yield the files that the started programs have written, except the output of this one."""
    streams = {*keys_of(1, 2)}
    for path in folders.changes():
        status = status_of(path)
        if status is None or file_key(status) not in streams:
            yield path
