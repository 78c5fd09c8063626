"""Who may log in, and how: accounts of residents and deputies, staff, sessions, codes, devices."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Digest, Key, Name, key_to, one_of

ROLES = ("township_clerk", "township_chair", "county_office", "handling_unit", "auditor", "admin")


class Account(Base):
    """A resident, or the deputy whose seat it has claimed."""

    __tablename__ = "accounts"
    __table_args__ = (
        CheckConstraint(one_of("state", "active", "merged", "closed"), "state"),
        UniqueConstraint("person_id"),
        Index("uq_accounts_phone_index", "phone_index", unique=True,
              postgresql_where=text("state = 'active'"), sqlite_where=text("state = 'active'")),
    )

    id: Mapped[Key]
    person_id: Mapped[int | None] = key_to("persons.id", nullable=True, index=False)
    name: Mapped[str] = mapped_column(default="")
    phone_cipher: Mapped[str | None]
    phone_index: Mapped[str | None]
    village_id: Mapped[int | None] = key_to("regions.id", nullable=True)
    elder_mode: Mapped[bool] = mapped_column(default=False)
    state: Mapped[Code] = mapped_column(default="active")
    created_at: Mapped[datetime]
    #: When it was merged into another or closed; from then on it holds nothing personal.
    ended_at: Mapped[datetime | None]
    #: The version of the privacy text this person last agreed to at a log-in, and when.
    consent_version: Mapped[str | None]
    consent_at: Mapped[datetime | None]
    #: Set by a withdrawal, until the person agrees again.
    consent_withdrawn_at: Mapped[datetime | None]


class WeChatBinding(Base):
    """One WeChat user of one app; an openid means nothing outside its app."""

    __tablename__ = "wechat_bindings"
    __table_args__ = (UniqueConstraint("appid", "openid"), UniqueConstraint("account_id", "appid"))

    id: Mapped[Key]
    account_id: Mapped[int] = key_to("accounts.id")
    appid: Mapped[Code]
    openid: Mapped[Code]
    unionid: Mapped[str | None] = mapped_column(index=True)
    bound_at: Mapped[datetime]
    #: The platform checks text only for users seen in the last two hours.
    seen_at: Mapped[datetime]


class SeatClaim(Base):
    """A second WeChat account asked for a seat that is taken; a clerk decides."""

    __tablename__ = "seat_claims"
    __table_args__ = (
        CheckConstraint(one_of("state", "pending", "approved", "refused"), "state"),
        Index("uq_seat_claims_open", "person_id", "account_id", unique=True,
              postgresql_where=text("state = 'pending'"), sqlite_where=text("state = 'pending'")),
    )

    id: Mapped[Key]
    person_id: Mapped[int] = key_to("persons.id")
    account_id: Mapped[int] = key_to("accounts.id")
    state: Mapped[Code] = mapped_column(default="pending")
    reason: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[int | None] = key_to("staff.id", nullable=True, index=False)
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]


class HandlingUnit(Base):
    """A unit that answers opinions assigned to it (承办单位)."""

    __tablename__ = "handling_units"
    __table_args__ = (UniqueConstraint("region_id", "name"),)

    id: Mapped[Key]
    region_id: Mapped[int] = key_to("regions.id")
    name: Mapped[Name]


class Staff(Base):
    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("login"), CheckConstraint(one_of("role", *ROLES), "role"))

    id: Mapped[Key]
    login: Mapped[Code]
    name: Mapped[Name]
    role: Mapped[Code]
    region_id: Mapped[int] = key_to("regions.id")
    unit_id: Mapped[int | None] = key_to("handling_units.id", nullable=True)
    password_hash: Mapped[str]
    totp_cipher: Mapped[str]
    #: The last 30 s step a code was accepted for: a seen code never works twice.
    totp_step: Mapped[int] = mapped_column(default=0)
    failed_count: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class LoginSession(Base):
    """An opaque token, stored only as its digest; revocable, expiring, replaced when it rotates."""

    __tablename__ = "login_sessions"
    __table_args__ = (
        UniqueConstraint("token_digest"),
        CheckConstraint("(account_id IS NULL) <> (staff_id IS NULL)", "one_owner"),
    )

    id: Mapped[Key]
    token_digest: Mapped[Digest]
    account_id: Mapped[int | None] = key_to("accounts.id", nullable=True)
    staff_id: Mapped[int | None] = key_to("staff.id", nullable=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    #: Console only: when the second factor was shown; before that the session opens one page.
    second_factor_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class OneTimeCode(Base):
    """Six digits sent to a phone (login) or shown on the phone (binding the official account).

    A `binding_guess` holds no code: it counts the wrong codes one WeChat user has typed.
    """

    __tablename__ = "one_time_codes"
    __table_args__ = (CheckConstraint(one_of("purpose", "login", "official_account", "binding_guess"), "purpose"),)

    id: Mapped[Key]
    purpose: Mapped[Code]
    #: The blind index of the phone, or the account's id.
    subject: Mapped[str] = mapped_column(index=True)
    code_digest: Mapped[Digest] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class DeputyDevice(Base):
    """The one phone a deputy checks in with; a clerk releases it when the deputy changes phones."""

    __tablename__ = "deputy_devices"
    __table_args__ = (
        Index("uq_deputy_devices_person", "person_id", unique=True,
              postgresql_where=text("released_at IS NULL"), sqlite_where=text("released_at IS NULL")),
    )

    id: Mapped[Key]
    person_id: Mapped[int] = key_to("persons.id", index=False)
    device_digest: Mapped[Digest]
    bound_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
