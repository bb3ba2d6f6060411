"""The baseline as a WSGI application, and its tables: `python -m tests.bench.baseline.wsgi KEY FIRST COUNT`."""

from __future__ import annotations

import hashlib
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.baseline.settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()


def make_tables(secret: str, codes: list[str]) -> None:
    """Create what the baseline needs: tables, a key, and codes with their advocates."""
    from django.db import connection

    from tests.bench.baseline.models import MODELS, ApiKey, Code, Person

    with connection.schema_editor() as editor:
        for model in MODELS:
            editor.create_model(model)
    ApiKey.objects.create(hash=hashlib.sha256(secret.encode()).hexdigest(), client=1)
    people = Person.objects.bulk_create([Person(client=1, external_id=f"advocate-{code}") for code in codes])
    Code.objects.bulk_create(
        [Code(client=1, code=code, advocate=person) for code, person in zip(codes, people, strict=True)]
    )


if __name__ == "__main__":
    first, digits = sys.argv[2][0], len(sys.argv[2]) - 1
    make_tables(sys.argv[1], [f"{first}{n:0{digits}d}" for n in range(int(sys.argv[3]))])
