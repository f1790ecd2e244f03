"""Great Expectations' own pages (Data Docs) about the tables, for those who know them.

They carry times and random names, and so stand outside the certificate and the report.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from recount import judge
from recount.chronology import CHECKS
from recount.dossier import Dossier
from recount.suites import Suite

SITE = "tables"


def build(dossier: Dossier, suites: Mapping[str, Suite], out: Path) -> Path:
    """Write the pages to the folder OUT, which is emptied first; returns the first page."""
    context = judge.context()
    import great_expectations as gx

    if out.exists():
        shutil.rmtree(out)
    context.add_data_docs_site(
        site_name=SITE,
        site_config={
            "class_name": "SiteBuilder",
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(out)},
        },
    )
    source = context.data_sources.add_pandas("data")
    for name, suite in sorted(suites.items()):
        table = dossier.tables.get(name)
        if table is None:
            continue
        helpers = {
            expectation: CHECKS[expectation.derive](table, dossier, column=expectation.column, **expectation.kwargs)
            for expectation in suite.expectations
            if expectation.derive
        }
        frame = judge.whole_frame(table, suite.expectations, helpers)
        definition = gx.ValidationDefinition(
            name=name,
            data=source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("whole"),
            suite=context.suites.add(judge.suite_of(name, suite.expectations)),
        )
        context.validation_definitions.add(definition).run(
            batch_parameters={"dataframe": frame}, result_format="SUMMARY"
        )
    context.build_data_docs(site_names=[SITE])
    return out / "index.html"
