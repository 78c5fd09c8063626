"""answer everybody."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("hand_overs", sa.Column("reply", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("hand_overs", "reply")
