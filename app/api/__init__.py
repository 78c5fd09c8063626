"""The JSON API /api/v1 of the mini-program: a blueprint per stem, each with its shapes."""

from flask import Flask

from app.api import (
    activities,
    assistant,
    ballots,
    checkin,
    comments,
    deputies,
    docs,
    duties,
    health,
    home,
    identity,
    landing,
    media,
    notices,
    points,
    privacy,
    projects,
    regions,
    stations,
    suggestions,
    wechat_callback,
)


def register_api(app: Flask) -> None:
    for module in (identity, privacy, regions, home, deputies, stations, checkin, duties, points, media, comments,
                   suggestions, activities, notices, projects, ballots, assistant, wechat_callback, health, docs,
                   landing):
        app.register_blueprint(module.bp)
