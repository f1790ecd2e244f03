"""The engine of a recomputed report: tables, checks, values, claims, chapters, rendering."""
