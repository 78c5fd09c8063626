"""let items begin to count later; totals of a year from one index."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("point_rules", sa.Column("free_times", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE point_rules SET free_times = 2 WHERE code = 'G4' AND name LIKE '%第3次起%'")
    op.create_index("ix_point_entries_totals", "point_entries", ["year", "mandate_id", "amount_half"])
    op.drop_index("ix_point_entries_year", table_name="point_entries")


def downgrade() -> None:
    op.create_index("ix_point_entries_year", "point_entries", ["year"])
    op.drop_index("ix_point_entries_totals", table_name="point_entries")
    op.drop_column("point_rules", "free_times")
