-- The journals of many runs: schema version 1, on which postgres-schema-2.sql and later ones follow. All run in one transaction.
CREATE TABLE mapstorm_schema (
  version INTEGER NOT NULL,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
INSERT INTO mapstorm_schema (version) VALUES (1);

-- The tables that pekko-persistence-jdbc 1.1.1 expects. Ids are compared byte by byte, so that those of one run are a range of the
-- index whatever the database's collation is.
CREATE TABLE event_journal (
  ordering BIGSERIAL NOT NULL,
  persistence_id TEXT COLLATE "C" NOT NULL,
  sequence_number BIGINT NOT NULL,
  deleted BOOLEAN NOT NULL DEFAULT FALSE,
  writer TEXT NOT NULL,
  write_timestamp BIGINT NOT NULL,
  adapter_manifest TEXT NOT NULL,
  event_ser_id INTEGER NOT NULL,
  event_ser_manifest TEXT NOT NULL,
  event_payload BYTEA NOT NULL,
  meta_ser_id INTEGER,
  meta_ser_manifest TEXT,
  meta_payload BYTEA,
  CONSTRAINT event_journal_pkey PRIMARY KEY (persistence_id, sequence_number)
);
CREATE UNIQUE INDEX event_journal_ordering_idx ON event_journal (ordering);
-- A batch is packed already: PostgreSQL would only try to, and give up.
ALTER TABLE event_journal ALTER COLUMN event_payload SET STORAGE EXTERNAL;

CREATE TABLE event_tag (
  event_id BIGINT NOT NULL REFERENCES event_journal (ordering) ON DELETE CASCADE,
  tag TEXT NOT NULL,
  PRIMARY KEY (event_id, tag)
);

CREATE TABLE snapshot (
  persistence_id TEXT COLLATE "C" NOT NULL,
  sequence_number BIGINT NOT NULL,
  created BIGINT NOT NULL,
  snapshot_ser_id INTEGER NOT NULL,
  snapshot_ser_manifest TEXT NOT NULL,
  snapshot_payload BYTEA NOT NULL,
  meta_ser_id INTEGER,
  meta_ser_manifest TEXT,
  meta_payload BYTEA,
  PRIMARY KEY (persistence_id, sequence_number)
);
ALTER TABLE snapshot ALTER COLUMN snapshot_payload SET STORAGE EXTERNAL;

-- Who may write a stream: the incarnation with this epoch, no other.
CREATE TABLE stream_writer (
  persistence_id TEXT COLLATE "C" PRIMARY KEY,
  epoch BIGINT NOT NULL CHECK (epoch > 0),
  claimed_by TEXT NOT NULL,
  claimed_at TIMESTAMPTZ NOT NULL
);

-- A row names the epoch under which it is written in adapter_manifest; it is empty where nobody claimed the stream. FOR SHARE keeps
-- a claim waiting until the transaction that writes is over, and shows this one a claim that was made meanwhile.
CREATE FUNCTION refuse_former_writer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  claimed BIGINT;
BEGIN
  SELECT epoch INTO claimed FROM stream_writer WHERE persistence_id = NEW.persistence_id FOR SHARE;
  IF NEW.adapter_manifest IS DISTINCT FROM coalesce(claimed::TEXT, '') THEN
    RAISE EXCEPTION 'stream % can be written under epoch % only, entry % carries %',
      NEW.persistence_id, coalesce(claimed::TEXT, 'none'), NEW.sequence_number,
      coalesce(nullif(NEW.adapter_manifest, ''), 'none')
      USING ERRCODE = 'MS001';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER one_writer BEFORE INSERT ON event_journal
  FOR EACH ROW EXECUTE FUNCTION refuse_former_writer();
