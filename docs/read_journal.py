#!/usr/bin/env python3
"""Reads mapstorm journals (format 2) without mapstorm: checks checksums and the hash chain, prints events as JSON lines.

    read_journal.py JOURNAL                 the streams of an SQLite journal: id, entries, events, final hash
    read_journal.py JOURNAL RUN|HOST        the events of one stream, one JSON object a line

Everything is described in JOURNAL.md, and the kinds of event are read from the table there. Standard library only.
"""
import hashlib
import json
import re
import sqlite3
import struct
import sys
from pathlib import Path

PLAIN, DELTA, RELATIVE, PER_CALL, LISTED, PREDICTED = "", "~", "-", "@", "!", "?"
REQUEST = 1
PHYR = [("physPfn", PREDICTED, 3), ("offset", PLAIN, 0), ("length", DELTA, 3)]  # key 3: the client of the request
MASK = (1 << 64) - 1


def read_kinds(page):
    """{code: (label, [(argument, mode, index of the key)])} from the table under "Kinds"."""
    kinds = {}
    row = re.compile(r"\| (\d+) \| `([a-z-]+)` \| (?:request|outcome) \| `([^`]+)`")
    for code, label, arguments in row.findall(page):
        columns, names = [], []
        for name, mode, key in re.findall(r"(\w+)([~?@!-]?)(\w*)", arguments):
            columns.append((name, mode, names.index(key) if key else 0))
            names.append(name)
        kinds[int(code)] = (label, columns)
    return kinds


KINDS = read_kinds((Path(__file__).parent / "JOURNAL.md").read_text("utf-8"))


class Damaged(Exception):
    """Bytes that mapstorm cannot have written."""


def require(condition, what):
    if not condition:
        raise Damaged(what)


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        require(self.at + n <= len(self.data), "it ends early")
        self.at += n
        return self.data[self.at - n : self.at]

    def varint(self):
        value = shift = 0
        while True:
            b = self.take(1)[0]
            value |= (b & 0x7F) << shift
            if b < 0x80:
                return value & MASK
            shift += 7

    def numbers(self, n):
        """A stream of n numbers."""
        header = self.varint()
        end = self.at + (header >> 1)
        if header & 1:
            numbers = []
            while len(numbers) < n:
                number = self.varint()
                more = n - len(numbers) - 1 if self.at == end else self.varint()
                require(more < n - len(numbers), "a run ends after its stream")
                numbers += [number] * (more + 1)
        else:
            numbers = [self.varint() for _ in range(n)]
        require(self.at == end, "a stream has another length than it says")
        return numbers


def signed(v):
    v &= MASK
    return v - (1 << 64) if v >> 63 else v


def unzigzag(v):
    return (v >> 1) ^ -(v & 1)


def deltas(keys, codes):
    last, out = [0] * 1024, []
    for key, code in zip(keys, codes):
        last[key % 1024] = signed(last[key % 1024] + unzigzag(code))
        out.append(last[key % 1024])
    return out


def predicted(keys, codes):
    last, successor, out = [0] * 1024, [0] * 8192, []
    for key, code in zip(keys, codes):
        slot = key % 1024
        guess = (last[slot] * 0x9E3779B97F4A7C15 & MASK) >> 51
        value = successor[guess] if code == 0 else signed(last[slot] + unzigzag(code - 1))
        successor[guess] = last[slot] = value
        out.append(value)
    return out


def per_call(domains, calls, codes, slots):
    """slots: {slot: (domain, call, value)} of the arguments of one name in this batch."""
    before, out = 0, []
    for domain, call, code in zip(domains, calls, codes):
        slot = (call + 1021 * domain) % 4096
        known = slots.get(slot, (-1, -1, -1))
        before = signed((known[2] if known[:2] == (domain, call) else before) + unzigzag(code))
        slots[slot] = (domain, call, before)
        out.append(before)
    return out


def listed(granules, codes):
    before, expected, out = 0, 0, []
    for code in codes:
        number = unzigzag(code >> 1)
        if code & 1:
            before = signed(before + number)
        else:
            place = expected + number
            require(0 <= place < len(granules), "an entry refers to a range that is not in the list")
            before, expected = granules[place], place + 1
        out.append(before)
    return out


class Batch:
    """What is remembered between the columns of a batch."""

    def __init__(self):
        self.granules, self.slots = [], {}

    def values(self, spec, columns, codes):
        name, mode, key = spec
        if mode == DELTA:
            return deltas(columns[key], codes)
        if mode == RELATIVE:
            return [signed(of - unzigzag(code)) for of, code in zip(columns[key], codes)]
        if mode == PER_CALL:
            return per_call(columns[key - 1], columns[key], codes, self.slots.setdefault(name, {}))
        if mode == LISTED:
            return listed(self.granules, codes)
        if mode == PREDICTED:
            return predicted(columns[key], codes)
        return [signed(code) for code in codes]

    def columns(self, reader, specs, n, keys=()):
        columns = [None] * len(specs) + [keys]
        for i, spec in enumerate(specs):
            columns[i] = self.values(spec, columns, reader.numbers(n))
        return columns[: len(specs)]


