"""Which program types are there? The shelf of templates over the one terms language; they only fill in what is left out."""

import sys

from goodword.catalog.shelf import on_shelf
from goodword.core.kind import Template

PROGRAMS = on_shelf(sys.modules[__name__], Template)
