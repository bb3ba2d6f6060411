"""Does the command line set of which sector a client is, where it serves and in which languages, and refuse what names nothing?"""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest

from goodword.core.served import SECTORS, Served, Unknown, is_place, read_served
from goodword.house.roles import Urls
from tests.commands.conftest import Type

QUOTES = (
    "program: quotes\nname: Quotes\ntype: direct\ncurrency: USD\n%s"
    'promises: [{to: advocate, on: first_order, give: {cash: "50.00"}}]\n'
)


def test_a_new_client_has_what_was_said_and_nothing_guessed(installation: Urls, goodword: Type) -> None:
    said = goodword("client", "add", "insured", "--name", "Insured", "--sector", "Insurance", "--places", "us-ny; us-tx",
                    "--languages", "EN es en", "--json")  # fmt: skip
    told = json.loads(said.out)
    assert (told["sector"], told["places"], told["languages"]) == ("insurance", ["US-NY", "US-TX"], ["en", "es"])
    goodword("client", "add", "silent", "--name", "Silent")
    rows = {row["slug"]: row for row in json.loads(goodword("client", "list", "--json").out)}
    assert rows["insured"]["places"] == ["US-NY", "US-TX"]
    assert (rows["silent"]["sector"], rows["silent"]["places"], rows["silent"]["languages"]) == ("", [], [])
    assert "insurance  US-NY,US-TX  en,es" in goodword("client", "list").out


def test_what_is_given_is_set_the_rest_stays_and_it_is_on_record(installation: Urls, goodword: Type) -> None:
    goodword("client", "add", "moving", "--name", "Moving", "--places", "DE")
    said = goodword("client", "set", "moving", "--sector", "other", "--languages", "de,en")
    assert (said.code, said.out) == (0, "moving: sector other; places DE; languages de, en\n")
    assert "(as before)" in goodword("client", "set", "moving", "--sector", "other").out
    emptied = goodword("client", "set", "moving", "--places", "", "--json")
    assert json.loads(emptied.out) == {
        "client": "moving",
        "changed": True,
        "sector": "other",
        "places": [],
        "languages": ["de", "en"],
    }
    with psycopg.connect(installation.owner) as conn:
        deeds = conn.execute(
            "SELECT count(*) FROM action a JOIN client c ON c.id = a.client_id WHERE c.slug = 'moving' AND a.verb = 'client.edit'"
        ).fetchone()
    assert deeds == (2,), "one line for each change, none for what was so before"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--sector", "crypto"), ("'crypto' is no sector whose rules are known.", "There are: insurance")),
        (("--places", "UK,Narnia"), ("'UK' is no country or state.", "'NARNIA' is no", "For UK write GB.")),
        (("--places", "US-XX"), ("'US-XX' is no country or state.", "DE,AT,US-NY")),
        (("--languages", "english"), ("'english' is no language.", "two letters: en,de")),
        (("--languages", "cz"), ("For cz write cs.",)),
        ((), ("Nothing is to be set.", "Give --sector")),
    ],
)
def test_what_names_nothing_is_refused_with_what_was_meant(
    installation: Urls, goodword: Type, words: tuple[str, ...], says: tuple[str, ...]
) -> None:
    goodword("client", "add", "kept", "--name", "Kept", "--sector", "health", "--places", "FR")
    refused = goodword("client", "set", "kept", *words)
    assert refused.code == 2
    for text in says:
        assert text in refused.err
    if words:
        again = goodword("client", "add", "unmade", "--name", "Unmade", *words)
        assert again.code == 2 and says[0] in again.err and "unmade" not in goodword("client", "list").out
    row = next(one for one in json.loads(goodword("client", "list", "--json").out) if one["slug"] == "kept")
    assert (row["sector"], row["places"], row["languages"]) == ("health", ["FR"], []), "nothing half done"


def test_a_silent_document_goes_by_its_client(installation: Urls, goodword: Type, tmp_path: Path) -> None:
    goodword(
        "client",
        "add",
        "states",
        "--name",
        "States",
        "--sector",
        "insurance",
        "--places",
        "US-NY,US-TX",
        "--languages",
        "en",
    )
    goodword("client", "add", "blank", "--name", "Blank")
    file = tmp_path / "quotes.yaml"
    file.write_text(QUOTES % "")
    said = goodword("check", "--program", str(file), "--client", "states")
    assert said.code == 1 and "The reward for a referral depends on the sale of insurance." in said.out
    assert "Nobody said" not in said.out
    for words in (("--client", "blank"), ()):
        unknown = goodword("check", "--program", str(file), *words)
        assert unknown.code == 0, "what is not known blocks nothing"
        assert (
            unknown.out.count("Nobody said") == 3 and "Set the client's sector under Clients > Settings" in unknown.out
        )
    file.write_text(QUOTES % "sector: other\nplaces: [US-CA]\nlanguages: [en]\n")
    own = goodword("check", "--program", str(file), "--client", "states")
    assert own.code == 0 and "insurance" not in own.out and "Nobody said" not in own.out


def test_codes_are_read_as_people_write_them() -> None:
    assert read_served(" Health ", "de,AT ;us-ny", "DE\nfr") == Served("health", ("DE", "AT", "US-NY"), ("de", "fr"))
    assert read_served("", "", "") == Served()
    assert read_served("x", "EL", "q1") == [
        Unknown("sector", "x", ""),
        Unknown("places", "EL", "GR"),
        Unknown("languages", "q1", ""),
    ]
    assert [is_place(one) for one in ("CA-QC", "US-DC", "US-", "DE-", "US-NY-X", "de")] == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]
    assert "other" in SECTORS and "insurance" in SECTORS
