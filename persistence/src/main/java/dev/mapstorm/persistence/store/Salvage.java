package dev.mapstorm.persistence.store;

import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.JournalEntry;
import dev.mapstorm.protocol.event.StreamClosed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What can be read of a damaged journal: of every host the entries up to the first that is not what
 * was written. They were read once to find that out, and their events too; a {@link #reader} then
 * gives these and ends there, as that of an interrupted run does.
 */
public final class Salvage {
  private final JournalReader reader;
  private final List<Host> hosts;
  private final List<String> notes;

  /**
   * What can be read of a host.
   *
   * @param host its number
   * @param batches that are whole, from the first on
   * @param events in them
   * @param untilNs virtual instant of the last of these events
   * @param damage the first thing that is wrong behind them, in one sentence; empty if nothing is
   */
  public record Host(int host, long batches, long events, long untilNs, Optional<String> damage) {}

  private Salvage(JournalReader reader, List<Host> hosts, List<String> notes) {
    this.reader = reader;
    this.hosts = List.copyOf(hosts);
    this.notes = List.copyOf(notes);
  }

  /**
   * Reads through what was found.
   *
   * @param journal what messages call it
   * @param notes what is known to be wrong already
   * @throws StoreException if nothing can be read
   */
  static Salvage of(
      SalvagedJournal found, String journal, List<String> notes, ReadProgress progress) {
    JournalReader reader = new JournalReader(found, journal);
    List<Host> hosts = new ArrayList<>();
    Map<Integer, Long> entries = new TreeMap<>();
    long[] events = new long[1];
    for (int host : found.streams().keySet()) {
      double done = hosts.size();
      StreamReading stream =
          new StreamReading(
              host,
              found,
              (part, more) ->
                  progress.read((done + part) / found.streams().size(), events[0] + more));
      hosts.add(stream.read(reader, journal));
      events[0] += hosts.get(hosts.size() - 1).events();
      entries.put(host, stream.entries);
    }
    SalvagedJournal whole = found.first(entries);
    if (whole.streams().isEmpty()) {
      throw new StoreException("nothing of the %s can be read".formatted(journal));
    }
    List<String> all = new ArrayList<>(notes);
    if (found.foreign() > 0) {
      all.add("%d rows belong to no stream of the run and are left out".formatted(found.foreign()));
    }
    return new Salvage(new JournalReader(whole, journal), hosts, all);
  }

  /** One host's stream, read up to the first damage. */
  private static final class StreamReading {
    private final int host;
    private final SalvagedJournal found;
    private final ReadProgress progress;
    private final BatchDecoder decoder;
    private long entries;
    private long batches;
    private long events;
    private long untilNs;
    private boolean closed;

    StreamReading(int host, SalvagedJournal found, ReadProgress progress) {
      this.host = host;
      decoder = new BatchDecoder(host);
      this.found = found;
      this.progress = progress;
    }

    Host read(JournalReader reader, String journal) {
      Optional<String> damage = Optional.empty();
      try {
        reader.forEach(
            host,
            entry -> {
              take(entry);
              return true;
            });
        if (!closed && found.isUnreadableBehind(host)) {
          damage =
              Optional.of(
                  "%s, host %d, entry %d (batch %d): it may be lost, there are rows that cannot be read"
                      .formatted(journal, host, entries + 1, batches));
        }
      } catch (DamagedJournalException e) {
        damage = Optional.of(e.getMessage());
      }
      return new Host(host, batches, events, untilNs, damage);
    }

    private void take(JournalEntry entry) {
      if (entry instanceof EventBatch batch) {
        decoder.decode(batch);
        batches++;
        events += batch.count();
        untilNs = batch.last();
      }
      closed = entry instanceof StreamClosed;
      entries++;
      progress.read((double) entries / found.rowsOf(host), events);
    }
  }

  /** What reads it. */
  public JournalReader reader() {
    return reader;
  }

  /** What can be read of each host, by number; hosts of which nothing can are among them. */
  public List<Host> hosts() {
    return hosts;
  }

  /** What is wrong with the journal as a whole, each in one sentence. */
  public List<String> notes() {
    return notes;
  }

  /** Whether nothing is wrong. */
  public boolean isWhole() {
    return notes.isEmpty() && hosts.stream().allMatch(host -> host.damage().isEmpty());
  }
}
