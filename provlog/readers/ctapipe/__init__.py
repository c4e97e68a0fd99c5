"""Read ctapipe's provenance logs, versions 0.6 to 0.32, and the metadata in its products.

A tool appends a JSON list of the activities that its process has finished to its provenance
log. The stages: :mod:`~provlog.readers.ctapipe.lists` (activities with their places),
:mod:`~provlog.readers.ctapipe.files` (ids of files),
:mod:`~provlog.readers.ctapipe.reference` (the metadata of products),
:mod:`~provlog.readers.ctapipe.activities` (events);
:mod:`~provlog.readers.ctapipe.hdf5` and :mod:`~provlog.readers.ctapipe.fits` read the metadata
inside :mod:`~provlog.readers.ctapipe.products`.
"""
