-- Models of suspicion. content is the model's file, card its JSON. A model is live from its approval, by a person who has not kept it
-- where there are two with the right, until it is retired; at most one is live: approving another retires it (reason_code superseded).
CREATE SEQUENCE theft_model_ids;
CREATE TABLE theft_models (
  model_id BIGINT NOT NULL, name VARCHAR NOT NULL, trained_at TIMESTAMPTZ NOT NULL, trained_by VARCHAR NOT NULL, card VARCHAR NOT NULL,
  content BLOB NOT NULL, sha256 VARCHAR NOT NULL, approved_at TIMESTAMPTZ, approved_by VARCHAR, retired_at TIMESTAMPTZ, retired_by VARCHAR, reason_code VARCHAR
);
