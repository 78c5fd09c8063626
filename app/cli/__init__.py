"""Commands: `flask --app wsgi db|keys|demo|audit|outbox|retention|wechat|notices|assistant|ballots|… --help`."""

from flask import Flask

from app.cli import (
    assistant,
    audit,
    ballots,
    comments,
    database,
    demo,
    keys,
    notices,
    openapi,
    outbox,
    points,
    regions,
    retention,
    staff,
    wechat,
)


def register_commands(app: Flask) -> None:
    for group in (database.db, keys.keys, demo.demo, audit.audit_group, outbox.outbox_group, wechat.wechat_group,
                  staff.staff_group, retention.retention_group, regions.regions_group, points.points_group,
                  assistant.assistant_group, comments.comments_group, ballots.ballots_group, ballots.surveys_group,
                  ballots.supervision_group, notices.notices_group):
        app.cli.add_command(group)
    app.cli.add_command(openapi.openapi)
