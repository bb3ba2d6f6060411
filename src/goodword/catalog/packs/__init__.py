"""Which laws and which sense are looked at before a program is published? The shelf of packs, dated and sourced; no legal advice."""

import sys

from goodword.catalog.shelf import on_shelf
from goodword.core.checks import Pack

PACKS = on_shelf(sys.modules[__name__], Pack)
