-- From version 1 to 2. What a node that an error of its own ended, such as a full heap, has said of a host that it executed.
CREATE TABLE node_death (
  persistence_id TEXT COLLATE "C" NOT NULL,
  epoch BIGINT NOT NULL,
  node TEXT NOT NULL,
  alone BOOLEAN NOT NULL,
  cause TEXT NOT NULL,
  died_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (persistence_id, epoch)
);
INSERT INTO mapstorm_schema (version) VALUES (2);
