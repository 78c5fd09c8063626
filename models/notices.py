"""Notices, one delivery per person, and the subscription credits that allow a push (通知推送)."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Key, key_to, one_of, pair_key

NOTICE_KINDS = ("meeting", "activity", "study", "reception", "handling", "ballot", "review", "bulletin")
DELIVERY_STATES = ("queued", "sending", "accepted", "delivered", "rejected", "uncertain", "unreachable")
#: Nothing more will happen by itself to a delivery in one of these.
FINAL_STATES = ("delivered", "rejected", "unreachable")


class Notice(Base):
    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint(one_of("kind", *NOTICE_KINDS), "kind"),
        CheckConstraint(one_of("state", "draft", "sent"), "state"),
        CheckConstraint(one_of("audience", "group", "region_deputies", "station", "residents"), "audience"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", "sent"),
    )

    id: Mapped[Key]
    region_id: Mapped[int] = key_to("regions.id")
    kind: Mapped[Code]
    title: Mapped[str]
    body: Mapped[str]
    place: Mapped[str | None]
    starts_at: Mapped[datetime | None]
    audience: Mapped[Code]
    #: The group or the station; the region itself otherwise.
    audience_id: Mapped[int | None]
    needs_confirmation: Mapped[bool] = mapped_column(default=True)
    state: Mapped[Code] = mapped_column(default="draft")
    created_by: Mapped[int] = key_to("staff.id", index=False)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None] = mapped_column(index=True)


class NoticeDelivery(Base):
    """One person's copy of a notice and how it travelled."""

    __tablename__ = "notice_deliveries"
    __table_args__ = (
        CheckConstraint(one_of("state", *DELIVERY_STATES), "state"),
        CheckConstraint(one_of("channel", "subscription", "phone_list"), "channel"),
        UniqueConstraint("notice_id", "person_id"),
        Index("ix_notice_deliveries_open", "state", "lease_until",
              postgresql_where=text("state IN ('queued', 'sending', 'accepted', 'uncertain')"),
              sqlite_where=text("state IN ('queued', 'sending', 'accepted', 'uncertain')")),
    )

    id: Mapped[Key]
    notice_id: Mapped[int] = key_to("notices.id")
    person_id: Mapped[int] = key_to("persons.id")
    channel: Mapped[Code]
    state: Mapped[Code] = mapped_column(default="queued")
    #: Why it failed or is on the phone list, as a code the console words.
    reason: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    #: Names the marks its sender left before each request: what has none was never sent.
    lease_token: Mapped[str | None]
    accepted_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    #: A clerk reached the person by telephone.
    phoned_at: Mapped[datetime | None]
    phoned_by: Mapped[int | None] = key_to("staff.id", nullable=True, index=False)


class PushCampaign(Base):
    """How the sending of a notice stands; one row a notice, locked by whoever changes it."""

    __tablename__ = "push_campaigns"
    __table_args__ = (CheckConstraint(one_of("state", "canary", "running", "paused", "stopped"), "state"),)

    notice_id: Mapped[int] = pair_key("notices.id")
    state: Mapped[Code]
    #: Why it is paused or stopped, as a code the console words.
    reason: Mapped[str | None]
    #: When a pause ends by itself; for a canary, until when its outcome is awaited.
    paused_until: Mapped[datetime | None]
    #: The platform's last refusal: its code, and the request id its support asks for.
    last_code: Mapped[Code] = mapped_column(default="")
    last_rid: Mapped[Code] = mapped_column(default="")
    changed_at: Mapped[datetime]


class OpinionWord(Base):
    """One message to a resident about an opinion: "answered", "registered", ... sent once each."""

    __tablename__ = "opinion_words"
    __table_args__ = (
        CheckConstraint(one_of("state", *DELIVERY_STATES), "state"),
        UniqueConstraint("cause"),
    )

    id: Mapped[Key]
    account_id: Mapped[int] = key_to("accounts.id")
    opinion_id: Mapped[int] = key_to("opinions.id")
    cause: Mapped[str]
    status_phrase: Mapped[str]
    detail: Mapped[str]
    state: Mapped[Code] = mapped_column(default="queued")
    reason: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    #: Names the marks its sender left before each request: what has none was never sent.
    lease_token: Mapped[str | None]
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class SubscriptionCredit(Base):
    """How many messages of a template a WeChat user still allows; long-term ones do not run out."""

    __tablename__ = "subscription_credits"
    __table_args__ = (
        CheckConstraint("balance >= 0", "balance"),
        UniqueConstraint("appid", "openid", "template_id"),
    )

    id: Mapped[Key]
    appid: Mapped[Code]
    openid: Mapped[Code]
    template_id: Mapped[Code]
    is_long_term: Mapped[bool]
    balance: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime]


class SubscriptionEvent(Base):
    """A report that changed a credit, counted once whoever brought it (callback or phone)."""

    __tablename__ = "subscription_events"
    __table_args__ = (UniqueConstraint("dedupe_key"),)

    id: Mapped[Key]
    dedupe_key: Mapped[str]
    openid: Mapped[Code] = mapped_column(index=True)
    template_id: Mapped[Code]
    result: Mapped[Code]
    origin: Mapped[Code]
    at: Mapped[datetime]


class MessageTemplate(Base):
    """A template of the platform and its fields, as the platform lists them."""

    __tablename__ = "message_templates"

    id: Mapped[Code] = mapped_column(primary_key=True)
    appid: Mapped[Code]
    title: Mapped[str]
    is_long_term: Mapped[bool]
    fields: Mapped[list[Any]]
    synced_at: Mapped[datetime]
