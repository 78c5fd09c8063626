"""What every use case gets: the session, who asks, the time, and the way out."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from models.audit import AuditRow
from services import ports
from services.field_encryption import FieldCipher

CHINA = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Actor:
    """Who asks. A deputy is an account with a person; staff carry role and region, a wall screen its station."""

    kind: Literal["anonymous", "account", "staff", "system", "screen"]
    account_id: int | None = None
    person_id: int | None = None
    staff_id: int | None = None
    role: str | None = None
    region_id: int | None = None
    #: Prefix of every region this actor may see, "/1/4/"; empty means none.
    region_path: str = ""
    unit_id: int | None = None
    session_id: int | None = None
    screen_id: int | None = None
    station_id: int | None = None
    name: str = ""

    @property
    def key(self) -> str:
        """`staff:3`, `account:17`, `screen:2`, `system` or `anonymous`, as the audit keeps it."""
        number = {"staff": self.staff_id, "screen": self.screen_id}.get(self.kind, self.account_id)
        return f"{self.kind}:{number}" if number is not None else self.kind

    @property
    def is_deputy(self) -> bool:
        return self.person_id is not None


SYSTEM = Actor(kind="system", region_path="/", name="系统")
ANONYMOUS = Actor(kind="anonymous")


@dataclass(frozen=True)
class Gateways:
    identity: ports.IdentityProvider
    messenger: ports.Messenger
    code_maker: ports.CodeMaker
    moderator: ports.TextModerator
    code_sender: ports.CodeSender
    files: ports.FileStore
    passwords: ports.PasswordHasher
    cipher: FieldCipher


@dataclass(frozen=True)
class ProgramSettings:
    """What rules need to know of the installation; everything local to a region is a region setting."""

    mini_appid: str
    official_appid: str
    notice_template: str
    opinion_template: str
    reception_template: str
    public_base_url: str
    #: Key of the rotating screen codes and of signed file addresses.
    signing_key: bytes
    #: The house's public number, or empty.
    service_phone: str


@dataclass
class Context:
    session: Session
    actor: Actor
    now: datetime
    gateways: Gateways
    settings: ProgramSettings
    request_id: str = ""
    #: Outbox rows of this transaction, to be announced after the commit.
    outbox_ids: list[int] = field(default_factory=list)
    #: Rows the audit chain takes right before the commit.
    audit_rows: list[AuditRow] = field(default_factory=list)

    @property
    def today(self) -> date:
        """The day in China: every day boundary of the program is this one."""
        return self.now.astimezone(CHINA).date()

    def as_actor(self, actor: Actor) -> "Context":
        """The same transaction on behalf of somebody else (a callback names its user late)."""
        return replace(self, actor=actor)


def local_day(moment: datetime) -> date:
    return moment.astimezone(CHINA).date()


def utc_now() -> datetime:
    """The one clock of the program; tests put a frozen one in its place through the composition root."""
    return datetime.now(UTC)
