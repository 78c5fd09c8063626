"""create the house."""

import sqlalchemy as sa
from alembic import op

import models.base
from models.append_only import TABLES, protect, unprotect

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("request_digest", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body_cipher", sa.String(), nullable=False),
        sa.Column("created_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_keys")),
        sa.UniqueConstraint("actor", "route", "key", name=op.f("uq_idempotency_keys_actor_route_key")),
    )
    with op.batch_alter_table("idempotency_keys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idempotency_keys_created_at"), ["created_at"], unique=False)

    op.create_table(
        "inbox_messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("dedupe_key", sa.String(), nullable=False),
        sa.Column("account_kind", sa.String(length=64), nullable=False),
        sa.Column("appid", sa.String(length=64), nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("msg_type", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(), nullable=True),
        sa.Column("body_cipher", sa.String(), nullable=False),
        sa.Column("received_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("processed_at", models.base.UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_messages")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_inbox_messages_dedupe_key")),
    )
    op.create_table(
        "message_templates",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("appid", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("is_long_term", sa.Boolean(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("synced_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_templates")),
    )
    op.create_table(
        "number_series",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("next_serial", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_number_series")),
    )
    op.create_table(
        "one_time_codes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("used_at", models.base.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('login', 'official_account', 'binding_guess')", name=op.f("ck_one_time_codes_purpose")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_codes")),
    )
    with op.batch_alter_table("one_time_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_one_time_codes_code_digest"), ["code_digest"], unique=False)
        batch_op.create_index(batch_op.f("ix_one_time_codes_subject"), ["subject"], unique=False)

    op.create_table(
        "outbox_messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("done_at", models.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.CheckConstraint("state IN ('pending', 'done', 'dead')", name=op.f("ck_outbox_messages_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_messages")),
    )
    with op.batch_alter_table("outbox_messages", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_messages_pending",
            ["not_before"],
            unique=False,
            postgresql_where=sa.text("state = 'pending'"),
            sqlite_where=sa.text("state = 'pending'"),
        )

    op.create_table(
        "regions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("level", sa.String(length=64), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("path", sa.String(), nullable=False),
        sa.CheckConstraint(
            "level IN ('province', 'city', 'county', 'township', 'village')", name=op.f("ck_regions_level")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["regions.id"], name=op.f("fk_regions_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regions")),
        sa.UniqueConstraint("code", name=op.f("uq_regions_code")),
    )
    with op.batch_alter_table("regions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_regions_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_regions_path"), ["path"], unique=False)

    op.create_table(
        "scheduled_runs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("due_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("started_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("finished_at", models.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduled_runs")),
        sa.UniqueConstraint("name", "due_at", name=op.f("uq_scheduled_runs_name_due_at")),
    )
    with op.batch_alter_table("scheduled_runs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scheduled_runs_due_at"), ["due_at"], unique=False)

    op.create_table(
        "subscription_credits",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("appid", sa.String(length=64), nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("template_id", sa.String(length=64), nullable=False),
        sa.Column("is_long_term", sa.Boolean(), nullable=False),
        sa.Column("balance", sa.Integer(), nullable=False),
        sa.Column("changed_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("balance >= 0", name=op.f("ck_subscription_credits_balance")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription_credits")),
        sa.UniqueConstraint(
            "appid", "openid", "template_id", name=op.f("uq_subscription_credits_appid_openid_template_id")
        ),
    )
    op.create_table(
        "subscription_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("dedupe_key", sa.String(), nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("template_id", sa.String(length=64), nullable=False),
        sa.Column("result", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription_events")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_subscription_events_dedupe_key")),
    )
    with op.batch_alter_table("subscription_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_subscription_events_openid"), ["openid"], unique=False)

    op.create_table(
        "workday_overrides",
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("is_workday", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("on_date", name=op.f("pk_workday_overrides")),
    )
    op.create_table(
        "worker_beats",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("seen_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker_beats")),
    )
    op.create_table(
        "audit_rows",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("chain", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("region_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_audit_rows_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_rows")),
        sa.UniqueConstraint("chain", "seq", name=op.f("uq_audit_rows_chain_seq")),
    )
    with op.batch_alter_table("audit_rows", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_rows_action"), ["action"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_rows_actor"), ["actor"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_rows_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_rows_region_id"), ["region_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_rows_subject"), ["subject"], unique=False)

    op.create_table(
        "congresses",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("region_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("level", sa.String(length=64), nullable=False),
        sa.Column("term_no", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "level IN ('national', 'provincial', 'municipal', 'county', 'township')", name=op.f("ck_congresses_level")
        ),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_congresses_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_congresses")),
        sa.UniqueConstraint("region_id", "level", "term_no", name=op.f("uq_congresses_region_id_level_term_no")),
    )
    with op.batch_alter_table("congresses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_congresses_region_id"), ["region_id"], unique=False)

    op.create_table(
        "deputy_groups",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("region_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_deputy_groups_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deputy_groups")),
        sa.UniqueConstraint("region_id", "name", name=op.f("uq_deputy_groups_region_id_name")),
    )
    with op.batch_alter_table("deputy_groups", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deputy_groups_region_id"), ["region_id"], unique=False)

    op.create_table(
        "handling_units",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("region_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_handling_units_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handling_units")),
        sa.UniqueConstraint("region_id", "name", name=op.f("uq_handling_units_region_id_name")),
    )
    with op.batch_alter_table("handling_units", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handling_units_region_id"), ["region_id"], unique=False)

    op.create_table(
        "persons",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("region_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("phone_cipher", sa.String(), nullable=False),
        sa.Column("phone_index", sa.String(), nullable=False),
        sa.Column("created_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_persons_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persons")),
        sa.UniqueConstraint("phone_index", name=op.f("uq_persons_phone_index")),
    )
    with op.batch_alter_table("persons", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_persons_region_id"), ["region_id"], unique=False)

    op.create_table(
        "point_rule_sets",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("region_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("created_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_point_rule_sets_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_rule_sets")),
        sa.UniqueConstraint("region_id", "version", name=op.f("uq_point_rule_sets_region_id_version")),
    )
    with op.batch_alter_table("point_rule_sets", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_point_rule_sets_region_id"), ["region_id"], unique=False)

    op.create_table(
        "region_settings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("region_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("created_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_region_settings_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region_settings")),
        sa.UniqueConstraint(
            "region_id", "name", "effective_on", name=op.f("uq_region_settings_region_id_name_effective_on")
        ),
    )
    with op.batch_alter_table("region_settings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_region_settings_region_id"), ["region_id"], unique=False)

    op.create_table(
        "stations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("region_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("opening_hours", sa.String(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("fence_m", sa.Integer(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("created_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('county_center', 'township_station', 'village_room', 'area_station', 'thematic_station', 'deputy_studio')",
            name=op.f("ck_stations_kind"),
        ),
        sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name=op.f("ck_stations_location")),
        sa.CheckConstraint("fence_m BETWEEN 30 AND 2000", name=op.f("ck_stations_fence")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_stations_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stations")),
        sa.UniqueConstraint("region_id", "name", name=op.f("uq_stations_region_id_name")),
    )
    with op.batch_alter_table("stations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stations_region_id"), ["region_id"], unique=False)

    op.create_table(
        "accounts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone_cipher", sa.String(), nullable=True),
        sa.Column("phone_index", sa.String(), nullable=True),
        sa.Column("village_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("elder_mode", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("created_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('active', 'merged', 'closed')", name=op.f("ck_accounts_state")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_accounts_person_id")),
        sa.ForeignKeyConstraint(["village_id"], ["regions.id"], name=op.f("fk_accounts_village_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("person_id", name=op.f("uq_accounts_person_id")),
    )
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accounts_village_id"), ["village_id"], unique=False)
        batch_op.create_index(
            "uq_accounts_phone_index",
            ["phone_index"],
            unique=True,
            postgresql_where=sa.text("state = 'active'"),
            sqlite_where=sa.text("state = 'active'"),
        )

    op.create_table(
        "delegations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("congress_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["congress_id"], ["congresses.id"], name=op.f("fk_delegations_congress_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegations")),
        sa.UniqueConstraint("congress_id", "name", name=op.f("uq_delegations_congress_id_name")),
    )
    with op.batch_alter_table("delegations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delegations_congress_id"), ["congress_id"], unique=False)

    op.create_table(
        "deputy_devices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("device_digest", sa.String(length=64), nullable=False),
        sa.Column("bound_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("released_at", models.base.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_deputy_devices_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deputy_devices")),
    )
    with op.batch_alter_table("deputy_devices", schema=None) as batch_op:
        batch_op.create_index(
            "uq_deputy_devices_person",
            ["person_id"],
            unique=True,
            postgresql_where=sa.text("released_at IS NULL"),
            sqlite_where=sa.text("released_at IS NULL"),
        )

    op.create_table(
        "group_members",
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["deputy_groups.id"], name=op.f("fk_group_members_group_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_group_members_person_id")),
        sa.PrimaryKeyConstraint("group_id", "person_id", name=op.f("pk_group_members")),
    )
    with op.batch_alter_table("group_members", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_group_members_person_id"), ["person_id"], unique=False)

    op.create_table(
        "point_blocks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("rule_set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("cap_half", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["rule_set_id"], ["point_rule_sets.id"], name=op.f("fk_point_blocks_rule_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_blocks")),
        sa.UniqueConstraint("rule_set_id", "code", name=op.f("uq_point_blocks_rule_set_id_code")),
    )
    with op.batch_alter_table("point_blocks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_point_blocks_rule_set_id"), ["rule_set_id"], unique=False)

    op.create_table(
        "point_rules",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("rule_set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("block_code", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("points_half", sa.Integer(), nullable=False),
        sa.Column("cap_half", sa.Integer(), nullable=True),
        sa.Column("is_self_reported", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["rule_set_id"], ["point_rule_sets.id"], name=op.f("fk_point_rules_rule_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_rules")),
        sa.UniqueConstraint("rule_set_id", "code", name=op.f("uq_point_rules_rule_set_id_code")),
    )
    with op.batch_alter_table("point_rules", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_point_rules_rule_set_id"), ["rule_set_id"], unique=False)

    op.create_table(
        "receptions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("station_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("starts_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("created_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('planned', 'cancelled')", name=op.f("ck_receptions_state")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_receptions_order")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_receptions_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receptions")),
        sa.UniqueConstraint("station_id", "starts_at", name=op.f("uq_receptions_station_id_starts_at")),
    )
    with op.batch_alter_table("receptions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_receptions_starts_at"), ["starts_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_receptions_station_id"), ["station_id"], unique=False)

    op.create_table(
        "scan_codes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("scene", sa.String(length=64), nullable=False),
        sa.Column("short_code", sa.String(length=64), nullable=False),
        sa.Column("station_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", models.base.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_scan_codes_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_codes")),
        sa.UniqueConstraint("scene", name=op.f("uq_scan_codes_scene")),
        sa.UniqueConstraint("short_code", name=op.f("uq_scan_codes_short_code")),
    )
    with op.batch_alter_table("scan_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scan_codes_station_id"), ["station_id"], unique=False)

    op.create_table(
        "staff",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("region_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("totp_cipher", sa.String(), nullable=False),
        sa.Column("totp_step", sa.Integer(), nullable=False),
        sa.Column("failed_count", sa.Integer(), nullable=False),
        sa.Column("locked_until", models.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('township_clerk', 'township_chair', 'county_office', 'handling_unit', 'auditor', 'admin')",
            name=op.f("ck_staff_role"),
        ),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_staff_region_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["handling_units.id"], name=op.f("fk_staff_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("login", name=op.f("uq_staff_login")),
    )
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_region_id"), ["region_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "station_deputies",
        sa.Column("station_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_station_deputies_person_id")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_station_deputies_station_id")),
        sa.PrimaryKeyConstraint("station_id", "person_id", name=op.f("pk_station_deputies")),
    )
    with op.batch_alter_table("station_deputies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_station_deputies_person_id"), ["person_id"], unique=False)

    op.create_table(
        "used_screen_codes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("station_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("used_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_used_screen_codes_person_id")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_used_screen_codes_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_used_screen_codes")),
        sa.UniqueConstraint("station_id", "slot", "seq", name=op.f("uq_used_screen_codes_station_id_slot_seq")),
    )
    op.create_table(
        "chat_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("speaker", sa.String(length=64), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("extras", sa.JSON(), nullable=False),
        sa.Column("at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("speaker IN ('me', 'assistant')", name=op.f("ck_chat_lines_speaker")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_chat_lines_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_lines")),
    )
    with op.batch_alter_table("chat_lines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_chat_lines_account_id"), ["account_id"], unique=False)

    op.create_table(
        "dialogues",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("intent", sa.String(length=64), nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("slots", sa.JSON(), nullable=False),
        sa.Column("expires_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_dialogues_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dialogues")),
        sa.UniqueConstraint("account_id", name=op.f("uq_dialogues_account_id")),
    )
    op.create_table(
        "duty_records",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("region_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_code", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("reject_reason", sa.String(), nullable=True),
        sa.Column("first_checked_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("second_checked_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("decided_at", models.base.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("source IN ('visit', 'answer', 'self')", name=op.f("ck_duty_records_source")),
        sa.CheckConstraint(
            "state IN ('submitted', 'first_checked', 'confirmed', 'rejected')", name=op.f("ck_duty_records_state")
        ),
        sa.CheckConstraint(
            "second_checked_by IS NULL OR second_checked_by <> first_checked_by",
            name=op.f("ck_duty_records_two_people"),
        ),
        sa.ForeignKeyConstraint(["first_checked_by"], ["staff.id"], name=op.f("fk_duty_records_first_checked_by")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_duty_records_person_id")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_duty_records_region_id")),
        sa.ForeignKeyConstraint(["second_checked_by"], ["staff.id"], name=op.f("fk_duty_records_second_checked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_records")),
        sa.UniqueConstraint("cause", name=op.f("uq_duty_records_cause")),
    )
    with op.batch_alter_table("duty_records", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_duty_records_occurred_on"), ["occurred_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_duty_records_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_duty_records_region_id"), ["region_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_duty_records_state"), ["state"], unique=False)

    op.create_table(
        "hand_overs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("region_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("created_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("done_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("done_at", models.base.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'done')", name=op.f("ck_hand_overs_state")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_hand_overs_account_id")),
        sa.ForeignKeyConstraint(["done_by"], ["staff.id"], name=op.f("fk_hand_overs_done_by")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_hand_overs_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_overs")),
    )
    with op.batch_alter_table("hand_overs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hand_overs_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_hand_overs_region_id"), ["region_id"], unique=False)

    op.create_table(
        "login_sessions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("second_factor_at", models.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", models.base.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(account_id IS NULL) <> (staff_id IS NULL)", name=op.f("ck_login_sessions_one_owner")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_login_sessions_account_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_login_sessions_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_sessions")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_login_sessions_token_digest")),
    )
    with op.batch_alter_table("login_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_sessions_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_login_sessions_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_login_sessions_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "mandates",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("congress_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("delegation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("deputy_no", sa.String(), nullable=False),
        sa.Column("constituency", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("state_reason", sa.String(), nullable=False),
        sa.Column("began_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint("state IN ('active', 'suspended', 'ended')", name=op.f("ck_mandates_state")),
        sa.ForeignKeyConstraint(["congress_id"], ["congresses.id"], name=op.f("fk_mandates_congress_id")),
        sa.ForeignKeyConstraint(["delegation_id"], ["delegations.id"], name=op.f("fk_mandates_delegation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_mandates_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandates")),
        sa.UniqueConstraint("person_id", "congress_id", name=op.f("uq_mandates_person_id_congress_id")),
    )
    with op.batch_alter_table("mandates", schema=None) as batch_op:
        batch_op.create_index(
            "ix_mandates_active_person",
            ["person_id"],
            unique=False,
            postgresql_where=sa.text("state = 'active'"),
            sqlite_where=sa.text("state = 'active'"),
        )
        batch_op.create_index(batch_op.f("ix_mandates_congress_id"), ["congress_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mandates_delegation_id"), ["delegation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mandates_person_id"), ["person_id"], unique=False)

    op.create_table(
        "media_files",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content_type", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("storage_key", sa.String(), nullable=False),
        sa.Column("created_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("attached_at", models.base.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('opinion', 'duty')", name=op.f("ck_media_files_purpose")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_media_files_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_files")),
    )
    with op.batch_alter_table("media_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_media_files_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_media_files_attached_at"), ["attached_at"], unique=False)

    op.create_table(
        "notices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("region_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("starts_at", models.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("audience", sa.String(length=64), nullable=False),
        sa.Column("audience_id", sa.Integer(), nullable=True),
        sa.Column("needs_confirmation", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("sent_at", models.base.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_notices_sent")),
        sa.CheckConstraint(
            "audience IN ('group', 'region_deputies', 'station', 'residents')", name=op.f("ck_notices_audience")
        ),
        sa.CheckConstraint(
            "kind IN ('meeting', 'activity', 'study', 'reception', 'handling', 'ballot', 'review', 'bulletin')",
            name=op.f("ck_notices_kind"),
        ),
        sa.CheckConstraint("state IN ('draft', 'sent')", name=op.f("ck_notices_state")),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_notices_created_by")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_notices_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notices_region_id"), ["region_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notices_sent_at"), ["sent_at"], unique=False)

    op.create_table(
        "opinions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("township_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("village_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("is_anonymous", sa.Boolean(), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("text_check", sa.String(length=64), nullable=False),
        sa.Column("consent_version", sa.String(), nullable=False),
        sa.Column("consent_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("round_no", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("reject_reason", sa.String(), nullable=True),
        sa.Column("submitted_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", models.base.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("channel IN ('mini', 'web', 'chat', 'official_account')", name=op.f("ck_opinions_channel")),
        sa.CheckConstraint(
            "state IN ('screening', 'registered', 'assigned', 'answered', 'closed', 'rejected')",
            name=op.f("ck_opinions_state"),
        ),
        sa.CheckConstraint(
            "text_check IN ('pending', 'pass', 'review', 'risky', 'unreachable')", name=op.f("ck_opinions_text_check")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_opinions_account_id")),
        sa.ForeignKeyConstraint(["township_id"], ["regions.id"], name=op.f("fk_opinions_township_id")),
        sa.ForeignKeyConstraint(["village_id"], ["regions.id"], name=op.f("fk_opinions_village_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinions")),
        sa.UniqueConstraint("number", name=op.f("uq_opinions_number")),
    )
    with op.batch_alter_table("opinions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opinions_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_opinions_submitted_at"), ["submitted_at"], unique=False)
        batch_op.create_index("ix_opinions_township_state", ["township_id", "state", "due_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_opinions_village_id"), ["village_id"], unique=False)

    op.create_table(
        "reception_deputies",
        sa.Column("reception_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_reception_deputies_person_id")),
        sa.ForeignKeyConstraint(["reception_id"], ["receptions.id"], name=op.f("fk_reception_deputies_reception_id")),
        sa.PrimaryKeyConstraint("reception_id", "person_id", name=op.f("pk_reception_deputies")),
    )
    with op.batch_alter_table("reception_deputies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reception_deputies_person_id"), ["person_id"], unique=False)

    op.create_table(
        "roster_imports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("region_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("rows_cipher", sa.String(), nullable=False),
        sa.Column("results", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("created_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("applied_at", models.base.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('previewed', 'applied', 'discarded')", name=op.f("ck_roster_imports_state")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_roster_imports_region_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_roster_imports_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_imports")),
    )
    with op.batch_alter_table("roster_imports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roster_imports_region_id"), ["region_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_roster_imports_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "seat_claims",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("decided_at", models.base.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('pending', 'approved', 'refused')", name=op.f("ck_seat_claims_state")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_seat_claims_account_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_seat_claims_decided_by")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_seat_claims_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_claims")),
    )
    with op.batch_alter_table("seat_claims", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seat_claims_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_seat_claims_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "uq_seat_claims_open",
            ["person_id", "account_id"],
            unique=True,
            postgresql_where=sa.text("state = 'pending'"),
            sqlite_where=sa.text("state = 'pending'"),
        )

    op.create_table(
        "visits",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("station_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("factor", sa.String(), nullable=True),
        sa.Column("checked_in_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("checked_out_at", models.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint("factor IS NULL OR factor IN ('fence', 'screen', 'clerk')", name=op.f("ck_visits_factor")),
        sa.CheckConstraint(
            "state IN ('awaiting_confirmation', 'open', 'closed', 'refused')", name=op.f("ck_visits_state")
        ),
        sa.CheckConstraint("state NOT IN ('open', 'closed') OR factor IS NOT NULL", name=op.f("ck_visits_presence")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["staff.id"], name=op.f("fk_visits_confirmed_by")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_visits_person_id")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_visits_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
    )
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visits_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_visits_station_day", ["station_id", "checked_in_at"], unique=False)
        batch_op.create_index(
            "uq_visits_live_person",
            ["person_id"],
            unique=True,
            postgresql_where=sa.text("state IN ('awaiting_confirmation', 'open')"),
            sqlite_where=sa.text("state IN ('awaiting_confirmation', 'open')"),
        )

    op.create_table(
        "wechat_bindings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("appid", sa.String(length=64), nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("unionid", sa.String(), nullable=True),
        sa.Column("bound_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_wechat_bindings_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wechat_bindings")),
        sa.UniqueConstraint("account_id", "appid", name=op.f("uq_wechat_bindings_account_id_appid")),
        sa.UniqueConstraint("appid", "openid", name=op.f("uq_wechat_bindings_appid_openid")),
    )
    with op.batch_alter_table("wechat_bindings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wechat_bindings_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_wechat_bindings_unionid"), ["unionid"], unique=False)

    op.create_table(
        "duty_photos",
        sa.Column("duty_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("media_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["duty_id"], ["duty_records.id"], name=op.f("fk_duty_photos_duty_id")),
        sa.ForeignKeyConstraint(["media_id"], ["media_files.id"], name=op.f("fk_duty_photos_media_id")),
        sa.PrimaryKeyConstraint("duty_id", "media_id", name=op.f("pk_duty_photos")),
    )
    op.create_table(
        "notice_deliveries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("notice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", models.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", models.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("settled_at", models.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("read_at", models.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", models.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("phoned_at", models.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("phoned_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("channel IN ('subscription', 'phone_list')", name=op.f("ck_notice_deliveries_channel")),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'accepted', 'delivered', 'rejected', 'uncertain', 'unreachable')",
            name=op.f("ck_notice_deliveries_state"),
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_notice_deliveries_notice_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_notice_deliveries_person_id")),
        sa.ForeignKeyConstraint(["phoned_by"], ["staff.id"], name=op.f("fk_notice_deliveries_phoned_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_deliveries")),
        sa.UniqueConstraint("notice_id", "person_id", name=op.f("uq_notice_deliveries_notice_id_person_id")),
    )
    with op.batch_alter_table("notice_deliveries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_deliveries_notice_id"), ["notice_id"], unique=False)
        batch_op.create_index(
            "ix_notice_deliveries_open",
            ["state", "lease_until"],
            unique=False,
            postgresql_where=sa.text("state IN ('queued', 'sending', 'accepted', 'uncertain')"),
            sqlite_where=sa.text("state IN ('queued', 'sending', 'accepted', 'uncertain')"),
        )
        batch_op.create_index(batch_op.f("ix_notice_deliveries_person_id"), ["person_id"], unique=False)

    op.create_table(
        "opinion_assignments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("opinion_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("round_no", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("assigned_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("assigned_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_at", models.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("returned_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(state = 'answered') = (answered_at IS NOT NULL)", name=op.f("ck_opinion_assignments_answered")
        ),
        sa.CheckConstraint("state IN ('open', 'returned', 'answered')", name=op.f("ck_opinion_assignments_state")),
        sa.CheckConstraint("(person_id IS NULL) <> (unit_id IS NULL)", name=op.f("ck_opinion_assignments_one_handler")),
        sa.ForeignKeyConstraint(["assigned_by"], ["staff.id"], name=op.f("fk_opinion_assignments_assigned_by")),
        sa.ForeignKeyConstraint(["opinion_id"], ["opinions.id"], name=op.f("fk_opinion_assignments_opinion_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_opinion_assignments_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["handling_units.id"], name=op.f("fk_opinion_assignments_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion_assignments")),
    )
    with op.batch_alter_table("opinion_assignments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opinion_assignments_opinion_id"), ["opinion_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_opinion_assignments_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_opinion_assignments_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index(
            "uq_opinion_assignments_live",
            ["opinion_id", "round_no"],
            unique=True,
            postgresql_where=sa.text("state <> 'returned'"),
            sqlite_where=sa.text("state <> 'returned'"),
        )

    op.create_table(
        "opinion_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("opinion_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("is_internal", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["opinion_id"], ["opinions.id"], name=op.f("fk_opinion_events_opinion_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion_events")),
    )
    with op.batch_alter_table("opinion_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opinion_events_opinion_id"), ["opinion_id"], unique=False)

    op.create_table(
        "opinion_photos",
        sa.Column("opinion_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("media_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["media_id"], ["media_files.id"], name=op.f("fk_opinion_photos_media_id")),
        sa.ForeignKeyConstraint(["opinion_id"], ["opinions.id"], name=op.f("fk_opinion_photos_opinion_id")),
        sa.PrimaryKeyConstraint("opinion_id", "media_id", name=op.f("pk_opinion_photos")),
    )
    op.create_table(
        "opinion_ratings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("opinion_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("round_no", sa.Integer(), nullable=False),
        sa.Column("grade", sa.String(length=64), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("rated_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "grade IN ('satisfied', 'basically_satisfied', 'unsatisfied')", name=op.f("ck_opinion_ratings_grade")
        ),
        sa.ForeignKeyConstraint(["opinion_id"], ["opinions.id"], name=op.f("fk_opinion_ratings_opinion_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion_ratings")),
        sa.UniqueConstraint("opinion_id", "round_no", name=op.f("uq_opinion_ratings_opinion_id_round_no")),
    )
    op.create_table(
        "opinion_words",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("opinion_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("status_phrase", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", models.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("created_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("settled_at", models.base.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'accepted', 'delivered', 'rejected', 'uncertain', 'unreachable')",
            name=op.f("ck_opinion_words_state"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_opinion_words_account_id")),
        sa.ForeignKeyConstraint(["opinion_id"], ["opinions.id"], name=op.f("fk_opinion_words_opinion_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion_words")),
        sa.UniqueConstraint("cause", name=op.f("uq_opinion_words_cause")),
    )
    with op.batch_alter_table("opinion_words", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opinion_words_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_opinion_words_opinion_id"), ["opinion_id"], unique=False)

    op.create_table(
        "point_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("mandate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rule_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("amount_half", sa.Integer(), nullable=False),
        sa.Column("arithmetic", sa.String(), nullable=False),
        sa.Column("reverses_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("posted_at", models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("posted_by", sa.String(), nullable=False),
        sa.CheckConstraint("(reverses_id IS NULL) OR (reverses_id <> id)", name=op.f("ck_point_entries_reversal")),
        sa.ForeignKeyConstraint(["mandate_id"], ["mandates.id"], name=op.f("fk_point_entries_mandate_id")),
        sa.ForeignKeyConstraint(["reverses_id"], ["point_entries.id"], name=op.f("fk_point_entries_reverses_id")),
        sa.ForeignKeyConstraint(["rule_id"], ["point_rules.id"], name=op.f("fk_point_entries_rule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_entries")),
        sa.UniqueConstraint("mandate_id", "cause", name=op.f("uq_point_entries_mandate_id_cause")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_point_entries_reverses_id")),
    )
    with op.batch_alter_table("point_entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_point_entries_mandate_id"), ["mandate_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_point_entries_rule_id"), ["rule_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_point_entries_year"), ["year"], unique=False)

    for chain in range(1, 33):
        op.execute(f"INSERT INTO audit_head (id, seq, hash) VALUES ({chain}, 0, '{'0' * 64}')")
    for table in TABLES:
        protect(op.get_bind(), table)


def downgrade() -> None:
    for table in TABLES:
        unprotect(op.get_bind(), table)
    with op.batch_alter_table("point_entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_point_entries_year"))
        batch_op.drop_index(batch_op.f("ix_point_entries_rule_id"))
        batch_op.drop_index(batch_op.f("ix_point_entries_mandate_id"))

    op.drop_table("point_entries")
    with op.batch_alter_table("opinion_words", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_opinion_words_opinion_id"))
        batch_op.drop_index(batch_op.f("ix_opinion_words_account_id"))

    op.drop_table("opinion_words")
    op.drop_table("opinion_ratings")
    op.drop_table("opinion_photos")
    with op.batch_alter_table("opinion_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_opinion_events_opinion_id"))

    op.drop_table("opinion_events")
    with op.batch_alter_table("opinion_assignments", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_opinion_assignments_live",
            postgresql_where=sa.text("state <> 'returned'"),
            sqlite_where=sa.text("state <> 'returned'"),
        )
        batch_op.drop_index(batch_op.f("ix_opinion_assignments_unit_id"))
        batch_op.drop_index(batch_op.f("ix_opinion_assignments_person_id"))
        batch_op.drop_index(batch_op.f("ix_opinion_assignments_opinion_id"))

    op.drop_table("opinion_assignments")
    with op.batch_alter_table("notice_deliveries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_deliveries_person_id"))
        batch_op.drop_index(
            "ix_notice_deliveries_open",
            postgresql_where=sa.text("state IN ('queued', 'sending', 'accepted', 'uncertain')"),
            sqlite_where=sa.text("state IN ('queued', 'sending', 'accepted', 'uncertain')"),
        )
        batch_op.drop_index(batch_op.f("ix_notice_deliveries_notice_id"))

    op.drop_table("notice_deliveries")
    op.drop_table("duty_photos")
    with op.batch_alter_table("wechat_bindings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_wechat_bindings_unionid"))
        batch_op.drop_index(batch_op.f("ix_wechat_bindings_account_id"))

    op.drop_table("wechat_bindings")
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_visits_live_person",
            postgresql_where=sa.text("state IN ('awaiting_confirmation', 'open')"),
            sqlite_where=sa.text("state IN ('awaiting_confirmation', 'open')"),
        )
        batch_op.drop_index("ix_visits_station_day")
        batch_op.drop_index(batch_op.f("ix_visits_person_id"))

    op.drop_table("visits")
    with op.batch_alter_table("seat_claims", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_seat_claims_open",
            postgresql_where=sa.text("state = 'pending'"),
            sqlite_where=sa.text("state = 'pending'"),
        )
        batch_op.drop_index(batch_op.f("ix_seat_claims_person_id"))
        batch_op.drop_index(batch_op.f("ix_seat_claims_account_id"))

    op.drop_table("seat_claims")
    with op.batch_alter_table("roster_imports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_roster_imports_staff_id"))
        batch_op.drop_index(batch_op.f("ix_roster_imports_region_id"))

    op.drop_table("roster_imports")
    with op.batch_alter_table("reception_deputies", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reception_deputies_person_id"))

    op.drop_table("reception_deputies")
    with op.batch_alter_table("opinions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_opinions_village_id"))
        batch_op.drop_index("ix_opinions_township_state")
        batch_op.drop_index(batch_op.f("ix_opinions_submitted_at"))
        batch_op.drop_index(batch_op.f("ix_opinions_account_id"))

    op.drop_table("opinions")
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notices_sent_at"))
        batch_op.drop_index(batch_op.f("ix_notices_region_id"))

    op.drop_table("notices")
    with op.batch_alter_table("media_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_media_files_attached_at"))
        batch_op.drop_index(batch_op.f("ix_media_files_account_id"))

    op.drop_table("media_files")
    with op.batch_alter_table("mandates", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mandates_person_id"))
        batch_op.drop_index(batch_op.f("ix_mandates_delegation_id"))
        batch_op.drop_index(batch_op.f("ix_mandates_congress_id"))
        batch_op.drop_index(
            "ix_mandates_active_person",
            postgresql_where=sa.text("state = 'active'"),
            sqlite_where=sa.text("state = 'active'"),
        )

    op.drop_table("mandates")
    with op.batch_alter_table("login_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_sessions_staff_id"))
        batch_op.drop_index(batch_op.f("ix_login_sessions_expires_at"))
        batch_op.drop_index(batch_op.f("ix_login_sessions_account_id"))

    op.drop_table("login_sessions")
    with op.batch_alter_table("hand_overs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hand_overs_region_id"))
        batch_op.drop_index(batch_op.f("ix_hand_overs_account_id"))

    op.drop_table("hand_overs")
    with op.batch_alter_table("duty_records", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_duty_records_state"))
        batch_op.drop_index(batch_op.f("ix_duty_records_region_id"))
        batch_op.drop_index(batch_op.f("ix_duty_records_person_id"))
        batch_op.drop_index(batch_op.f("ix_duty_records_occurred_on"))

    op.drop_table("duty_records")
    op.drop_table("dialogues")
    with op.batch_alter_table("chat_lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_chat_lines_account_id"))

    op.drop_table("chat_lines")
    op.drop_table("used_screen_codes")
    with op.batch_alter_table("station_deputies", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_station_deputies_person_id"))

    op.drop_table("station_deputies")
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_unit_id"))
        batch_op.drop_index(batch_op.f("ix_staff_region_id"))

    op.drop_table("staff")
    with op.batch_alter_table("scan_codes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scan_codes_station_id"))

    op.drop_table("scan_codes")
    with op.batch_alter_table("receptions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_receptions_station_id"))
        batch_op.drop_index(batch_op.f("ix_receptions_starts_at"))

    op.drop_table("receptions")
    with op.batch_alter_table("point_rules", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_point_rules_rule_set_id"))

    op.drop_table("point_rules")
    with op.batch_alter_table("point_blocks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_point_blocks_rule_set_id"))

    op.drop_table("point_blocks")
    with op.batch_alter_table("group_members", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_group_members_person_id"))

    op.drop_table("group_members")
    with op.batch_alter_table("deputy_devices", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_deputy_devices_person",
            postgresql_where=sa.text("released_at IS NULL"),
            sqlite_where=sa.text("released_at IS NULL"),
        )

    op.drop_table("deputy_devices")
    with op.batch_alter_table("delegations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delegations_congress_id"))

    op.drop_table("delegations")
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_accounts_phone_index",
            postgresql_where=sa.text("state = 'active'"),
            sqlite_where=sa.text("state = 'active'"),
        )
        batch_op.drop_index(batch_op.f("ix_accounts_village_id"))

    op.drop_table("accounts")
    with op.batch_alter_table("stations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stations_region_id"))

    op.drop_table("stations")
    with op.batch_alter_table("region_settings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_region_settings_region_id"))

    op.drop_table("region_settings")
    with op.batch_alter_table("point_rule_sets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_point_rule_sets_region_id"))

    op.drop_table("point_rule_sets")
    with op.batch_alter_table("persons", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_persons_region_id"))

    op.drop_table("persons")
    with op.batch_alter_table("handling_units", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handling_units_region_id"))

    op.drop_table("handling_units")
    with op.batch_alter_table("deputy_groups", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deputy_groups_region_id"))

    op.drop_table("deputy_groups")
    with op.batch_alter_table("congresses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_congresses_region_id"))

    op.drop_table("congresses")
    with op.batch_alter_table("audit_rows", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_rows_subject"))
        batch_op.drop_index(batch_op.f("ix_audit_rows_region_id"))
        batch_op.drop_index(batch_op.f("ix_audit_rows_at"))
        batch_op.drop_index(batch_op.f("ix_audit_rows_actor"))
        batch_op.drop_index(batch_op.f("ix_audit_rows_action"))

    op.drop_table("audit_rows")
    op.drop_table("worker_beats")
    op.drop_table("workday_overrides")
    with op.batch_alter_table("subscription_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_subscription_events_openid"))

    op.drop_table("subscription_events")
    op.drop_table("subscription_credits")
    with op.batch_alter_table("scheduled_runs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scheduled_runs_due_at"))

    op.drop_table("scheduled_runs")
    with op.batch_alter_table("regions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_regions_path"))
        batch_op.drop_index(batch_op.f("ix_regions_parent_id"))

    op.drop_table("regions")
    with op.batch_alter_table("outbox_messages", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbox_messages_pending",
            postgresql_where=sa.text("state = 'pending'"),
            sqlite_where=sa.text("state = 'pending'"),
        )

    op.drop_table("outbox_messages")
    with op.batch_alter_table("one_time_codes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_one_time_codes_subject"))
        batch_op.drop_index(batch_op.f("ix_one_time_codes_code_digest"))

    op.drop_table("one_time_codes")
    op.drop_table("number_series")
    op.drop_table("message_templates")
    op.drop_table("inbox_messages")
    with op.batch_alter_table("idempotency_keys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotency_keys_created_at"))

    op.drop_table("idempotency_keys")
    op.drop_table("audit_head")
