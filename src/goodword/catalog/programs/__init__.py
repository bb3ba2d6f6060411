"""Which program types are there? The shelf of templates over the one terms language; they only fill in what is left out."""

from goodword.catalog.programs.direct import DIRECT
from goodword.catalog.programs.two_sided import TWO_SIDED

PROGRAMS = {template.slug: template for template in (DIRECT, TWO_SIDED)}
