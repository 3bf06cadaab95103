-- Who may come in, as whom, until when; and the chain that seals the audit.
ALTER TABLE audit_log ADD COLUMN key_id VARCHAR;
ALTER TABLE audit_log ADD COLUMN mac VARCHAR;

CREATE SEQUENCE user_ids;
CREATE TABLE users (
  user_id VARCHAR NOT NULL, login VARCHAR NOT NULL, name VARCHAR, role VARCHAR NOT NULL,
  unit_id VARCHAR, area_id VARCHAR, oidc_subject VARCHAR, is_active BOOLEAN NOT NULL, is_sample BOOLEAN NOT NULL,
  created_at TIMESTAMPTZ NOT NULL, created_by VARCHAR NOT NULL, changed_at TIMESTAMPTZ
);
CREATE TABLE credentials (
  user_id VARCHAR NOT NULL, password_hash VARCHAR NOT NULL, must_change BOOLEAN NOT NULL, changed_at TIMESTAMPTZ NOT NULL
);
-- The keys are keyed hashes of the login typed and of where it came from: neither is kept in the clear.
CREATE TABLE sign_in_failures (
  login_key VARCHAR NOT NULL, source_key VARCHAR NOT NULL, failed INTEGER NOT NULL,
  last_at TIMESTAMPTZ NOT NULL, locked_until TIMESTAMPTZ
);
-- token_sha256: the cookie itself is never stored; proof_sha256: of the provider's cookie that opened the session.
CREATE TABLE sessions (
  session_id VARCHAR NOT NULL, token_sha256 VARCHAR NOT NULL, user_id VARCHAR NOT NULL, way VARCHAR NOT NULL,
  proof_sha256 VARCHAR, agent VARCHAR, created_at TIMESTAMPTZ NOT NULL, seen_at TIMESTAMPTZ NOT NULL,
  expires_at TIMESTAMPTZ NOT NULL, ended_at TIMESTAMPTZ, ended_why VARCHAR
);
