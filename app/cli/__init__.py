"""Commands: `flask --app wsgi db|keys|demo|audit|outbox|wechat|openapi …`."""

from flask import Flask

from app.cli import audit, database, demo, keys, openapi, outbox, regions, staff, wechat


def register_commands(app: Flask) -> None:
    for group in (database.db, keys.keys, demo.demo, audit.audit_group, outbox.outbox_group, wechat.wechat_group,
                  staff.staff_group, regions.regions_group, regions.points_group):
        app.cli.add_command(group)
    app.cli.add_command(openapi.openapi)
