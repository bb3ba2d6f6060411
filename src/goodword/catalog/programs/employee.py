"""Employees refer people for jobs: rewarded in instalments after the hire, with hiring managers and recruiters left out."""

from __future__ import annotations

from goodword.core.kind import Template

EMPLOYEE = Template(
    slug="employee",
    title="Employee",
    help=__doc__ or "",
    headline="Refer a colleague, get {advocate}",
    asks=(),
    defaults={
        "milestones": {
            "joined": {"event": "applied"},
            "hired": {"event": "hired", "cancelled_by": "employment"},
            "stayed": {"moment": "90d after hired"},
        },
        "attribution": {"methods": ["named", "code"], "window": "180d", "bound": "lapses after 365d"},
        "friends": {"new": "anyone"},
        "disclosure": {"advocate_sees": "nothing"},
    },
    example="""\
program: colleagues
name: Bring a colleague
type: employee
currency: EUR
advocates: {if: ["advocate.role not in [recruiter, hiring_manager]"], at: [touch]}
promises:
  - {to: advocate, on: hired, give: {cash: "500.00"}, hold: 30d}
  - {to: advocate, on: stayed, give: {cash: "500.00"}}
""",
    scenarios="""\
scenario: one half at the hire and one after 90 days
d0 known alice role=engineer
d1 event applied bob by alice
d20 event hired bob -> alice pending 500.00
d51 time -> alice payable 500.00
d111 time -> alice payable 1000.00

scenario: a recruiter is not rewarded
d0 known alice role=recruiter
d1 event applied bob by alice -> bob not referred
""",
)
