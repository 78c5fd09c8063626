"""The phone number a person agreed to share.

https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/user-info/phone-number/getPhoneNumber.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from wechat.account import Account
from wechat.call import INTERACTIVE
from wechat.errors import PhoneUntrusted, WeChatProtocolError

GET_PHONE_NUMBER = "/wxa/business/getuserphonenumber"
MAX_WATERMARK_AGE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Phone:
    """A verified number: country code without plus, national number without prefix."""

    country_code: str
    national_number: str = field(repr=False)


def exchange_phone_code(account: Account, code: str, openid: str) -> Phone:
    """Exchange the code of the phone button. The openid is sent, so that another person's code is refused."""
    answer = account.post(GET_PHONE_NUMBER, {"code": code, "openid": openid}, limits=INTERACTIVE)
    info = answer.get("phone_info")
    if not isinstance(info, Mapping):
        raise _malformed(account)
    _check_watermark(account, info.get("watermark"))
    number, country = info.get("purePhoneNumber"), info.get("countryCode")
    if not number or not country:
        raise _malformed(account)
    return Phone(str(country), str(number))


def _check_watermark(account: Account, watermark: Any) -> None:
    try:
        appid, stamped_at = watermark["appid"], datetime.fromtimestamp(int(watermark["timestamp"]), UTC)
    except (TypeError, KeyError, ValueError, OverflowError, OSError):
        appid, stamped_at = None, datetime.fromtimestamp(0, UTC)
    if appid != account.config.appid:
        raise PhoneUntrusted("watermark of another account", api=GET_PHONE_NUMBER, appid=account.config.appid)
    if abs(account.clock() - stamped_at) > MAX_WATERMARK_AGE:
        raise PhoneUntrusted("watermark too old", api=GET_PHONE_NUMBER, appid=account.config.appid)


def _malformed(account: Account) -> WeChatProtocolError:
    return WeChatProtocolError("phone_info missing", api=GET_PHONE_NUMBER, appid=account.config.appid)