def read_requests(reader, batch, rows):
    """Puts the physical ranges, (address, bytes), into the requests that they belong to."""
    clients = [row["client"] for row in rows for _ in range(row["n"])]
    pfns, offsets, lengths = batch.columns(reader, PHYR, len(clients), clients)
    batch.granules = pfns
    ranges = iter([(p << 12 | o, n) for p, o, n in zip(pfns, offsets, lengths)])
    for row in rows:
        row["phyrs"] = [next(ranges) for _ in range(row.pop("n"))]


def read_events(payload, count):
    """The events of a payload, in order: (instant, label, {argument: value})."""
    reader, batch, t, instants, rows = Reader(payload), Batch(), 0, [], {}
    codes = reader.numbers(count)
    for difference in reader.numbers(count):
        t = signed(t + difference)
        instants.append(t)
    for code in sorted(set(codes)):
        require(code in KINDS, "there is no kind %d" % code)
        specs = KINDS[code][1]
        columns = batch.columns(reader, specs, codes.count(code))
        rows[code] = [dict(zip([name for name, _, _ in specs], row)) for row in zip(*columns)]
        if code == REQUEST:
            read_requests(reader, batch, rows[code])
    require(reader.at == len(payload), "bytes follow the last stream")
    arguments = {code: iter(each) for code, each in rows.items()}
    return [(t, KINDS[code][0], next(arguments[code])) for t, code in zip(instants, codes)]


def crc_table():
    table = []
    for i in range(256):
        for _ in range(8):
            i = i >> 1 ^ (0x82F63B78 if i & 1 else 0)
        table.append(i)
    return table


CRC = crc_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for b in data:
        crc = crc >> 8 ^ CRC[(crc ^ b) & 0xFF]
    return crc ^ 0xFFFFFFFF


def read_entry(data):
    """An entry as a dict, from the bytes of the column event_payload."""
    require(data[:3] == b"mst", "it does not begin with mst")
    require(data[3] == 2, f"it is of format {data[3]}; this reader knows format 2")
    require(struct.unpack(">I", data[4:8])[0] == crc32c(data[8:]), "its checksum does not match")
    r = Reader(data[8:])
    number = r.varint() - 2
    if number == 30:
        entry = dict(type="opened", host=r.varint(), seed=struct.unpack("<q", r.take(8))[0])
        return dict(entry, scenario=r.take(r.varint()).decode(), version=r.take(r.varint()).decode())
    if number == 31:
        entry = dict(type="batch", index=r.varint(), count=r.varint(), first=r.varint(), last=r.varint())
        entry["kinds"] = {code: n for code, n in [(r.varint(), r.varint()) for _ in range(r.varint())]}
        return dict(entry, payload=r.take(r.varint()), hash=r.take(32))
    require(number == 32, "class number %d does not stand in a journal" % number)
    return dict(type="closed", end=r.varint(), batches=r.varint(), events=r.varint(), hash=r.take(32))


def origin(opened):
    return hashlib.sha256(b"mapstorm journal 2" + struct.pack(">qq", opened["host"], opened["seed"])).digest()


def hash_behind(before, batch):
    header = struct.pack(">qqqq", batch["index"], batch["count"], batch["first"], batch["last"])
    for code, n in sorted(batch["kinds"].items()):
        header += struct.pack(">ii", code, n)
    return hashlib.sha256(before + header + batch["payload"]).digest()


def read_stream(blobs):
    """The entries of a stream, each with its hash verified."""
    before = None
    for number, blob in enumerate(blobs):
        try:
            entry = read_entry(blob)
            require((entry["type"] == "opened") == (number == 0), "a stream is opened once, first")
            if entry["type"] == "opened":
                before = entry["hash"] = origin(entry)
            elif entry["type"] == "batch":
                require(hash_behind(before, entry) == entry["hash"], "its hash does not follow")
                before = entry["hash"]
            else:
                require(entry["hash"] == before, "the close names another hash")
        except Damaged as e:
            raise Damaged("entry %d: %s" % (number + 1, e)) from e
        yield entry


def main(journal, stream=None):
    database = sqlite3.connect("file:%s?mode=ro" % journal, uri=True)
    query = "SELECT event_payload FROM event_journal WHERE persistence_id = ? ORDER BY sequence_number"
    if stream:
        for entry in read_stream(row[0] for row in database.execute(query, (stream,))):
            if entry["type"] == "batch":
                for t, label, arguments in read_events(entry["payload"], entry["count"]):
                    print(json.dumps(dict(t=t, event=label, **arguments)))
        return
    for (name,) in database.execute("SELECT DISTINCT persistence_id FROM event_journal ORDER BY persistence_id"):
        entries = list(read_stream(row[0] for row in database.execute(query, (name,))))
        count = sum(entry.get("count", 0) for entry in entries)
        end = "closed" if entries[-1]["type"] == "closed" else "not closed"
        print("%s  %d entries  %d events  %s  %s" % (name, len(entries), count, end, entries[-1]["hash"].hex()))


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except (Damaged, sqlite3.Error) as e:
        sys.exit("read_journal: %s" % e)
    except BrokenPipeError:
        pass
