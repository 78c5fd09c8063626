"""The staff console /console: a module per stem, rendered on the server, usable without script."""

from flask import Blueprint, Flask

from app.program import current_program


def register_console(app: Flask) -> None:
    """Register every module's blueprint behind the one check of where a form came from."""
    from app.console import (
        accounts,
        activities,
        audit,
        ballots,
        board,
        campaigns,
        duties,
        handovers,
        home,
        limits,
        mandates,
        merging,
        notices,
        opinions,
        persons,
        points,
        projects,
        reply_templates,
        retention,
        roster,
        screens,
        signin,
        staff,
        stations,
        suggestions,
        system,
        visits,
        workdays,
    )
    from app.console.origin import refuse_foreign_form
    from app.console.rendering import register_rendering

    assets = Blueprint("console_assets", __name__, static_folder="static", static_url_path="/console/static")
    app.register_blueprint(assets)
    for module in (signin, home, roster, persons, mandates, stations, screens, visits, duties, points, opinions,
                   merging, reply_templates, suggestions, board, activities, notices, campaigns, projects, ballots, handovers, accounts, audit,
                   retention, system, staff, workdays, limits):
        app.register_blueprint(module.bp)
    app.before_request(refuse_foreign_form)
    register_rendering(app)
    with app.app_context():
        is_production = current_program().settings.is_production
    # Flask's own signed cookie carries nothing but the sentence shown after a redirect.
    app.config.update(SESSION_COOKIE_NAME="console_words", SESSION_COOKIE_PATH="/console",
                      SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Strict",
                      SESSION_COOKIE_SECURE=is_production)
