"""The platform's callbacks: verified, stored once, answered at once.

A chat message of the official account is answered within the same request when it is quick (the platform
waits five seconds); everything else is acknowledged and processed by a worker.
"""

import logging

from flask import Blueprint, Response, request

from app.http.access import requires
from app.http.lifecycle import get_context
from app.jobs.callbacks import answer_chat, note_stranger
from app.program import current_program
from services import inbox
from services.errors import DomainError
from wechat.callbacks import CallbackRejected
from wechat.config import AccountConfig
from wechat.inbound import InboundMessage
from wechat.replies import build_text_reply, encrypt_reply

logger = logging.getLogger(__name__)
bp = Blueprint("wechat_callback", __name__, url_prefix="/wechat/callback")


@bp.get("/<kind>")
@requires("public")
def check_address(kind: str) -> Response:
    """The console's check of our address: the echo, as plain text, when the signature holds."""
    verifier = current_program().callbacks.get(kind)
    if verifier is None:
        return Response("", 404, mimetype="text/plain")
    try:
        return Response(verifier.answer_url_check(request.args), mimetype="text/plain")
    except CallbackRejected as error:
        return _rejected(error)


@bp.post("/<kind>")
@requires("public")
def receive(kind: str) -> Response:
    """Open, store, answer `success`; a text to the official account gets its answer right away."""
    verifier = current_program().callbacks.get(kind)
    if verifier is None:
        return Response("", 404, mimetype="text/plain")
    try:
        message = verifier.open(request.args, request.get_data(cache=False))
    except CallbackRejected as error:
        return _rejected(error)
    arrived = to_arrived(message)
    if message.account_kind == "oa" and message.msg_type in ("text", "voice", "image"):
        return _answer_now(message, arrived, verifier.config)
    inbox.store(get_context(), arrived)
    return _success()


def to_arrived(message: InboundMessage) -> inbox.Arrived:
    return inbox.Arrived(message.dedupe_key, message.account_kind, message.appid, message.openid, message.msg_type,
                         message.event, message.raw)


def _answer_now(message: InboundMessage, arrived: inbox.Arrived, config: AccountConfig) -> Response:
    """Store and answer in one transaction; a repeat of the platform is acknowledged without a second answer."""
    ctx = get_context()
    inbox_id = inbox.store_for_answer(ctx, arrived)
    if inbox_id is None:
        return _success()
    note_stranger(ctx, arrived, inbox_id)
    try:
        # What a refused message had written is undone; that it arrived is kept.
        with ctx.session.begin_nested():
            text = answer_chat(ctx, arrived)
    except DomainError as error:
        text = error.message
    inbox.mark_processed(ctx, inbox_id)
    sealed = encrypt_reply(config, build_text_reply(message, text), timestamp=int(ctx.now.timestamp()))
    return Response(sealed, mimetype="application/xml")


def _success() -> Response:
    return Response("success", mimetype="text/plain")


def _rejected(error: CallbackRejected) -> Response:
    logger.warning("callback rejected", extra={"reason": error.reason_code})
    return Response("", error.status, mimetype="text/plain", headers={"X-Error-Code": error.reason_code})
