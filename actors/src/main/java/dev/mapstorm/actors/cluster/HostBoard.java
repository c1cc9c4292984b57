package dev.mapstorm.actors.cluster;

import dev.mapstorm.actors.pekko.HostListener;
import dev.mapstorm.actors.pekko.WriterClaim;
import dev.mapstorm.actors.time.HostClock;
import dev.mapstorm.protocol.cluster.HostReport;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** The hosts that are on this node, and how far they are. Thread-safe. */
public final class HostBoard {
  private static final WriterClaim NOT_CLAIMED =
      new WriterClaim(WriterClaim.NO_EPOCH, "", WriterClaim.NOTHING_WRITTEN);

  private final ConcurrentSkipListMap<String, Slot> slots = new ConcurrentSkipListMap<>();
  private final AtomicLong written = new AtomicLong();
  private final int[] hostsOfLane;
  private final LongSupplier wallMs;

  /**
   * An empty board.
   *
   * @param wallMs the wall clock, in milliseconds of the Unix epoch
   */
  HostBoard(int lanes, LongSupplier wallMs) {
    hostsOfLane = new int[lanes];
    this.wallMs = wallMs;
  }

  /** Puts a host on the board, on the lane that has the fewest. */
  Slot open(String run, int host) {
    Slot slot = new Slot(run, host, takeLane());
    Slot before = slots.put(HostKey.of(run, host), slot);
    if (before != null) {
      release(before);
    }
    return slot;
  }

  /** Takes a host off. */
  void close(Slot slot) {
    if (slots.remove(HostKey.of(slot.run, slot.host), slot)) {
      release(slot);
    }
  }

  /** How far every host is, in a fixed order. */
  public List<HostReport> reports() {
    return slots.values().stream().map(Slot::report).toList();
  }

  /** Lets the clocks of all hosts stop at their next step. */
  void stopAll() {
    slots.values().forEach(Slot::stop);
  }

  /** Events that were journaled by this node since it started. */
  public long written() {
    return written.get();
  }

  /** Threads that simulate. */
  public int lanes() {
    return hostsOfLane.length;
  }

  private int takeLane() {
    synchronized (hostsOfLane) {
      int least = 0;
      for (int lane = 1; lane < hostsOfLane.length; lane++) {
        least = hostsOfLane[lane] < hostsOfLane[least] ? lane : least;
      }
      hostsOfLane[least]++;
      return least;
    }
  }

  private void release(Slot slot) {
    synchronized (hostsOfLane) {
      hostsOfLane[slot.lane]--;
    }
  }

  /** One host. Its fields are written by the host's own threads, one at a time. */
  final class Slot {
    private final String run;
    private final int host;
    private final int lane;
    private volatile HostClock clock;
    private volatile long events;
    private volatile long bytes;
    private volatile long redone;
    private volatile WriterClaim claim = NOT_CLAIMED;
    private volatile long gapMs = HostReport.NO_GAP;
    private volatile String trouble = "";

    private Slot(String run, int host, int lane) {
      this.run = run;
      this.host = host;
      this.lane = lane;
    }

    int lane() {
      return lane;
    }

    long events() {
      return events;
    }

    /** See {@link HostListener#claimed}. */
    void claimed(WriterClaim now) {
      claim = now;
      clock = null;
      redone = 0;
      gapMs = HostReport.NO_GAP;
    }

    /** See {@link HostListener#started}. */
    void started(HostClock now) {
      clock = now;
    }

    /** See {@link HostListener#recovered}. */
    void recovered(long checkpoint, long journaled) {
      redone = journaled - checkpoint;
      events = Math.max(events, journaled);
    }

    /** See {@link HostListener#journaled}. */
    void journaled(long now, long nowBytes) {
      // Before the clock is there, this tells what was found in the journal.
      if (clock != null && now > events) {
        written.addAndGet(now - events);
        trouble = "";
        if (gapMs == HostReport.NO_GAP && claim.lastWrittenMs() != WriterClaim.NOTHING_WRITTEN) {
          gapMs = Math.max(0, wallMs.getAsLong() - claim.lastWrittenMs());
        }
      }
      events = Math.max(events, now);
      bytes = nowBytes;
    }

    private void stop() {
      HostClock now = clock;
      if (now != null) {
        now.requestStop();
      }
    }

    void inTrouble(String reason) {
      trouble = reason;
    }

    private HostReport report() {
      HostClock now = clock;
      long instant = now == null ? 0 : now.published();
      return new HostReport(
          run, host, instant, events, bytes, claim.epoch(), claim.before(), gapMs, redone, trouble);
    }
  }
}
