"""Roles as sets of fine-grained permissions. What is not listed is refused."""

TOWNSHIP_VIEW = frozenset({
    "dashboard.view", "roster.view", "stations.view", "visits.view", "duties.view", "points.view",
    "opinions.view", "notices.view", "handovers.view", "suggestions.view", "projects.view", "ballots.view",
    "activities.view",
})

ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    "township_clerk": TOWNSHIP_VIEW | {
        "roster.import", "roster.edit", "roster.reveal", "seats.decide", "devices.release", "stations.edit",
        "stations.screen", "visits.confirm", "duties.first_check", "duties.second_check", "opinions.screen",
        "opinions.assign", "notices.send", "handovers.close", "accounts.close", "suggestions.review", "suggestions.assign",
        "projects.edit", "projects.review", "ballots.run", "ballots.count", "activities.edit",
        "activities.confirm",
    },
    "township_chair": TOWNSHIP_VIEW | {
        "roster.reveal", "seats.decide", "stations.screen", "duties.second_check", "points.reverse",
        "opinions.assign", "opinions.supervise", "notices.send", "notices.approve", "suggestions.review",
        "suggestions.assign", "suggestions.decide", "projects.review", "ballots.run", "ballots.count",
        "activities.confirm",
    },
    # Only an office that sees both townships moves a deputy from one to the other.
    "county_office": TOWNSHIP_VIEW | {
        "roster.import", "roster.edit", "roster.move", "roster.reveal", "seats.decide", "devices.release",
        "stations.edit", "stations.screen", "visits.confirm", "duties.first_check", "duties.second_check",
        "points.reverse", "opinions.screen", "opinions.assign", "opinions.supervise", "notices.send",
        "notices.approve", "handovers.close", "workdays.edit", "settings.edit", "accounts.close", "suggestions.review",
        "suggestions.assign", "suggestions.decide", "projects.edit", "projects.review", "ballots.run", "ballots.count",
        "activities.edit", "activities.confirm",
    },
    # Sees only what is assigned to its own unit; access.py narrows the rows.
    "handling_unit": frozenset({"opinions.view", "opinions.answer", "suggestions.view", "suggestions.answer"}),
    "auditor": frozenset({"audit.view", "audit.verify"}),
    # Keeps the platform running and reads no resident's content.
    "admin": frozenset({"system.view", "staff.manage", "audit.view", "workdays.edit"}),
}

ROLE_NAMES = {
    "township_clerk": "人大专干", "township_chair": "人大主席", "county_office": "县代工委", "handling_unit": "承办单位",
    "auditor": "审计员", "admin": "系统管理员",
}


def role_may(role: str | None, permission: str) -> bool:
    return permission in ROLE_PERMISSIONS.get(role or "", frozenset())
