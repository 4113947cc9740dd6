-- The newest state that each bot pushed: one row for each account, replaced by the next push. No reference to an account, because
-- a bot may push before its account is registered.
CREATE TABLE plumbline.pushed_state (
  account text PRIMARY KEY,
  -- The internal-state document as it came.
  document bytea NOT NULL CONSTRAINT pushed_state_size CHECK (octet_length(document) <= 67108864),
  sha256 text NOT NULL,
  -- The time of the state, by the bot's clock.
  as_of timestamptz(3) NOT NULL,
  -- By the clock of this database.
  received_at timestamptz(3) NOT NULL,
  CONSTRAINT pushed_state_digest CHECK (sha256 = encode(sha256(document), 'hex'))
);
