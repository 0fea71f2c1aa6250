"""Definitions: what a text says itself that an acronym stands for."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.match.definitions import Definition, Meanings, define
from bot.model import Sense
from tests.match.strategies import any_text

EXPECTED, RIVAL, OTHER = Sense.CONFIRMED, Sense.CONTRADICTED, None
MEANINGS = Meanings(
    expected=[
        "Combined Space Operations", "opérations spatiales combinées", "Kombinierte Weltraumoperationen",
        "operaciones espaciales combinadas", "operazioni spaziali combinate", "連合宇宙作戦", "联合太空行动",
        "연합우주작전", "Совместные космические операции", "Συνδυασμένες Διαστημικές Επιχειρήσεις",
        "Połączone Operacje Kosmiczne", "संयुक्त अंतरिक्ष अभियान", "عمليات الفضاء المشتركة",
    ],
    rivals=["Certified Scrum Product Owner", "certified sustainable palm oil", "認定スクラムプロダクトオーナー"],
)  # fmt: skip


def definitions(text: str, acronym: str = "CSpO", meanings: Meanings = MEANINGS) -> list[Definition]:
    """Return the definitions around every place of an acronym, however it is written."""
    places = re.finditer(rf"{acronym}s?", text, re.IGNORECASE)
    found = [define(meanings, "body", text, *place.span(), unknown=True) for place in places]
    return [one for one in found if one is not None]


GIVEN = [
    # both orders, brackets of every kind
    ("the Combined Space Operations (CSpO) initiative", EXPECTED, "Combined Space Operations"),
    ("the CSpO (Combined Space Operations) initiative", EXPECTED, "Combined Space Operations"),
    ("Combined Space Operations [CSpO]", EXPECTED, "Combined Space Operations"),
    ("CSpO [Combined Space Operations]", EXPECTED, "Combined Space Operations"),
    ("Combined Space Operations（CSpO）", EXPECTED, "Combined Space Operations"),
    ("Combined Space Operations(CSpO)", EXPECTED, "Combined Space Operations"),
    # other spellings of the acronym
    ("Combined Space Operations (CSPO)", EXPECTED, "Combined Space Operations"),
    ("COMBINED SPACE OPERATIONS (CSPO)", EXPECTED, "COMBINED SPACE OPERATIONS"),
    ("Combined Space Operations cells (CSpOs)", EXPECTED, "Combined Space Operations"),
    ("the CSpO’s (Combined Space Operations) meeting", EXPECTED, "Combined Space Operations"),
    ("Combined Space Operations (“CSpO”)", EXPECTED, "Combined Space Operations"),
    ("Combined Space Operations ('CSpO')", EXPECTED, "Combined Space Operations"),
    ("les « Combined Space Operations » (« CSpO »)", EXPECTED, "Combined Space Operations"),
    # other spellings of the long form
    ("“Combined Space Operations” (CSpO)", EXPECTED, "Combined Space Operations"),
    ("Combined-Space Operations (CSpO)", EXPECTED, "Combined-Space Operations"),
    ("Combined\nSpace\u00a0 Operations\n(CSpO)", EXPECTED, "Combined Space Operations"),
    ("Com\u00adbined Space Op\u00aderations (CSpO)", EXPECTED, "Com\u00adbined Space Op\u00aderations"),
    ("a Combined Space Operation (CSpO)", EXPECTED, "Combined Space Operation"),
    # other words within and around it
    ("the Combined Space Operations initiative (CSpO)", EXPECTED, "Combined Space Operations"),
    ("Combined Allied Space and Cyber Operations (CSpO)", EXPECTED, "Combined Allied Space and Cyber Operations"),
    ("Combined (allied) Space Operations (CSpO)", EXPECTED, "Combined (allied) Space Operations"),
    ("the CSpO initiative (Combined Space Operations, 2014)", EXPECTED, "Combined Space Operations"),
    ("CSpO (the partners’ Combined Space Operations)", EXPECTED, "Combined Space Operations"),
    ("Combined Space Operations Center (CSpOC)", EXPECTED, "Combined Space Operations"),
    # more than the acronym in the brackets
    ("Combined Space Operations (the CSpO)", EXPECTED, "Combined Space Operations"),
    ("Combined Space Operations (CSpO, founded in 2014)", EXPECTED, "Combined Space Operations"),
    ("the alliance (Combined Space Operations, CSpO)", EXPECTED, "Combined Space Operations"),
    ("the alliance (CSpO, for Combined Space Operations)", EXPECTED, "Combined Space Operations"),
    ("the alliance (Combined Space Operations – CSpO)", EXPECTED, "Combined Space Operations"),
    ("Combined Space Operations (or, in English, CSpO)", EXPECTED, "Combined Space Operations"),
    ("They met! (Combined Space Operations, CSpO)", EXPECTED, "Combined Space Operations"),
    # brackets in brackets
    ("(the Combined Space Operations (CSpO))", EXPECTED, "Combined Space Operations"),
    ("((Combined Space Operations) (CSpO))", EXPECTED, "Combined Space Operations"),
    ("Combined Space Operations [2014] (CSpO)", EXPECTED, "Combined Space Operations"),
    ("CSpO (Combined Space Operations (Ottawa))", EXPECTED, "Combined Space Operations"),
    # in words
    ("Combined Space Operations, known as CSpO, met", EXPECTED, "Combined Space Operations"),
    ("Combined Space Operations, also known as the “CSpO”", EXPECTED, "Combined Space Operations"),
    ("Combined Space Operations, or CSpO, met", EXPECTED, "Combined Space Operations"),
    ("the CSpO, short for Combined Space Operations,", EXPECTED, "Combined Space Operations"),
    ("CSpO stands for Combined Space Operations", EXPECTED, "Combined Space Operations"),
    ("CSpO (which stands for Combined Space Operations)", EXPECTED, "Combined Space Operations"),
    # languages
    ("les opérations spatiales combinées (CSpO) ont", EXPECTED, "opérations spatiales combinées"),
    ("l’opération spatiale combinée (en anglais, CSpO)", EXPECTED, "opération spatiale combinée"),
    ("CSpO, sigle de « Combined Space Operations »", EXPECTED, "Combined Space Operations"),
    ("die Kombinierte Weltraumoperationen (kurz: CSpO)", EXPECTED, "Kombinierte Weltraumoperationen"),
    ("CSpO steht für Combined Space Operations.", EXPECTED, "Combined Space Operations"),
    ("Combined Space Operations, kurz CSpO, tagte", EXPECTED, "Combined Space Operations"),
    ("las operaciones espaciales combinadas (CSpO, por sus siglas en inglés)", EXPECTED, "operaciones espaciales combinadas"),
    ("CSpO significa operaciones espaciales combinadas", EXPECTED, "operaciones espaciales combinadas"),
    ("le operazioni spaziali combinate (CSpO)", EXPECTED, "operazioni spaziali combinate"),
    ("Połączone Operacje Kosmiczne (CSpO)", EXPECTED, "Połączone Operacje Kosmiczne"),
    ("連合宇宙作戦（CSpO）イニシアチブ", EXPECTED, "連合宇宙作戦"),
    ("連合宇宙作戦イニシアチブ（以下「CSpO」という。）に", EXPECTED, "連合宇宙作戦"),
    ("CSpO（連合宇宙作戦）に参加", EXPECTED, "連合宇宙作戦"),
    ("CSpO「連合宇宙作戦」", EXPECTED, "連合宇宙作戦"),
    ("日本は連合宇宙作戦（ＣＳｐＯ）に", EXPECTED, "連合宇宙作戦"),
    ("多国間枠組み（連合宇宙作戦、CSpO）", EXPECTED, "連合宇宙作戦"),
    ("联合太空行动（英文缩写：CSpO）", EXPECTED, "联合太空行动"),
    ("연합우주작전(CSpO)에 참여", EXPECTED, "연합우주작전"),
    ("Совместные космические операции (CSpO)", EXPECTED, "Совместные космические операции"),
    ("CSpO расшифровывается как «Совместные космические операции»", EXPECTED, "Совместные космические операции"),
    ("οι Συνδυασμένες Διαστημικές Επιχειρήσεις (CSpO)", EXPECTED, "Συνδυασμένες Διαστημικές Επιχειρήσεις"),
    ("संयुक्त अंतरिक्ष अभियान (CSpO) की बैठक", EXPECTED, "संयुक्त अंतरिक्ष अभियान"),
    ("عمليات الفضاء المشتركة (CSpO)", EXPECTED, "عمليات الفضاء المشتركة"),
    # the other meanings
    ("CSPO (Certified Scrum Product Owner®)", RIVAL, "Certified Scrum Product Owner"),
    ("Certified Scrum Product Owner® (CSPO) training", RIVAL, "Certified Scrum Product Owner"),
    ("Certified Scrum Product Owners (CSPOs)", RIVAL, "Certified Scrum Product Owners"),
    ("certified sustainable palm oil (CSPO)", RIVAL, "certified sustainable palm oil"),
    ("certified, sustainable and traceable palm oil (CSPO)", RIVAL, "certified, sustainable and traceable palm oil"),
    ("認定スクラムプロダクトオーナー（CSPO）研修", RIVAL, "認定スクラムプロダクトオーナー"),
    ("Chief Sustainability and Purpose Officer (CSPO)", OTHER, "Chief Sustainability and Purpose Officer"),
    ("she is its Chief Sustainability and Purpose Officer (CSPO)", OTHER, "Chief Sustainability and Purpose Officer"),
    ("CSPO (Chief Sustainability and Purpose Officer), Paris", OTHER, "Chief Sustainability and Purpose Officer"),
    ("CSPO stands for Chief Sustainability and Purpose Officer here", OTHER, "Chief Sustainability and Purpose Officer"),
    ("they all ask the Chief Sustainability Purpose Officer, also called CSPO", OTHER, "Chief Sustainability Purpose Officer"),
    ("Jane Doe (Chief Sustainability Purpose Officer, CSPO)", OTHER, "Chief Sustainability Purpose Officer"),
    ("Jane Doe (CSPO, Chief Sustainability Purpose Officer)", OTHER, "Chief Sustainability Purpose Officer"),
    ("Chief Sustainability Purpose Officer (CSPO, since 2020)", OTHER, "Chief Sustainability Purpose Officer"),
    ("U.S. Civil Space Procurement Office (CSPO)", OTHER, "Civil Space Procurement Office"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sense", "long_form"), GIVEN, ids=[row[0] for row in GIVEN])
def test_a_long_form_is_given(text: str, sense: Sense | None, long_form: str) -> None:
    """Beside its acronym, in brackets or in words, in either order."""
    (found,) = definitions(text, "(?:CSpOC?|ＣＳｐＯ)")
    assert (found.sense, found.long_form) == (sense, long_form)


NOT_GIVEN = [
    "CSpO (2024)",
    "CSpO (left)",
    "CSpO (left) and AsterX (right)",
    "CSpO (Ottawa, 5 December)",
    "CSpO (see page 4)",
    "CSpO () met",
    "get your (CSPO) training",
    "(CSPO)",
    "CSPO and CSpO",
    "companies say the new operators (CSPO)",
    "CSpO (CSpO partners only)",
    "Chief Sustainability and Purpose Officer (and CSPO)",
    "Chief Sustainability and Purpose Officer (CSPO group)",
    "(Chief Sustainability and Purpose Officer of CSPO)",
    "CSPO group (Chief Sustainability and Purpose Officer)",
    "a credit CSPO",
    # a sentence or a paragraph stands between
    "Combined Space Operations met. Later they wrote (CSpO)",
    "It began. Combined Space Operations met. Later they wrote (CSpO)",
    "Combined Space Operations met!\n(A meeting of CSpO)",
    "CSpO stands for peace. Combined Space Operations (2014)",
    "CSpO stands for peace (and nothing else). Combined Space Operations",
    "Combined Space Operations\n\n(CSpO)",
    "連合宇宙作戦が始まった。次は（CSpO）",
    # the words stand in another order, or not all of them do
    "Operations Space Combined (CSpO)",
    "Combined Operations (CSpO)",
    "uncombined Spacelike Operationsx (CSpO)",
    "CSpO（宇宙作戦）",
    # the bracket is of something else
    "Combined Space Operations (a long list of partners is to be found in the annex on CSpO)",
    "Combined Space Operations (all of it on CSpO)",
    f"連合宇宙作戦（{'多国間の枠組み' * 5}CSpO）",
    "CSpO met the three partners (Combined Space Operations)",
    # nothing is closed
    "Combined Space Operations (CSpO",
    "CSpO (Combined Space Operations",
]


@pytest.mark.parametrize("text", NOT_GIVEN)
def test_no_long_form_is_given(text: str) -> None:
    """Brackets hold much else, and words stand beside an acronym without defining it."""
    assert definitions(text) == []


def test_the_pair_is_covered_from_end_to_end() -> None:
    """With the closing bracket, whichever of the two comes first."""
    text = (
        "At the Combined Space Operations initiative (“CSpO”), a CSpO (Combined Space Operations, 2014) met"
    )
    covered = [text[found.start : found.end] for found in definitions(text)]
    assert covered == [
        "Combined Space Operations initiative (“CSpO”)",
        "CSpO (Combined Space Operations, 2014)",
    ]
    (found,) = definitions("The CSpO stands for Combined Space Operations.")
    assert (found.start, found.end) == (4, 45)
    (found,) = definitions("Ten Combined Space Operations, known as CSpO, met.")
    assert (found.start, found.end) == (4, 44)


def test_of_two_long_forms_the_nearest_counts() -> None:
    """What was defined before in the same sentence belongs to another acronym."""
    text = "Combined Space Operations (CSpO) is no Certified Scrum Product Owner (CSPO)."
    assert [found.sense for found in definitions(text)] == [EXPECTED, RIVAL]
    text = "CSPO (Certified Scrum Product Owner, not Combined Space Operations)"
    assert [found.sense for found in definitions(text)] == [RIVAL]


def test_of_several_stretches_the_right_meaning_counts_then_a_rival_one() -> None:
    """Before and behind the acronym, or outside and inside its brackets."""
    (found,) = definitions("Certified Scrum Product Owner (Combined Space Operations, CSpO)")
    assert found.sense is EXPECTED
    (found,) = definitions("Combined Space Operations (CSPO, Certified Scrum Product Owner)")
    assert found.sense is EXPECTED
    (found,) = definitions("Chief Space Product Officer (CSPO, Certified Scrum Product Owner)")
    assert found.sense is RIVAL
    (found,) = definitions("Certified Scrum Product Owner (CSPO, Chief Space Product Officer)")
    assert found.sense is RIVAL


def test_a_few_other_words_may_stand_around_a_long_form() -> None:
    eight, nine = ["word " * count for count in (8, 9)]
    for others in (f"Combined {eight}Space Operations", f"Combined Space Operations {eight}"):
        assert definitions(f"{others} (CSpO)")
    assert definitions(f"CSpO ({eight}Combined Space Operations)")
    for others in (f"Combined {nine}Space Operations", f"Combined Space Operations {nine}"):
        assert definitions(f"{others} (CSpO)") == []
    assert definitions(f"CSpO ({nine}Combined Space Operations)") == []


def test_of_two_long_forms_in_one_place_the_longest_counts() -> None:
    """A rival may hold all the words of the right one."""
    council = Meanings(expected=["National Security Council"], rivals=["Israeli National Security Council"])
    (found,) = definitions("the Israeli National Security Council (NSC)", "NSC", council)
    assert found.sense is RIVAL
    of_israel = Meanings(expected=["Security Council"], rivals=["Security Council of Israel"])
    (found,) = definitions("the SC (Security Council of Israel)", "SC", of_israel)
    assert found.sense is RIVAL
    (found,) = definitions("the National Security Council (NSC)", "NSC", council)
    assert found.sense is EXPECTED


OTHERS = [
    ("BND", "der Bundesnachrichtendienst (BND)", "Bundesnachrichtendienst"),
    ("DLR", "das Deutsche Zentrum für Luft- und Raumfahrt (DLR)", "Deutsche Zentrum für Luft- und Raumfahrt"),
    ("ONU", "l’Organisation des Nations unies (ONU)", "Organisation des Nations unies"),
    ("CNES", "le Centre national d’études spatiales (CNES)", "Centre national d’études spatiales"),
    ("ООН", "Организация Объединённых Наций (ООН)", "Организация Объединённых Наций"),
    ("JAXA", "the Japan Aerospace Exploration Agency (JAXA)", "Japan Aerospace Exploration Agency"),
    ("HTML", "HyperText Markup Language (HTML)", "HyperText Markup Language"),
    ("NATO", "NATO (North Atlantic Treaty Organization)", "North Atlantic Treaty Organization"),
    ("ESA", "ESA (European Space Agency, Paris)", "European Space Agency"),
    ("LMC", "Lockheed Martin Corp. (LMC)", "Lockheed Martin Corp"),
    ("GPS", "Global Positioning Systems (GPSs)", "Global Positioning Systems"),
    ("CSpO", "some Combined Space Outposts (CSpOs)", "Combined Space Outposts"),
    ("CSPO", "a chief space product officer (cspo)", "chief space product officer"),
    ("ESA", "ESA (the European Space Agency)", "European Space Agency"),
]


@pytest.mark.parametrize(("acronym", "text", "long_form"), OTHERS, ids=[row[0] for row in OTHERS])
def test_a_meaning_that_no_watch_knows_is_told_by_its_letters(
    acronym: str, text: str, long_form: str
) -> None:
    """Where most capitals of the acronym begin words of it, in order."""
    (found,) = definitions(text, acronym)
    assert (found.sense, found.long_form) == (None, long_form)


@pytest.mark.parametrize(
    ("acronym", "text"),
    [
        ("EU", "the EU (Europe)"),
        ("US", "ministers met in Uganda (US)"),
        ("EU", "the EU (and its unity)"),
        ("EU", "the European defence and security Union (EU)"),
        ("CSPO", "CSPO (Canada Sells Pears)"),
    ],
)
def test_letters_in_order_alone_are_no_meaning(acronym: str, text: str) -> None:
    assert definitions(text, acronym) == []


def test_an_unknown_meaning_is_told_only_where_it_is_asked_for() -> None:
    text = "Chief Sustainability and Purpose Officer (CSPO)"
    assert define(MEANINGS, "body", text, 42, 46, unknown=True) is not None
    assert define(MEANINGS, "body", text, 42, 46, unknown=False) is None


def test_without_known_meanings_letters_still_tell() -> None:
    nothing = Meanings(expected=["…"], rivals=[])
    assert not nothing
    (found,) = definitions("Combined Space Operations (CSpO)", meanings=nothing)
    assert found.sense is None


@pytest.mark.parametrize("far", ["x " * 200, "(" * 300, "）" * 300, "宇" * 300, "\n" * 300, "a.b " * 100])
def test_what_stands_far_away_is_not_read(far: str) -> None:
    """So that the time is linear in the places of an acronym, whatever stands between them."""
    assert definitions(f"Combined Space Operations {far}(CSpO)") == []
    assert definitions(f"CSpO ({far}Combined Space Operations)") == []


HOSTILE = [
    "(CSpO",
    "CSpO (",
    "CSpO)(",
    "(CSpO)",
    "((((((((",
    "「CSpO",
    "CSpO-",
    "CSpOCSpO ",
    "known as CSpO ",
    ", ",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_text_is_read_to_its_end(piece: str) -> None:
    """200,000 characters of brackets and acronyms around one definition."""
    half = piece * (100_000 // len(piece))
    text = f"{half}. Combined Space Operations (CSpO) {half}"
    at = text.index("Operations (CSpO)") + len("Operations (")
    found = define(MEANINGS, "body", text, at, at + 4, unknown=True)
    assert found is not None
    assert found.sense is EXPECTED


PIECES = [
    "CSpO", "CSPO", "(", ")", "（", "）", "「", "」", "[", " ", " ", ", ", ". ", "\n", "\n\n", "–", "“", "”", "'s",
    "Combined", "Space", "Operations", "Certified Scrum Product Owner", "連合宇宙作戦", "known as", "stands for",
    "chief", "space", "product", "officer", "é", "\u00ad", "\0", "\ud800",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), any_text), max_size=30).map("".join))
def test_a_definition_lies_in_its_text_and_holds_both_forms(text: str) -> None:
    """Any text is read without an error."""
    for found in definitions(text):
        assert 0 <= found.start < found.end <= len(text)
        covered = text[found.start : found.end]
        assert found.acronym in covered
        assert found.long_form in " ".join(covered.split())
