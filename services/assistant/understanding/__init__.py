"""What a sentence asks for and what it names: certain patterns first, then the classifier, within what the role may do."""

from dataclasses import dataclass, field
from datetime import datetime

from services.assistant.understanding import classifier
from services.assistant.understanding.certain import DEPUTY, POSSIBLE, find_certain
from services.assistant.understanding.names import Names, demo_names, resolver
from services.assistant.understanding.signs import normalised, off_topic, signs_of
from services.assistant.understanding.slots import Slots, read_slots

CERTAIN = 0.99
#: Below it nothing is assumed; the nearest things are offered.
ACCEPT = 0.34
#: How much of what a sentence could mean must lie within the role, or it asks for somebody else's thing.
WITHIN_ROLE = 0.3
_ROLES = {"resident": "resident", "群众": "resident", "居民": "resident", "deputy": "deputy", "代表": "deputy", "convener": "deputy"}
#: Others' things that sound like a thing of one's own: who asks for them more likely means the own thing.
_NEAR = frozenset({"vote_info", "my_schedule", "reply_comment", "my_assigned_comments", "sign_up_activity", "assign_comment"})
NEAR_WEIGHT = 0.15
#: What a word of the deputies' work means anybody may ask, also where a deputy would want the thing itself.
ASKED = 0.02
#: Of a staff member a deputy's own things are seldom meant.
_SELDOM = {"staff": frozenset(DEPUTY)}


@dataclass(frozen=True)
class Understanding:
    """`nearest` are the next best of the role, best first."""

    intent: str
    slots: Slots = field(default_factory=dict)
    confidence: float = 0.0
    nearest: tuple[str, ...] = ()


def role_of(said: str) -> str:
    """One of resident, deputy, staff: whoever is not known is taken for a resident, unless the name is of an office."""
    name = said.strip().lower()
    if name in _ROLES:
        return _ROLES[name]
    is_office = any(part in name for part in ("staff", "clerk", "chair", "admin", "office", "工作人员", "专干", "干部", "unit", "county"))
    return "staff" if is_office else "deputy" if "deputy" in name or "代表" in name else "resident"


def understand(text: str, *, role: str, now: datetime, names: Names | None = None) -> Understanding:
    """The intent of this role that the sentence asks for, with its slots; `out_of_scope` where it asks for none."""
    names = names or demo_names()
    text = text[:2000]
    plain = normalised(text)
    possible = POSSIBLE[role]
    certain = find_certain(text, plain, possible) if plain else "out_of_scope"
    if certain is not None:
        return Understanding(certain, read_slots(certain, text, names, now.date()), CERTAIN)
    intent, confidence, nearest = _weigh(resolver(names).masked(plain), role)
    return Understanding(intent, read_slots(intent, text, names, now.date()), round(confidence, 3), nearest)


def _weigh(masked: str, role: str) -> tuple[str, float, tuple[str, ...]]:
    shares = classifier.the_model().shares(masked)
    shares["out_of_scope"] *= off_topic(masked)
    own = {name: share * (0.5 if name in _SELDOM.get(role, ()) else 1) for name, share in shares.items() if name in POSSIBLE[role]}
    foreign = sum(share for name, share in shares.items() if name not in POSSIBLE[role])
    near = sum(share for name, share in shares.items() if name not in POSSIBLE[role] and name in _NEAR)
    ranked = sorted((name for name in own if name != "out_of_scope"), key=lambda name: -own[name])
    best, total = ranked[0], sum(own.values()) or 1.0
    nearest = tuple(name for name in ranked[:3] if own[name] >= 0.08)
    if shares["faq"] >= ASKED and "mean" in signs_of(masked) and best == "faq":
        return best, own[best] / (total + foreign), nearest
    away = foreign - near + near * NEAR_WEIGHT
    if own[best] < own["out_of_scope"] or own[best] / (own[best] + away) < WITHIN_ROLE or own[best] / total < ACCEPT:
        return "out_of_scope", min(1.0, (own["out_of_scope"] + foreign) / (total + foreign)), nearest
    return best, own[best] / total, nearest
