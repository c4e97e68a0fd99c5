"""Read jobs of OPUS and of other UWS services, and the descriptions of their activities.

:mod:`~provlog.readers.opus.uws` reads job documents of UWS 1.1, and
:mod:`~provlog.readers.opus.database` reads OPUS's database, both as
:mod:`~provlog.readers.opus.jobs`. :mod:`~provlog.readers.opus.graph` makes the graph.
"""
