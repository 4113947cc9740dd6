-- Finds the last resolved discrepancy of an identity, which may be far too long for an index itself.
CREATE INDEX discrepancy_resolved ON plumbline.discrepancy (account, md5(identity), resolved_at DESC)
  WHERE state = 'resolved';
