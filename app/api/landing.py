"""The three doors of the landing page, the phone page's files, and where a scanned address leads."""

from pathlib import Path
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, redirect, render_template, request, send_from_directory

from app.http.access import requires
from app.program import current_program
from app.settings import ROOT

bp = Blueprint("landing", __name__)
PHONE_PAGE = ROOT / "miniprogram" / "dist" / "build" / "h5"
WECHAT_PAGE = ROOT / "miniprogram" / "dist" / "mp-web"


@bp.get("/")
@requires("public")
def landing() -> str:
    """Phone page, console, and in development the stand-in's phone and the demo log-ins."""
    settings = current_program().settings
    is_demo = settings.stage == "development"
    return render_template("landing.html", is_demo=is_demo, sandbox=settings.wechat_api_bases[0] if is_demo else "",
                           log_ins=_demo_log_ins() if is_demo else [])


def _demo_log_ins() -> list[dict[str, str]]:
    from services.demo import list_log_ins

    return list_log_ins()


@bp.get("/m/")
@requires("public")
def phone_page() -> Response:
    return _file(PHONE_PAGE, "index.html")


@bp.get("/m/<path:name>")
@requires("public")
def phone_page_file(name: str) -> Response:
    return _file(PHONE_PAGE, name)


@bp.get("/mp-web/")
@requires("public")
def wechat_page() -> Response:
    """The genuine WeChat build on glass-easel, for tests and development only."""
    return wechat_page_file("index.html")


@bp.get("/mp-web/<path:name>")
@requires("public")
def wechat_page_file(name: str) -> Response:
    if current_program().settings.is_production:
        abort(404)
    return _file(WECHAT_PAGE, name)


@bp.get("/s/<scene>")
@requires("public")
def open_scan(scene: str) -> Response:
    """A scanned web address: the check-in page of the phone page, with the screen's code when there is one."""
    query = {"scene": scene} | ({"k": request.args["k"]} if "k" in request.args else {})
    return redirect(f"/m/#/pages-duty/check-in/check-in?{urlencode(query)}")  # type: ignore[return-value]


def _file(folder: Path, name: str) -> Response:
    if not folder.is_dir():
        abort(404)
    response = send_from_directory(folder, name)
    hashed = name.startswith("assets/")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if hashed else "no-cache"
    return response
