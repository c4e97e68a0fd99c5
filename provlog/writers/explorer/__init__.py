"""The explorer: a page of HTML with which a browser shows and searches a graph."""
