-- Until when what all workers together asked of an exchange is paid for. Unlogged: it is worth a minute, and no proof.
CREATE UNLOGGED TABLE plumbline.request_budget (
  exchange text PRIMARY KEY,
  earned_at timestamptz NOT NULL
);
