"""One person in the mini-program and in the official account: one account, by unionid, without a code (公众号关联)."""

from sqlalchemy import select

from models.identity import Account, WeChatBinding
from services import identity
from services.context import Context, local_day
from services.ports import WeChatUser


def is_unrecognised(ctx: Context, user: WeChatUser) -> bool:
    """Whether the platform should be asked for the unionid: at the first word, then once a day until it is known."""
    binding = identity.find_binding(ctx.session, user.appid, user.openid)
    return binding is None or (binding.unionid is None and local_day(binding.seen_at) < ctx.today)


def recognise(ctx: Context, user: WeChatUser) -> None:
    """Keep the unionid the platform told; who belongs to no account of ours yet stays unknown to us."""
    is_known = identity.find_binding(ctx.session, user.appid, user.openid) is not None
    if is_known or identity.account_by_unionid(ctx.session, user) is not None:
        identity.account_of_wechat(ctx, user)


def join(ctx: Context, account_id: int) -> Account | None:
    """Give the official account's user to the mini-program's account of the same unionid; None where nothing moves.

    Only an account that the chat alone has made is moved: what a code has bound stays where it is.
    """
    learned = ctx.session.scalars(select(WeChatBinding.unionid).where(
        WeChatBinding.account_id == account_id, WeChatBinding.unionid.is_not(None)).distinct()).all()
    for unionid in learned:
        pair = _pair(ctx, unionid or "")
        if pair is not None and _hold_open(ctx, pair) and _pair(ctx, unionid or "") == pair:
            return _move(ctx, *pair)
    return None


def _pair(ctx: Context, unionid: str) -> tuple[WeChatBinding, WeChatBinding] | None:
    """The one user of the mini-program and the one of the official account, where their accounts differ."""
    rows = ctx.session.scalars(select(WeChatBinding).where(WeChatBinding.unionid == unionid)
                               .execution_options(populate_existing=True)).all()
    mini = [row for row in rows if row.appid == ctx.settings.mini_appid]
    official = [row for row in rows if row.appid == ctx.settings.official_appid]
    if len(mini) != 1 or len(official) != 1 or mini[0].account_id == official[0].account_id:
        return None
    return mini[0], official[0]


def _hold_open(ctx: Context, pair: tuple[WeChatBinding, WeChatBinding]) -> bool:
    """Lock both accounts, always in one order; a closing waits for this, or has been."""
    numbers = sorted(row.account_id for row in pair)
    return all(identity.lock_open(ctx, number) is not None for number in numbers)


def _move(ctx: Context, mini: WeChatBinding, official: WeChatBinding) -> Account | None:
    account = ctx.session.get_one(Account, mini.account_id)
    is_taken = identity.openid_of(ctx.session, account.id, ctx.settings.official_appid) is not None
    if is_taken or not identity.is_made_by_chat(ctx, ctx.session.get_one(Account, official.account_id)):
        return None
    return identity.rebind_official(ctx, account, WeChatUser(official.appid, official.openid, official.unionid))
