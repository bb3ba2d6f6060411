"""Is a program's next version written safely: one place at a time, each saved at once, nothing half done, nobody overwritten?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.conftest import As

EDIT = "/c/acme/programs/friends/edit"
TIERS = [
    {"from": "1", "give": "cash-0", "give.cash-0.value": "10"},
    {"from": "3", "give": "cash-0", "give.cash-0.value": "15"},
]


@pytest.fixture(autouse=True)
def fresh(world: Any) -> Iterator[None]:
    """Each test begins without a working copy."""
    import psycopg

    yield
    with psycopg.connect(world.urls.owner, autocommit=True) as owner:
        owner.execute("DELETE FROM working_copy")
        owner.execute("DELETE FROM working_copy_open")
        owner.execute("DELETE FROM program_comment")


def page(browser: Any, query: str = "") -> str:
    answer = browser.get(EDIT + query)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return str(answer.content.decode())


def put(browser: Any, place: str, revision: int, **more: str) -> Any:
    return browser.post(EDIT, {"place": place, "revision": str(revision), **more})


def gift(amount: str, n: int = 0, kind: str = "cash-0") -> dict[str, str]:
    return {f"promises[{n}].give": kind, f"promises[{n}].give.{kind}.value": amount}


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html)).replace("\u00a0", " ")


def document(browser: Any) -> Any:
    """What stands in the working copy."""
    from html import unescape

    import yaml

    text = browser.get(EDIT + "/document").content.decode()
    found = re.search(r'name="text"[^>]*>(.*?)</textarea>', text, re.S)
    assert found is not None
    return yaml.safe_load(unescape(found[1]))


def judged() -> None:
    from goodword.actions import judging

    assert all(one.is_over.wait(60) for one in judging._known.values())


def test_the_rule_is_a_sentence_whose_values_are_links(as_: As) -> None:
    shown = page(as_("carl"))
    assert "v<bdi>2</bdi> draft" in shown and "nothing changed yet" in shown
    assert "when the friend makes a first order of at least 50.00 EUR within 30 days of joining." in plain(shown)
    for place in ("milestones.first_order.min", "promises[0].give", "promises[0].hold", "budget.amount", "friends.new"):
        assert f'data-place="{place}"' in shown


def test_who_may_only_read_sees_no_form_and_no_link(as_: As) -> None:
    shown = page(as_("vera"), "?at=budget.amount")
    assert "data-place" not in shown and "Publish" not in shown and "Say something" in shown
    assert put(as_("vera"), "budget.amount", 0, **{"budget.amount": "1"}).status_code == 404
    assert as_("dev").post(EDIT + "/say", {"words": "hello"}).status_code == 403


def test_a_value_is_read_leniently_saved_at_once_and_echoed(as_: As) -> None:
    carl = as_("carl")
    assert 'name="budget.amount" value="5000.00"' in page(carl, "?at=budget.amount")
    answer = put(carl, "budget.amount", 0, **{"budget.amount": "7.500 €"})
    assert answer.status_code == 303 and answer["Location"] == f"{EDIT}#at-budget-amount"
    shown = page(carl)
    assert "7,500.00\u00a0EUR" in shown and "saved <bdi>" in shown and "by <bdi>Carl</bdi>" in shown
    answer = put(carl, "promises[0].hold", 1, **{"promises[0].hold": "3 weeks"})
    assert answer.status_code == 303
    assert "payable 21 days after its step" in plain(page(carl))


def test_a_wrong_value_keeps_what_was_typed_and_says_how_to_repair_it(as_: As) -> None:
    carl = as_("carl")
    answer = put(carl, "milestones.first_order.within", 0, **{"milestones.first_order.within": "a fortnight"})
    shown = answer.content.decode()
    assert answer.status_code == 422 and "<title>Error:" in shown
    assert 'value="a fortnight"' in shown and "is not a span" in shown and "30d of joined" in shown
    assert 'class="token wrong"' in shown
    assert "nothing changed yet" in page(carl)


def test_days_are_read_as_people_write_them_and_their_order_is_kept(as_: As) -> None:
    carl = as_("carl")
    assert put(carl, "runs.last_touch", 0, **{"runs.last_touch": "31.12.2027"}).status_code == 303
    assert "31 December 2027" in plain(page(carl))
    answer = put(carl, "runs.last_milestone", 1, **{"runs.last_milestone": "3 Nov 2027"})
    assert answer.status_code == 422 and "Lies before last_touch" in answer.content.decode()
    assert put(carl, "runs.from", 1, **{"runs.from": "soon"}).status_code == 422


def test_notice_needs_an_end_and_is_told_in_the_rule(as_: As) -> None:
    carl = as_("carl")
    answer = put(carl, "runs.notice", 0, **{"runs.notice": "14d"})
    assert answer.status_code == 422 and "Says nothing without an end" in answer.content.decode()
    assert put(carl, "runs.last_milestone", 0, **{"runs.last_milestone": "31.12.2027"}).status_code == 303
    assert put(carl, "runs.notice", 1, **{"runs.notice": "14d"}).status_code == 303
    assert "is told 14 days before that day ends" in plain(page(carl))


def test_the_second_of_two_is_refused_with_both_values_and_may_take_over(as_: As) -> None:
    carl, olga = as_("carl"), as_("olga")
    page(carl), page(olga)
    assert "<bdi>Carl</bdi> is here" in page(olga)
    assert put(carl, "promises[0].give", 0, **gift("12.00")).status_code == 303
    answer = put(olga, "promises[0].give", 0, **gift("15.00"))
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "<bdi>Carl</bdi> was faster" in shown and "12.00\u00a0EUR" in shown and 'value="15.00"' in shown
    assert "Take mine" in shown and 'name="revision" value="1"' in shown
    assert "gets 12.00 EUR" in plain(page(olga)), "nothing of hers was saved"
    assert put(olga, "promises[0].give", 1, **gift("15.00")).status_code == 303
    assert "gets 15.00 EUR" in plain(page(carl))


def test_a_gift_is_asked_for_by_its_kind_and_refused_in_its_words(as_: As) -> None:
    carl = as_("carl")
    shown = page(carl, "?at=promises[0].give")
    assert 'value="cash-0" selected' in shown and 'value="voucher-1"' in shown
    typed = {"promises[0].give": "percent-1", "promises[0].give.percent-1.percent": "12,5 %"}
    typed["promises[0].give.percent-1.max"] = "30 EUR"
    assert put(carl, "promises[0].give", 0, **typed).status_code == 303
    assert "12.5 % of the order, at most 30.00 EUR" in plain(page(carl))
    answer = put(carl, "promises[0].give", 1, **gift("-3"))
    assert answer.status_code == 422 and 'value="-3"' in answer.content.decode()


def test_a_promise_is_added_and_taken_out(as_: As) -> None:
    carl = as_("carl")
    typed = {"promises[2].to": "advocate", "promises[2].on": "joined", **gift("2", 2)}
    answer = put(carl, "promises[2]", 0, **typed)
    assert answer.status_code == 303, answer.content.decode()[:3000]
    assert "The referrer gets 2.00 EUR when the friend joins." in plain(page(carl))
    assert put(carl, "promises[2]", 1, gone="yes").status_code == 303
    assert "2.00 EUR" not in plain(page(carl))


def test_limits_are_rows(as_: As) -> None:
    carl = as_("carl")
    typed = {"promises[0].limit[0].grants": "10 a year", "promises[0].limit[0].over": "person",
             "promises[0].limit[1].amount": "100 EUR monthly", "promises[0].limit[2].grants": ""}  # fmt: skip
    answer = put(carl, "promises[0].limit", 0, **typed)
    assert answer.status_code == 303, plain(answer.content.decode())[:1500]
    assert "At most 10 rewards a calendar year, for each person." in plain(page(carl))
    assert "At most 100.00 EUR in rewards a calendar month, for each person." in plain(page(carl))
    typed = {"promises[0].limit[0].grants": "10 per year", "promises[0].limit[1].amount": "100.00 per month"}
    answer = put(carl, "promises[0].limit", 1, row="gone promises[0].limit 0", **typed)
    assert answer.status_code == 200 and "Not saved yet." in answer.content.decode()
    assert "At most 10 rewards a calendar year" in plain(page(carl)), "rows come and go without anything being saved"
    shown = answer.content.decode()
    assert 'name="promises[0].limit[0].amount" value="100.00 per month"' in shown
    assert "promises[0].limit[1]" not in shown
    typed = {"promises[0].limit[0].amount": "100.00 per month"}
    assert put(carl, "promises[0].limit", 1, **typed).status_code == 303
    assert "at most 10 per year" not in plain(page(carl))


def test_tiers_are_a_small_table(as_: As) -> None:
    carl = as_("carl")
    when = "promises[0].when"
    rows = {f"{when}.tiers[{n}].from": str(at) for n, at in enumerate((1, 3))}
    for n, amount in enumerate(("10", "15,00")):
        rows[f"{when}.tiers[{n}].give"] = "cash-0"
        rows[f"{when}.tiers[{n}].give.cash-0.value"] = amount
    put(carl, "promises[0]", 0, gone="yes")
    typed = {"promises[1].to": "advocate", "promises[1].on": "first_order", "promises[1].hold": "14d"}
    answer = put(
        carl, "promises[1]", 1, **typed, **{k.replace("promises[0]", "promises[1]"): v for k, v in rows.items()}
    )
    assert answer.status_code == 303, plain(answer.content.decode())[:2500]
    shown = page(carl)
    assert "Tiers for the referrer" in shown and "15.00\u00a0EUR" in shown


def test_rows_are_added_moved_and_taken_out_by_buttons_that_save_nothing(as_: As) -> None:
    carl, when = as_("carl"), "promises[0].when"
    typed = {f"{when}.tiers[{n}].{key}": value for n, row in enumerate(TIERS) for key, value in row.items()}
    for wish, at in (("up promises[0].when.tiers 1", ["3", "1"]), ("down promises[0].when.tiers 0", ["3", "1"]),
                     ("gone promises[0].when.tiers 0", ["3"]), ("add promises[0].when.tiers", ["1", "3", ""])):  # fmt: skip
        answer = put(carl, when, 0, row=wish, **typed)
        shown = answer.content.decode()
        assert answer.status_code == 200, wish
        assert re.findall(r'name="promises\[0\]\.when\.tiers\[\d\]\.from" value="([^"]*)"', shown) == at, wish
    assert re.search(r'value="up promises\[0\]\.when\.tiers 1"[^>]*>↑', shown), "each row has its buttons"
    asked = put(carl, when, 0, row="up promises[0].when.tiers 1", **typed).content.decode()
    assert re.search(r'value="down promises\[0\]\.when\.tiers 0"[^>]*autofocus', asked), (
        "one goes on at the row that moved"
    )
    assert "nothing changed yet" in page(carl)


def test_a_gift_may_hang_on_conditions_in_a_table(as_: As) -> None:
    carl, give = as_("carl"), "promises[0].give"
    offered = put(carl, give, 0, row=f"fit {give}", **{give: "table"}).content.decode()
    assert f'name="{give}[0].if[0].what"' in offered and f'name="{give}[1]"' in offered
    assert f'name="{give}[1].cash-0.value" value="10.00"' in offered, (
        "what stood there is the line for every other case"
    )
    typed = {give: "table", f"{give}[0].if[0].what": "order.net >=", f"{give}[0].if[0].value": "200 €",
             f"{give}[0]": "cash-0", f"{give}[0].cash-0.value": "25", f"{give}[1]": "cash-0",
             f"{give}[1].cash-0.value": "10", f"{give}[2].row": "1"}  # fmt: skip
    wrong = put(carl, give, 0, **typed | {f"{give}[0].if[0].value": "a lot", f"{give}[1].cash-0.value": "-1"})
    shown = wrong.content.decode()
    assert wrong.status_code == 422 and 'value="a lot"' in shown and 'value="-1"' in shown
    assert "This field holds an amount, and that is none." in shown.split(f'name="{give}[0].if[0].value"')[1][:900]
    assert put(carl, give, 0, **typed).status_code == 303
    assert document(carl)["promises"][0]["give"] == [
        {"if": ["order.net >= 200.00"], "cash": "25.00"},
        {"cash": "10.00"},
    ]
    without = {key: value for key, value in typed.items() if ".if" not in key}
    refused = put(carl, give, 1, **without)
    assert refused.status_code == 422 and "no line below could ever be given" in refused.content.decode()


def test_several_gifts_are_chosen_from_or_drawn_by_weight(as_: As) -> None:
    carl, give = as_("carl"), "promises[0].give"
    rows = {f"{give}.chance[0]": "cash-0", f"{give}.chance[0].cash-0.value": "5", f"{give}.chance[0].weight": "3",
            f"{give}.chance[1]": "voucher-0", f"{give}.chance[1].voucher-0.value": "20,00"}  # fmt: skip
    assert put(carl, give, 0, **{give: "chance"}, **rows).status_code == 303
    assert document(carl)["promises"][0]["give"] == {"chance": [{"cash": "5.00", "weight": 3}, {"voucher": "20.00"}]}
    shown = page(carl, f"?at={give}")
    assert f'name="{give}.chance[0].weight" value="3"' in shown and '<textarea id="at-promises' not in shown
    refused = put(carl, give, 1, **{give: "chance"}, **rows | {f"{give}.chance[0].weight": "often"})
    assert refused.status_code == 422 and 'value="often"' in refused.content.decode()
    choice = {key.replace("chance", "choice"): value for key, value in rows.items() if "weight" not in key}
    assert put(carl, give, 1, **{give: "choice"}, **choice).status_code == 303
    assert document(carl)["promises"][0]["give"] == {"choice": [{"cash": "5.00"}, {"voucher": "20.00"}]}


def test_bands_are_a_table_with_their_rates_on_the_whole_or_by_slice(as_: As) -> None:
    carl, give = as_("carl"), "promises[0].give"
    bands = f"{give}.commission-2.bands"
    typed = {give: "commission-2", f"{bands}[0].to": "25.000 €", f"{bands}[0].percent": "10 %",
             f"{bands}[1].percent": "12,5", f"{give}.commission-2.on": "slice", f"{give}.commission-2.max": "500"}  # fmt: skip
    wrong = put(carl, give, 0, **typed | {f"{bands}[0].percent": "ten"})
    shown = wrong.content.decode()
    assert wrong.status_code == 422 and "Write a number, such as" in shown.split(f'name="{bands}[0].percent"')[1][:500]
    assert put(carl, give, 0, **typed).status_code == 303
    assert document(carl)["promises"][0]["give"]["commission"] == {
        "bands": [{"to": "25000.00", "percent": "10"}, {"percent": "12.5"}], "on": "slice", "max": "500.00",
    }  # fmt: skip
    shown = page(carl, f"?at={give}")
    assert f'name="{bands}[1].percent" value="12.5"' in shown and "<bdi>25000.00</bdi>" in shown
    falling = put(carl, give, 1, **typed | {f"{bands}[1].to": "10", f"{bands}[2].percent": "1"})
    assert falling.status_code == 422 and "bands must rise" in falling.content.decode()


def test_an_objective_has_its_figures_as_fields(as_: As) -> None:
    carl = as_("carl")
    typed = {"objective.why": "More friends", "objective.target.new_customers": "1.200",
             "objective.target.cost": "15.000 €"}  # fmt: skip
    assert put(carl, "objective", 0, **typed).status_code == 303
    assert document(carl)["objective"] == {
        "why": "More friends", "target": {"new_customers": 1200, "cost": "15000.00"},
    }  # fmt: skip
    assert "1,200" in page(carl).split('id="horizon"')[1].split("</section>")[0]


def test_only_conditions_that_the_type_allows_are_offered(as_: As) -> None:
    shown = page(as_("carl"), "?at=friends")
    assert "friend.status ==" in shown and "order.net &gt;=" in shown
    assert "event.country in" in shown and "event.country &gt;=" not in shown, "texts have no order"
    typed = {"friends.new": "anyone", "friends.if[0].what": "event.country in", "friends.if[0].value": "DE, AT",
             "friends.at.join": "yes"}  # fmt: skip
    carl = as_("carl")
    answer = put(carl, "friends", 0, **typed)
    assert answer.status_code == 303, plain(answer.content.decode())[:2500]
    assert "one of" in plain(page(carl))
    typed["friends.if[0].what"] = "order.net >="
    typed["friends.if[0].value"] = "many"
    assert put(carl, "friends", 1, **typed).status_code == 422


def test_nothing_is_written_while_somebody_types(as_: As) -> None:
    carl = as_("carl")
    answer = carl.post(EDIT + "/look", {"place": "promises[0].give", **gift("12,5")})
    assert "Reads as: " in answer.content.decode() and "12.50" in answer.content.decode()
    assert "At the pace of the last 90 days" in plain(answer.content.decode())
    assert "nothing changed yet" in page(carl)


def test_a_case_is_decided_by_the_draft_with_its_reason(as_: As) -> None:
    carl = as_("carl")
    shown = plain(page(carl, "?try=1&amount=38.20&on=3 Nov 2026"))
    assert "11.80 EUR short" in shown
    assert "Waiting until" in plain(page(carl, "?try=1&amount=54&on=3 Nov 2026"))
    put(carl, "milestones.first_order.min", 0, **{"milestones.first_order.min": "30"})
    assert "Waiting until" in plain(page(carl, "?try=1&amount=38.20&on=3 Nov 2026"))
    assert "no day" in page(carl, "?try=1&amount=38.20&on=soon")


def test_every_view_of_the_preview_says_the_same_amounts(as_: As) -> None:
    carl = as_("carl")
    put(carl, "promises[0].give", 0, **gift("12.34"))
    for view in ("phone", "mail", "terms"):
        assert "12.34" in page(carl, f"?view={view}").split('id="preview"')[1].split("</article>")[0]


def test_terms_are_shown_in_every_language_that_has_texts(as_: As) -> None:
    from goodword.core.wording import LANGUAGES

    texts = {page(as_("carl"), f"?view=terms&lang={one}").split("promise-terms")[1] for one in LANGUAGES}
    assert len(texts) == len(LANGUAGES) >= 5
    assert 'dir="rtl"' in page(as_("carl"), "?view=terms&lang=ar")


def test_words_and_tasks_are_sealed_and_read_by_the_client(as_: As, world: Any) -> None:
    import psycopg

    vera, carl = as_("vera"), as_("carl")
    vera.post(EDIT + "/say", {"words": "Please less for Bob Builder", "task": "yes"})
    shown = page(carl)
    assert "Please less for Bob Builder" in shown and "to do" in shown
    with psycopg.connect(world.urls.owner) as owner:
        (sealed,) = owner.execute("SELECT words_sealed FROM program_comment").fetchone() or (b"",)
    assert b"Builder" not in bytes(sealed)
    id_ = re.search(r'name="id" value="([0-9a-f]{32})"', shown)
    assert id_ is not None
    carl.post(EDIT + "/done", {"id": id_[1], "done": "yes"})
    assert "Open it again" in page(vera)
    assert "Nobody said anything" in as_("olga").get("/c/globex/programs/friends/edit").content.decode()


def test_the_document_is_replaced_only_by_one_that_can_be_read(as_: As) -> None:
    carl = as_("carl")
    text = carl.get(EDIT + "/document").content.decode()
    assert "program: friends" in text
    body = re.search(r'name="text"[^>]*>\s*(.*?)</textarea>', text, re.S)
    assert body is not None
    from html import unescape

    document = unescape(body[1])
    wrong = carl.post(EDIT + "/document", {"revision": "0", "text": document + "\nsurprise: 1\n"})
    assert wrong.status_code == 422 and "surprise" in wrong.content.decode() and "Line <bdi>" in wrong.content.decode()
    right = carl.post(EDIT + "/document", {"revision": "0", "text": document.replace("5000.00", "6000.00")})
    assert right.status_code == 303 and "6,000.00\u00a0EUR" in page(carl)
    late = carl.post(EDIT + "/document", {"revision": "0", "text": document})
    assert late.status_code == 409 and "was faster" in late.content.decode()


def test_a_draft_is_given_up_by_who_read_its_last_revision(as_: As) -> None:
    carl = as_("carl")
    put(carl, "budget.amount", 0, **{"budget.amount": "9000"})
    carl.post(EDIT + "/discard", {"revision": "0"})
    assert "9,000.00" in page(carl)
    assert carl.post(EDIT + "/discard", {"revision": "1"}).status_code == 303
    assert "nothing changed yet" in page(carl)


def test_every_place_of_the_language_has_a_form(as_: As) -> None:
    from goodword.web.desk.programs.editor import forms, places

    def walk(spec: Any, place: str) -> Iterator[str]:
        if place:
            yield place
        for one in spec.fields if spec.kind == "group" else ():
            yield from walk(one, f"{place}.{one.name}".lstrip("."))
        if spec.kind == "rows" or (spec.kind == "named" and spec.item is not None):
            yield from walk(spec.item, f"{place}[0]" if spec.kind == "rows" else f"{place}.one")

    asked = list(walk(places.whole(), ""))
    assert len(asked) > 80
    for place in asked:
        assert forms.form_at({}, place) is not None, place


def test_a_draft_becomes_a_version_that_can_be_published(as_: As) -> None:
    carl = as_("carl")
    put(carl, "promises[0].give", 0, **gift("10.50"))
    stale = carl.post(EDIT + "/keep", {"revision": "0"})
    assert stale["Location"].startswith(EDIT), "somebody saved since this page was made"
    assert carl.post(EDIT + "/test").status_code == 303
    judged()
    assert "amount changed" in page(carl)
    answer = carl.post(EDIT + "/keep", {"revision": "1"})
    assert answer.status_code == 303
    assert "/programs/friends/versions/2" in answer["Location"], answer["Location"]
    shown = carl.get(answer["Location"]).content.decode()
    assert "10.00 EUR" in shown.split('name="note"')[1].split("</textarea>")[0]
    assert "tested" in shown, "the test of the draft is the version's test"
    assert "v<bdi>3</bdi> draft" in page(carl) and "nothing changed yet" in page(carl)


def test_checks_name_what_law_and_sense_say_with_a_link_to_the_repair(as_: As) -> None:
    carl = as_("carl")
    put(carl, "friends.if", 0, **{"friends.if[0].what": "friend.status ==", "friends.if[0].value": "active"})
    shown = page(carl)
    assert "No objective is named" in shown
    checks = shown.split('id="checks"')[1].split("</section>")[0]
    assert 'data-place="objective"' in checks and "Put right" in checks
    typed = {"friends.new": "never_bought", "friends.if[0].what": "written", "friends.if[0].written": "friend.shoe_size >= 43",
             "friends.at.milestone": "yes"}  # fmt: skip
    revision = page(carl).split('name="revision" value="')[1].split('"')[0]
    assert put(carl, "friends", int(revision), **typed).status_code == 303
    assert "shoe_size" in page(carl).split('id="checks"')[1].split("</section>")[0], "no feed delivers it"


MARKETS = "markets.CH"
SWISS = {f"{MARKETS}.currency": "CHF", f"{MARKETS}.budget": "900.00", f"{MARKETS}.min[0].name": "first_order",
         f"{MARKETS}.min[0].value": "60.00", f"{MARKETS}.give[0].name": "referrer", f"{MARKETS}.give[0].value": "cash-0",
         f"{MARKETS}.give[0].value.cash-0.value": "12.00", f"{MARKETS}.give[1].name": "friend",
         f"{MARKETS}.give[1].value": "voucher-0", f"{MARKETS}.give[1].value.voucher-0.value": "12.00"}  # fmt: skip


def test_values_by_names_are_rows(as_: As) -> None:
    carl = as_("carl")
    shown = page(carl, f"?at={MARKETS}")
    assert f'name="{MARKETS}.min[0].name"' in shown and f'name="{MARKETS}.tiers[0].value[0].at"' in shown
    assert "<textarea" not in shown.split('name="place" value="markets.CH"')[1].split("</form>")[0]
    typed = SWISS | {f"{MARKETS}.min[1].name": "", f"{MARKETS}.min[1].value": ""}
    answer = put(carl, MARKETS, 0, **typed)
    assert answer.status_code == 303, plain(answer.content.decode())[:2500]
    swiss = document(carl)["markets"]["CH"]
    assert swiss["min"] == {"first_order": "60.00"}
    assert swiss["give"] == {"advocate": {"cash": "12.00"}, "friend": {"voucher": "12.00"}}
    shown = page(carl, f"?at={MARKETS}")
    assert f'name="{MARKETS}.min[0].name" value="first_order"' in shown and ">CH</b>" in shown
    assert f'name="{MARKETS}.give[0].name" value="referrer"' in shown and "{first_order" not in shown


def test_rows_of_names_come_and_go_without_scripts(as_: As) -> None:
    carl = as_("carl")
    added = put(carl, MARKETS, 0, **SWISS, row=f"add {MARKETS}.min").content.decode()
    assert "Not saved yet." in added and f'name="{MARKETS}.min[1].name"' in added and f'"{MARKETS}.give[1].value"' in added
    gone = put(carl, MARKETS, 0, **SWISS, row=f"gone {MARKETS}.give 0").content.decode()
    assert f'name="{MARKETS}.give[0].name" value="friend"' in gone and f'name="{MARKETS}.give[1].name"' not in gone


@pytest.mark.parametrize(
    ("more", "name", "why"),
    [
        ({"min[1].value": "5"}, "min[1].name", "A name is missing."),
        ({"min[1].name": "first_order", "min[1].value": "5"}, "min[1].name", "stands in a row above already"),
        ({"min[1].name": "joined"}, "min[1].value", "A value is missing."),
        ({"min[0].value": "much"}, "min[0].value", "much"),
        ({"min[0].name": "nosuch"}, "min[0].value", "Is not a milestone"),
    ],
)
def test_what_is_wrong_with_a_row_of_names_is_told_by_the_row(as_: As, more: dict[str, str], name: str, why: str) -> None:
    carl = as_("carl")
    answer = put(carl, MARKETS, 0, **SWISS | {f"{MARKETS}.{key}": value for key, value in more.items()})
    shown = answer.content.decode()
    assert answer.status_code == 422
    field = re.escape(f"{MARKETS}.{name}")
    told = re.search(rf'name="{field}"[^>]*aria-invalid="true".*?<span class="wrong"[^>]*>(.*?)</span>', shown)
    assert told and why in told[1], plain(shown)[:2500]
    assert "nothing changed yet" in page(carl)


def test_a_list_without_a_name_may_stand_alone(as_: As) -> None:
    carl = as_("carl")
    place = "milestones.first_order.without"
    assert put(carl, place, 0, **{f"{place}[0].name": "", f"{place}[0].value": "refund, dispute"}).status_code == 303
    assert document(carl)["milestones"]["first_order"]["without"] == ["refund", "dispute"]
    two = {f"{place}[0].value": "refund", f"{place}[1].name": "kind", f"{place}[1].value": "gift"}
    assert "A name is missing." in put(carl, place, 1, **two).content.decode()
    place = "stacking.programs"
    assert put(carl, place, 1, **{f"{place}[0].name": "winter", f"{place}[0].value": "best"}).status_code == 303
    assert document(carl)["stacking"] == {"programs": {"winter": "best"}}


def test_contracts_are_set_and_changed_by_their_token(as_: As) -> None:
    carl = as_("carl")
    assert 'data-place="contracts"' in page(carl)
    assert put(carl, "contracts", 0, **{"contracts.needed": "yes", "contracts.tail": ""}).status_code == 303
    assert document(carl)["contracts"] == {}
    shown = plain(page(carl))
    assert "Whoever refers accepts a contract first" in shown
    assert put(carl, "contracts", 1, **{"contracts.tail": "60 days"}).status_code == 303
    assert document(carl)["contracts"] == {"needed": False, "tail": "60d"}
    assert 'data-place="contracts.tail"' in page(carl)
    assert put(carl, "contracts", 2, gone="yes").status_code == 303
    assert "contracts" not in document(carl)
