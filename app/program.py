"""The assembled program: engines, gateways, Redis and clock, built once per process by `app.wiring`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import redis
from flask import Flask, current_app
from sqlalchemy import Engine

from app.settings import Settings
from services.context import Gateways, ProgramSettings


@dataclass
class Program:
    settings: Settings
    engine: Engine
    reading_engine: Engine
    redis: "redis.Redis"
    gateways: Gateways
    program_settings: ProgramSettings
    clock: Callable[[], datetime]
    #: Tells the workers that these outbox rows were committed; losing the word loses nothing.
    announce: Callable[[list[int]], None]
    #: SQLite: one writer at a time, so a transaction that may write begins as late as possible.
    is_one_writer_database: bool
    #: Verifiers of the platform's callbacks by the last part of their address ("mini", "oa", "oa-heping").
    callbacks: dict[str, Any]
    #: Every connected account of the platform (app.wiring.Accounts), for what goes through no port.
    accounts: Any = None


def current_program() -> Program:
    program: Program = current_app.extensions["program"]
    return program


def attach(app: Flask, program: Program) -> None:
    app.extensions["program"] = program
