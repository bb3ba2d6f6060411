"""Of which sector is a client, where does it serve, and in which languages? By this its laws and texts are looked up."""

from __future__ import annotations

import re
from typing import NamedTuple, get_args

import msgspec

from goodword.core.documents.program import Sector

SECTORS: tuple[str, ...] = get_args(Sector)
COUNTRIES = frozenset(  # ISO 3166-1, and Kosovo by the code that is used for it
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF"
    " CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH"
    " GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW"
    " KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG"
    " NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN"
    " SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE"
    " YT ZA ZM ZW".split()
)
STATES = frozenset(  # of the United States, by which the tables of the packs go; other countries' parts are taken as written
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC"
    " SD TN TX UT VT VA WA WV WI WY AS GU MP PR UM VI".split()
)
TONGUES = frozenset(  # ISO 639-1
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es et eu"
    " fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km"
    " kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om"
    " or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr"
    " ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu".split()
)
_MEANT = {  # what is often written, and what it is called
    "places": {"UK": "GB", "EL": "GR"},
    "languages": {
        "cz": "cs",
        "dk": "da",
        "jp": "ja",
        "cn": "zh",
        "gr": "el",
        "gb": "en",
        "us": "en",
        "at": "de",
        "ua": "uk",
    },
}
_PART = re.compile(r"[A-Z0-9]{1,3}\Z")


class Served(msgspec.Struct, frozen=True):
    """What is known of a client. Blank: nobody said so; nothing is guessed."""

    sector: str = ""
    places: tuple[str, ...] = ()  # countries, or states of one: DE, US, US-NY
    languages: tuple[str, ...] = ()  # in which its people are spoken to


class Unknown(NamedTuple):
    """What was written and names nothing: in which field, and what may have been meant."""

    field: str
    written: str
    meant: str


def read_served(sector: str, places: str, languages: str) -> Served | list[Unknown]:
    """What people write: codes with commas or spaces between them, in whatever case; or all that names nothing."""
    sector = sector.strip().lower()
    where = tuple(dict.fromkeys(one.upper() for one in _codes(places)))
    spoken = tuple(dict.fromkeys(one.lower() for one in _codes(languages)))
    wrong = [] if sector in ("", *SECTORS) else [Unknown("sector", sector, "")]
    wrong += [_unknown("places", one) for one in where if not is_place(one)]
    wrong += [_unknown("languages", one) for one in spoken if one not in TONGUES]
    return wrong or Served(sector, where, spoken)


def is_place(code: str) -> bool:
    """Whether it names a country, or a state of one."""
    country, _hyphen, part = code.partition("-")
    if country not in COUNTRIES:
        return False
    if "-" not in code:
        return True
    return part in STATES if country == "US" else _PART.match(part) is not None


def _codes(text: str) -> list[str]:
    return [one for one in re.split(r"[\s,;]+", text) if one]


def _unknown(field: str, code: str) -> Unknown:
    return Unknown(field, code, _MEANT[field].get(code, ""))
