"""Roles as sets of permissions."""

import pytest

from models.identity import ROLES
from services.rules.permissions import ROLE_NAMES, ROLE_PERMISSIONS, role_may

EVERYTHING = frozenset().union(*ROLE_PERMISSIONS.values())
EDITS = {name for name in EVERYTHING if not name.endswith(".view")} - {"audit.verify"}


def test_roles_permissions_names_and_database_agree() -> None:
    assert set(ROLE_PERMISSIONS) == set(ROLE_NAMES) == set(ROLES)


@pytest.mark.parametrize("role", [None, "", "resident", "root"])
def test_whoever_is_not_listed_may_nothing(role: str | None) -> None:
    assert not any(role_may(role, permission) for permission in EVERYTHING)


def test_the_auditor_sees_the_log_and_edits_nothing() -> None:
    assert ROLE_PERMISSIONS["auditor"] == {"audit.view", "audit.verify"}
    assert not ROLE_PERMISSIONS["auditor"] & EDITS


def test_the_administrator_reads_no_opinion_and_no_deputy() -> None:
    mine = ROLE_PERMISSIONS["admin"]
    assert not {name for name in mine if name.split(".")[0] in ("opinions", "roster", "handovers", "visits", "notices")}


def test_only_the_administrator_manages_staff() -> None:
    assert [role for role in ROLE_PERMISSIONS if role_may(role, "staff.manage")] == ["admin"]


def test_the_handling_unit_only_reads_and_answers() -> None:
    assert ROLE_PERMISSIONS["handling_unit"] == {
        "opinions.view", "opinions.answer", "suggestions.view", "suggestions.answer"}


def test_nobody_of_the_congress_answers_for_an_organ() -> None:
    for answering in ("opinions.answer", "suggestions.answer"):
        assert [role for role in ROLE_PERMISSIONS if role_may(role, answering)] == ["handling_unit"]


def test_the_chair_only_checks_second() -> None:
    assert role_may("township_chair", "duties.second_check")
    assert not role_may("township_chair", "duties.first_check")


def test_whoever_checks_first_leaves_a_second_role_to_check() -> None:
    second = {role for role in ROLE_PERMISSIONS if role_may(role, "duties.second_check")}
    for role in ROLE_PERMISSIONS:
        if role_may(role, "duties.first_check"):
            assert second - {role}, role


def test_the_clerk_who_registers_duties_never_reverses_points() -> None:
    assert not role_may("township_clerk", "points.reverse")


def test_only_the_auditor_verifies_the_chain() -> None:
    assert [role for role in ROLE_PERMISSIONS if role_may(role, "audit.verify")] == ["auditor"]


def test_whoever_may_edit_a_thing_may_also_see_it() -> None:
    sees = {"roster.import": "roster.view", "roster.edit": "roster.view", "roster.move": "roster.view",
            "stations.edit": "stations.view", "visits.confirm": "visits.view",
            "duties.first_check": "duties.view", "duties.second_check": "duties.view", "points.reverse": "points.view",
            "opinions.screen": "opinions.view", "opinions.assign": "opinions.view", "opinions.answer": "opinions.view",
            "suggestions.review": "suggestions.view", "suggestions.assign": "suggestions.view",
            "suggestions.decide": "suggestions.view", "suggestions.answer": "suggestions.view",
            "notices.send": "notices.view", "handovers.close": "handovers.view"}
    for role, mine in ROLE_PERMISSIONS.items():
        assert {sees[name] for name in mine & set(sees)} <= mine, role


def test_only_the_county_moves_a_deputy_between_townships() -> None:
    assert [role for role in ROLE_PERMISSIONS if role_may(role, "roster.move")] == ["county_office"]
