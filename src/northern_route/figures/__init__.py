"""The figures of the report: data frames and plain values in, `recount.values.Figure` out; nothing here reads a file.

Data frames are the evidence tables as `northern_route.evidence.table` gives them: every cell a text, an empty cell
an empty text. Which rows count is decided by the caller, who passes the rows to be shown.
"""
