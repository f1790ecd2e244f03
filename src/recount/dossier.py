"""Everything the gate judges together: tables, bibliography, YAML lists, and the names each of them defines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from recount.marked import Marked
from recount.references import Bibliography
from recount.tables import Table

REFERENCES = "references"


@dataclass(frozen=True, eq=False)
class Dossier:
    """The data of a project as read.

    Args:
        tables: the tables that could be read, by name.
        bibliography: the works that may be cited.
        documents: the YAML files of `data/` that could be read, by name without ending.
    """

    tables: Mapping[str, Table]
    bibliography: Bibliography
    documents: Mapping[str, Marked]
    _names: dict[str, frozenset[str]] = field(default_factory=dict)

    def names(self, where: str) -> frozenset[str]:
        """The values WHERE defines: `organisations.id` (a column), `references.key`, `sections.id` (a YAML list)."""
        if where not in self._names:
            self._names[where] = self._collect(where)
        return self._names[where]

    def defines(self, where: str) -> bool:
        """Whether the file WHERE points to was read; if not, that is reported already."""
        source = where.partition(".")[0]
        if source == REFERENCES:
            return bool(self.bibliography.entries)
        return source in self.tables or source in self.documents

    def _collect(self, where: str) -> frozenset[str]:
        source, _, column = where.partition(".")
        if source == REFERENCES:
            return frozenset(self.bibliography.entries)
        if source in self.tables:
            return frozenset(self.tables[source].distinct(column))
        document = self.documents.get(source)
        rows = document.value if document is not None else None
        if not isinstance(rows, list):
            return frozenset()
        return frozenset(str(row[column]) for row in rows if isinstance(row, dict) and column in row)
