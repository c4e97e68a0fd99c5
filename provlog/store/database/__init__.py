"""The database of a store: its tables and views, their versions, connections and bulk loading."""
