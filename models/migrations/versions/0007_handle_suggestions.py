"""handle suggestions."""

import sqlalchemy as sa
from alembic import op

import models.base

revision = '0007'
down_revision = '0006'


def upgrade() -> None:
    _allow_sources("visit", "answer", "self", "suggestion")
    op.create_table('congress_sessions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('congress_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('session_no', sa.Integer(), nullable=False),
    sa.Column('opens_on', sa.Date(), nullable=False),
    sa.Column('closes_on', sa.Date(), nullable=False),
    sa.CheckConstraint('closes_on >= opens_on', name=op.f('ck_congress_sessions_days')),
    sa.CheckConstraint('session_no > 0', name=op.f('ck_congress_sessions_session_no')),
    sa.ForeignKeyConstraint(['congress_id'], ['congresses.id'], name=op.f('fk_congress_sessions_congress_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_congress_sessions')),
    sa.UniqueConstraint('congress_id', 'session_no', name=op.f('uq_congress_sessions_congress_id_session_no'))
    )
    op.create_table('suggestions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('number', sa.String(length=64), nullable=True),
    sa.Column('congress_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('region_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('timing', sa.String(length=64), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('proposal', sa.String(), nullable=False),
    sa.Column('category', sa.String(length=64), nullable=True),
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('decision_code', sa.String(length=64), nullable=True),
    sa.Column('decision_text', sa.String(), nullable=True),
    sa.Column('round_no', sa.Integer(), nullable=False),
    sa.Column('is_confidential', sa.Boolean(), nullable=False),
    sa.Column('is_key', sa.Boolean(), nullable=False),
    sa.Column('is_excellent', sa.Boolean(), nullable=False),
    sa.Column('publication', sa.String(length=64), nullable=False),
    sa.Column('publication_text', sa.String(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('objection_due_on', sa.Date(), nullable=True),
    sa.Column('contact_due_on', sa.Date(), nullable=True),
    sa.Column('contacted_at', models.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('created_at', models.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('submitted_at', models.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('registered_at', models.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('assigned_at', models.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('closed_at', models.base.UTCDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind IN ('single', 'joint', 'delegation')", name=op.f('ck_suggestions_kind')),
    sa.CheckConstraint("number IS NOT NULL OR state IN ('draft', 'cosigning', 'submitted', 'returned', 'not_admitted', 'withdrawn', 'archived')", name=op.f('ck_suggestions_numbered')),
    sa.CheckConstraint("publication <> 'summary' OR publication_text <> ''", name=op.f('ck_suggestions_summary')),
    sa.CheckConstraint("publication IN ('undecided', 'full', 'summary', 'none')", name=op.f('ck_suggestions_publication')),
    sa.CheckConstraint("state IN ('draft', 'cosigning', 'submitted', 'returned', 'not_admitted', 'withdrawn', 'registered', 'assigned', 'objected', 'handling', 'answered', 'redo', 'coordination', 'commitment', 'closed', 'archived')", name=op.f('ck_suggestions_state')),
    sa.CheckConstraint("timing IN ('session', 'between')", name=op.f('ck_suggestions_timing')),
    sa.CheckConstraint('round_no IN (1, 2)', name=op.f('ck_suggestions_round_no')),
    sa.ForeignKeyConstraint(['congress_id'], ['congresses.id'], name=op.f('fk_suggestions_congress_id')),
    sa.ForeignKeyConstraint(['person_id'], ['persons.id'], name=op.f('fk_suggestions_person_id')),
    sa.ForeignKeyConstraint(['region_id'], ['regions.id'], name=op.f('fk_suggestions_region_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_suggestions')),
    sa.UniqueConstraint('number', name=op.f('uq_suggestions_number'))
    )
    with op.batch_alter_table('suggestions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_suggestions_congress_id'), ['congress_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_suggestions_person_id'), ['person_id'], unique=False)
        batch_op.create_index('ix_suggestions_region_state', ['region_id', 'state', 'due_on'], unique=False)

    op.create_table('suggestion_answers',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('suggestion_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('round_no', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('answer_class', sa.String(length=64), nullable=False),
    sa.Column('document_no', sa.String(length=120), nullable=False),
    sa.Column('signer', sa.String(length=120), nullable=False),
    sa.Column('body', sa.String(), nullable=False),
    sa.Column('is_face_to_face', sa.Boolean(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('answered_at', models.base.UTCDateTime(timezone=True), nullable=False),
    sa.CheckConstraint("answer_class IN ('A', 'B', 'C', 'D')", name=op.f('ck_suggestion_answers_answer_class')),
    sa.ForeignKeyConstraint(['suggestion_id'], ['suggestions.id'], name=op.f('fk_suggestion_answers_suggestion_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['handling_units.id'], name=op.f('fk_suggestion_answers_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_suggestion_answers')),
    sa.UniqueConstraint('suggestion_id', 'round_no', name=op.f('uq_suggestion_answers_suggestion_id_round_no'))
    )
    op.create_table('suggestion_commitments',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('suggestion_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('round_no', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('promise', sa.String(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('outcome', sa.String(), nullable=True),
    sa.Column('settled_at', models.base.UTCDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'open') = (settled_at IS NULL)", name=op.f('ck_suggestion_commitments_settled')),
    sa.CheckConstraint("state IN ('open', 'fulfilled', 'explained')", name=op.f('ck_suggestion_commitments_state')),
    sa.ForeignKeyConstraint(['suggestion_id'], ['suggestions.id'], name=op.f('fk_suggestion_commitments_suggestion_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['handling_units.id'], name=op.f('fk_suggestion_commitments_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_suggestion_commitments')),
    sa.UniqueConstraint('suggestion_id', 'round_no', name=op.f('uq_suggestion_commitments_suggestion_id_round_no'))
    )
    with op.batch_alter_table('suggestion_commitments', schema=None) as batch_op:
        batch_op.create_index('ix_suggestion_commitments_due', ['state', 'due_on'], unique=False)

    op.create_table('suggestion_cosigners',
    sa.Column('suggestion_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('decided_at', models.base.UTCDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'invited') = (decided_at IS NULL)", name=op.f('ck_suggestion_cosigners_decided')),
    sa.CheckConstraint("state IN ('invited', 'confirmed', 'declined', 'withdrawn')", name=op.f('ck_suggestion_cosigners_state')),
    sa.ForeignKeyConstraint(['person_id'], ['persons.id'], name=op.f('fk_suggestion_cosigners_person_id')),
    sa.ForeignKeyConstraint(['suggestion_id'], ['suggestions.id'], name=op.f('fk_suggestion_cosigners_suggestion_id')),
    sa.PrimaryKeyConstraint('suggestion_id', 'person_id', name=op.f('pk_suggestion_cosigners'))
    )
    with op.batch_alter_table('suggestion_cosigners', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_suggestion_cosigners_person_id'), ['person_id'], unique=False)

    op.create_table('suggestion_evaluations',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('suggestion_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('round_no', sa.Integer(), nullable=False),
    sa.Column('attitude', sa.String(length=64), nullable=False),
    sa.Column('result', sa.String(length=64), nullable=False),
    sa.Column('comment', sa.String(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('evaluated_at', models.base.UTCDateTime(timezone=True), nullable=False),
    sa.CheckConstraint("attitude IN ('satisfied', 'basically_satisfied', 'unsatisfied')", name=op.f('ck_suggestion_evaluations_attitude')),
    sa.CheckConstraint("result IN ('satisfied', 'basically_satisfied', 'unsatisfied')", name=op.f('ck_suggestion_evaluations_result')),
    sa.ForeignKeyConstraint(['suggestion_id'], ['suggestions.id'], name=op.f('fk_suggestion_evaluations_suggestion_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_suggestion_evaluations')),
    sa.UniqueConstraint('suggestion_id', 'round_no', name=op.f('uq_suggestion_evaluations_suggestion_id_round_no'))
    )
    op.create_table('suggestion_events',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('suggestion_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', models.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('detail', sa.String(), nullable=False),
    sa.Column('is_internal', sa.Boolean(), nullable=False),
    sa.Column('actor', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['suggestion_id'], ['suggestions.id'], name=op.f('fk_suggestion_events_suggestion_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_suggestion_events'))
    )
    with op.batch_alter_table('suggestion_events', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_suggestion_events_suggestion_id'), ['suggestion_id'], unique=False)

    op.create_table('suggestion_extensions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('suggestion_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('has_consent', sa.Boolean(), nullable=False),
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('decision', sa.String(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('asked_at', models.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('decided_at', models.base.UTCDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name=op.f('ck_suggestion_extensions_decided')),
    sa.CheckConstraint("(state = 'granted') = (due_on IS NOT NULL)", name=op.f('ck_suggestion_extensions_granted')),
    sa.CheckConstraint("state IN ('asked', 'granted', 'refused')", name=op.f('ck_suggestion_extensions_state')),
    sa.ForeignKeyConstraint(['suggestion_id'], ['suggestions.id'], name=op.f('fk_suggestion_extensions_suggestion_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_suggestion_extensions')),
    sa.UniqueConstraint('suggestion_id', name=op.f('uq_suggestion_extensions_suggestion_id'))
    )
    op.create_table('suggestion_objections',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('suggestion_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('decision', sa.String(), nullable=True),
    sa.Column('made_at', models.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('decided_at', models.base.UTCDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name=op.f('ck_suggestion_objections_decided')),
    sa.CheckConstraint("state IN ('open', 'upheld', 'rejected')", name=op.f('ck_suggestion_objections_state')),
    sa.ForeignKeyConstraint(['suggestion_id'], ['suggestions.id'], name=op.f('fk_suggestion_objections_suggestion_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['handling_units.id'], name=op.f('fk_suggestion_objections_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_suggestion_objections'))
    )
    with op.batch_alter_table('suggestion_objections', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_suggestion_objections_suggestion_id'), ['suggestion_id'], unique=False)
        batch_op.create_index('uq_suggestion_objections_open', ['suggestion_id'], unique=True, postgresql_where=sa.text("state = 'open'"), sqlite_where=sa.text("state = 'open'"))

    op.create_table('suggestion_units',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('suggestion_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('part', sa.String(length=64), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('opinion', sa.String(), nullable=True),
    sa.Column('opinion_at', models.base.UTCDateTime(timezone=True), nullable=True),
    sa.Column('assigned_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('assigned_at', models.base.UTCDateTime(timezone=True), nullable=False),
    sa.Column('replaced_at', models.base.UTCDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("part IN ('lead', 'co')", name=op.f('ck_suggestion_units_part')),
    sa.CheckConstraint('(opinion IS NULL) = (opinion_at IS NULL)', name=op.f('ck_suggestion_units_opinion')),
    sa.ForeignKeyConstraint(['assigned_by'], ['staff.id'], name=op.f('fk_suggestion_units_assigned_by')),
    sa.ForeignKeyConstraint(['suggestion_id'], ['suggestions.id'], name=op.f('fk_suggestion_units_suggestion_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['handling_units.id'], name=op.f('fk_suggestion_units_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_suggestion_units'))
    )
    with op.batch_alter_table('suggestion_units', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_suggestion_units_unit_id'), ['unit_id'], unique=False)
        batch_op.create_index('uq_suggestion_units_lead', ['suggestion_id'], unique=True, postgresql_where=sa.text("part = 'lead' AND replaced_at IS NULL"), sqlite_where=sa.text("part = 'lead' AND replaced_at IS NULL"))
        batch_op.create_index('uq_suggestion_units_unit', ['suggestion_id', 'unit_id'], unique=True, postgresql_where=sa.text('replaced_at IS NULL'), sqlite_where=sa.text('replaced_at IS NULL'))

    op.create_table('suggestion_opinions',
    sa.Column('suggestion_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('opinion_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['opinion_id'], ['opinions.id'], name=op.f('fk_suggestion_opinions_opinion_id')),
    sa.ForeignKeyConstraint(['suggestion_id'], ['suggestions.id'], name=op.f('fk_suggestion_opinions_suggestion_id')),
    sa.PrimaryKeyConstraint('suggestion_id', 'opinion_id', name=op.f('pk_suggestion_opinions'))
    )
    with op.batch_alter_table('suggestion_opinions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_suggestion_opinions_opinion_id'), ['opinion_id'], unique=False)



def _allow_sources(*sources: str) -> None:
    allowed = ", ".join(repr(source) for source in sources)
    with op.batch_alter_table("duty_records") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_duty_records_source"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_duty_records_source"), f"source IN ({allowed})")


def downgrade() -> None:
    # What the old table cannot name is gone; the points that it proved stay in the book.
    op.execute("DELETE FROM duty_records WHERE source = 'suggestion'")
    _allow_sources("visit", "answer", "self")
    with op.batch_alter_table('suggestion_opinions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_suggestion_opinions_opinion_id'))

    op.drop_table('suggestion_opinions')
    with op.batch_alter_table('suggestion_units', schema=None) as batch_op:
        batch_op.drop_index('uq_suggestion_units_unit', postgresql_where=sa.text('replaced_at IS NULL'), sqlite_where=sa.text('replaced_at IS NULL'))
        batch_op.drop_index('uq_suggestion_units_lead', postgresql_where=sa.text("part = 'lead' AND replaced_at IS NULL"), sqlite_where=sa.text("part = 'lead' AND replaced_at IS NULL"))
        batch_op.drop_index(batch_op.f('ix_suggestion_units_unit_id'))

    op.drop_table('suggestion_units')
    with op.batch_alter_table('suggestion_objections', schema=None) as batch_op:
        batch_op.drop_index('uq_suggestion_objections_open', postgresql_where=sa.text("state = 'open'"), sqlite_where=sa.text("state = 'open'"))
        batch_op.drop_index(batch_op.f('ix_suggestion_objections_suggestion_id'))

    op.drop_table('suggestion_objections')
    op.drop_table('suggestion_extensions')
    with op.batch_alter_table('suggestion_events', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_suggestion_events_suggestion_id'))

    op.drop_table('suggestion_events')
    op.drop_table('suggestion_evaluations')
    with op.batch_alter_table('suggestion_cosigners', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_suggestion_cosigners_person_id'))

    op.drop_table('suggestion_cosigners')
    with op.batch_alter_table('suggestion_commitments', schema=None) as batch_op:
        batch_op.drop_index('ix_suggestion_commitments_due')

    op.drop_table('suggestion_commitments')
    op.drop_table('suggestion_answers')
    with op.batch_alter_table('suggestions', schema=None) as batch_op:
        batch_op.drop_index('ix_suggestions_region_state')
        batch_op.drop_index(batch_op.f('ix_suggestions_person_id'))
        batch_op.drop_index(batch_op.f('ix_suggestions_congress_id'))

    op.drop_table('suggestions')
    op.drop_table('congress_sessions')
