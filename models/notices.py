"""Notices, one delivery per person, and the subscription credits that allow a push (通知推送)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Key, key_to, one_of, pair_key

NOTICE_KINDS = ("meeting", "activity", "study", "reception", "handling", "ballot", "review", "bulletin")
NOTICE_STATES = ("draft", "awaiting_approval", "scheduled", "sent", "withdrawn")
FOLLOW_UPS = ("correction", "withdrawal", "reminder")
#: Clauses of an audience; the last two are those of a follow-up: who read the notice, who did not.
CLAUSES = ("region_deputies", "congress", "level", "delegation", "group", "station", "person", "readers", "unread")
DELIVERY_STATES = ("queued", "sending", "accepted", "delivered", "rejected", "uncertain", "unreachable")
#: Nothing more will happen by itself to a delivery in one of these.
FINAL_STATES = ("delivered", "rejected", "unreachable")


class Notice(Base):
    """A notice, or a follow-up of one: its correction, its withdrawal or a reminder, told to some of its readers."""

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint(one_of("kind", *NOTICE_KINDS), "kind"),
        CheckConstraint(one_of("state", *NOTICE_STATES), "state"),
        CheckConstraint(one_of("audience", "deputies", "residents"), "audience"),
        CheckConstraint(one_of("follow_up", *FOLLOW_UPS), "follow_up"),
        CheckConstraint("(state IN ('sent', 'withdrawn')) = (sent_at IS NOT NULL)", "sent"),
        CheckConstraint("(state = 'scheduled') = (due_at IS NOT NULL)", "scheduled"),
        CheckConstraint("(state = 'withdrawn') = (withdraw_reason IS NOT NULL)", "withdrawn"),
        CheckConstraint("(follow_up IS NULL) = (follows_id IS NULL)", "follows"),
        CheckConstraint("approved_by <> created_by AND approved_by <> submitted_by", "second_person"),
        UniqueConstraint("follows_id", "remind_on"),
        Index("ix_notices_due", "due_at", postgresql_where=text("state = 'scheduled'"),
              sqlite_where=text("state = 'scheduled'")),
    )

    id: Mapped[Key]
    region_id: Mapped[int] = key_to("regions.id")
    kind: Mapped[Code]
    title: Mapped[str]
    body: Mapped[str]
    place: Mapped[str | None]
    starts_at: Mapped[datetime | None]
    #: Deputies are caught by the clauses in notice_audiences; residents read it in public.
    audience: Mapped[Code]
    needs_confirmation: Mapped[bool] = mapped_column(default=True)
    #: Leaves at once also in the region's quiet hours.
    is_urgent: Mapped[bool] = mapped_column(default=False)
    #: When the author wants it to leave; None is at once.
    send_at: Mapped[datetime | None]
    state: Mapped[Code] = mapped_column(default="draft")
    created_by: Mapped[int] = key_to("staff.id", index=False)
    created_at: Mapped[datetime]
    #: Who pressed "send"; neither this person nor the author may approve.
    submitted_by: Mapped[int | None] = key_to("staff.id", nullable=True, index=False)
    approved_by: Mapped[int | None] = key_to("staff.id", nullable=True, index=False)
    approved_at: Mapped[datetime | None]
    #: Why it came back to its author: the approver's word, or nobody left to send it to.
    return_reason: Mapped[str | None]
    #: When it leaves: the author's moment, moved behind the quiet hours.
    due_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None] = mapped_column(index=True)
    corrected_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdraw_reason: Mapped[str | None]
    follows_id: Mapped[int | None] = key_to("notices.id", nullable=True)
    follow_up: Mapped[str | None] = mapped_column(String(64))
    #: What a correction changes, in words for its readers.
    note: Mapped[str | None]
    #: The day of a reminder: one a day for each notice.
    remind_on: Mapped[date | None]


class NoticeAudience(Base):
    """One clause of an audience; the clauses of a notice are joined."""

    __tablename__ = "notice_audiences"
    __table_args__ = (
        CheckConstraint(one_of("kind", *CLAUSES), "kind"),
        UniqueConstraint("notice_id", "kind", "target"),
    )

    id: Mapped[Key]
    notice_id: Mapped[int] = key_to("notices.id", index=False)
    kind: Mapped[Code]
    #: The id of the group, station, … or the level; empty where the kind says all.
    target: Mapped[Code] = mapped_column(default="")
    #: The clause in words as it read when the notice was written or sent.
    label: Mapped[str]


class NoticeCatch(Base):
    """Why somebody got a notice: the clause that caught the person when the audience was frozen."""

    __tablename__ = "notice_catches"

    audience_id: Mapped[int] = pair_key("notice_audiences.id")
    person_id: Mapped[int] = pair_key("persons.id", index=True)


class NoticeVersion(Base):
    """The text of a sent notice before a correction."""

    __tablename__ = "notice_versions"
    __table_args__ = (UniqueConstraint("notice_id", "number"),)

    id: Mapped[Key]
    notice_id: Mapped[int] = key_to("notices.id", index=False)
    number: Mapped[int]
    title: Mapped[str]
    body: Mapped[str]
    place: Mapped[str | None]
    starts_at: Mapped[datetime | None]
    #: What the correction changed, and when.
    note: Mapped[str]
    replaced_at: Mapped[datetime]


class NoticeLeave(Base):
    """A person will not come, and says why (请假); an acknowledgement takes it back."""

    __tablename__ = "notice_leaves"

    notice_id: Mapped[int] = pair_key("notices.id")
    person_id: Mapped[int] = pair_key("persons.id", index=True)
    reason: Mapped[str]
    at: Mapped[datetime]


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
    #: The platform's id of the message, where it told one; its event names it again.
    msgid: Mapped[Code | None] = mapped_column(index=True)
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
    msgid: Mapped[Code | None] = mapped_column(index=True)
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
