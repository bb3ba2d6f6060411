"""Whom may a demo world be peopled with? Made-up people: given names, family names and towns by country."""

from __future__ import annotations

from typing import NamedTuple


class Land(NamedTuple):
    """Names and towns of a country, and how its phone numbers begin."""

    country: str
    calling: str
    given: tuple[str, ...]
    family: tuple[str, ...]
    towns: tuple[tuple[str, str], ...]  # (postcode, town)


GERMANY = Land(
    "DE",
    "+49 151",
    tuple(
        "Anna Ben Clara David Emilia Felix Greta Hannes Ida Jonas Katrin Lukas Mara Nils Olivia Paul Romy Stefan Tilda"
        " Uwe Vera Werner Yara Zoe Britta Carsten Dörte Emre Fatma Gül Hüseyin Ivana Jörg Käthe".split()
    ),
    tuple(
        "Albrecht Bauer Conrad Dietrich Ebert Fuchs Graf Hoffmann Imhof Jansen Krüger Lehmann Möller Neumann Otto Petersen"
        " Richter Schäfer Thiele Ullrich Vogel Weiß Yıldız Ziegler Brandt Öztürk Kowalski Sauer Lindner Kaya".split()
    ),
    (("10115", "Berlin"), ("20095", "Hamburg"), ("50667", "Köln"), ("80331", "München"), ("04109", "Leipzig")),
)
AUSTRIA = GERMANY._replace(
    country="AT", calling="+43 660", towns=(("1010", "Wien"), ("8010", "Graz"), ("5020", "Salzburg"))
)
FRANCE = Land(
    "FR",
    "+33 6 39",
    tuple("Amélie Baptiste Chloé Damien Élodie Florian Gaëlle Hugo Inès Julien Léa Mathis".split()),
    tuple("Arnaud Besson Chevalier Dumas Étienne Faure Girard Hubert Lacroix Moulin".split()),
    (("75011", "Paris"), ("69002", "Lyon"), ("67000", "Strasbourg")),
)
STATES = Land(
    "US",
    "+1 212 555",
    tuple(
        "Aaliyah Blake Carmen Dylan Elena Frank Grace Hector Imani Jack Kayla Luis Maya Noah Opal Pedro Quinn Rosa Sam Tessa"
        " Umar Violet Wyatt Ximena Yusuf Zelda Aiko Dwayne Fiona Gabriel".split()
    ),
    tuple(
        "Adams Brooks Carter Diaz Ellis Flores Greene Hughes Ingram Jenkins Kim Lopez Morris Nguyen Ortiz Patel Quintero Reed"
        " Santos Turner Underwood Vargas Washington Young Zimmerman O'Brien".split()
    ),
    (("10001", "New York"), ("11201", "Brooklyn"), ("07302", "Jersey City"), ("10451", "Bronx")),
)
BRITAIN = Land(
    "GB",
    "+44 7700 9",
    tuple(
        "Aisha Barnaby Cerys Duncan Eleanor Finlay Gwen Harriet Isla Jamal Kirsty Liam Morag Nigel Olive Priya Rhys Sian Tariq"
        " Una Violet Winston Zara Alistair Bronwen".split()
    ),
    tuple(
        "Ashworth Baker Campbell Davies Evans Fletcher Griffiths Hussain Irving Jones Kaur Lloyd MacLeod Naylor Osborne Price"
        " Quigley Rowntree Singh Thatcher Unwin Vaughan Whitaker Yates".split()
    ),
    (("EC1A 1BB", "London"), ("M1 1AE", "Manchester"), ("EH1 1YZ", "Edinburgh"), ("CF10 1EP", "Cardiff")),
)

# One of each that forms and tables have to bear: other scripts, right to left, and names as long as they get.
ARABIC = "ليلى عبد الرحمن الخطيب"
CHINESE = "欧阳雨欣"
LONG = "Maximiliane-Henriette Freifrau von Hohenstein-Schwarzenberg zu Löwenstein-Wertheim-Rosenberg"
LONG_GREEK = "Παπαδημητρακοπούλου-Χατζηκωνσταντίνου Αικατερίνη"
