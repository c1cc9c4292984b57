-- The index of a run. A checksum stands over all other columns of its row.
CREATE TABLE batch (
  host INTEGER NOT NULL,
  number INTEGER NOT NULL,
  events_before INTEGER NOT NULL,
  events INTEGER NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  kinds BLOB NOT NULL,
  clients BLOB NOT NULL,
  devices BLOB NOT NULL,
  locks BLOB NOT NULL,
  joined BLOB NOT NULL,
  lowest_pfn INTEGER NOT NULL,
  highest_pfn INTEGER NOT NULL,
  callers BLOB NOT NULL,
  hash BLOB NOT NULL,
  checksum INTEGER NOT NULL,
  PRIMARY KEY (host, number)
) WITHOUT ROWID;

-- The state stands last, so that SQLite finds the other columns without walking through its pages.
CREATE TABLE snapshot (
  host INTEGER NOT NULL,
  batches INTEGER NOT NULL,
  events INTEGER NOT NULL,
  last INTEGER NOT NULL,
  hash BLOB NOT NULL,
  checksum INTEGER NOT NULL,
  state BLOB NOT NULL,
  PRIMARY KEY (host, batches)
);

-- One row: a number for the fields of a state.
CREATE TABLE fold (shape INTEGER NOT NULL);
