package dev.mapstorm.actors.unit.smmu;

import dev.mapstorm.actors.model.smmuv3.CommandIssue;
import dev.mapstorm.actors.model.smmuv3.CommandQueue;
import dev.mapstorm.actors.model.smmuv3.QueueAccess;
import dev.mapstorm.actors.unit.PostedInvalidation;
import java.util.Arrays;

/**
 * A CPU that makes an SMMUv3 forget a range: the batches of commands that it sends one after the
 * other, and where it is in the queue. Used again; not thread-safe.
 */
final class QueueCaller extends PostedInvalidation {
  /** {@code ARM_SMMU_POLL_TIMEOUT_US}. */
  private static final long TIMEOUT_NS = 1_000_000_000L;

  /** The unit's queues, and where it is in the one that it uses. */
  private final CommandQueue[] queues;

  private final CommandIssue[] issues;
  CommandIssue issue;

  /** The queue that it issues to. */
  int queue;

  /** Counts its steps: a step that was due when another came first is not made. */
  long turn;

  /** What it spins on, null if it has a step before it. */
  QueueAccess spinsOn;

  /** Commands of each batch; the complement of those that a CMD_SYNC follows. */
  private int[] batches = new int[2];

  private int size;
  private int next;

  /** Its commands that are no CMD_SYNC, and those of them that the unit has executed. */
  private int planned;

  private int executed;

  /** The first of its commands that are for devices with ATS; those follow to the end. */
  private int firstAtc;

  /** What these tell: device, first granule and count each. */
  private long[] atc = new long[3];

  private int atcWords;

  /** Its CMD_SYNCs in the queue that the unit has not come to. */
  private int syncs;

  /** Whether nobody waits for it any more. */
  boolean abandoned;

  QueueCaller(CommandQueue[] queues) {
    this.queues = queues;
    issues = new CommandIssue[queues.length];
  }

  /** Begins anew at a queue, without a batch. */
  void begin(int at) {
    queue = at;
    if (issues[at] == null) {
      issues[at] = new CommandIssue(queues[at], TIMEOUT_NS);
    }
    issue = issues[at];
    spinsOn = null;
    size = 0;
    next = 0;
    planned = 0;
    executed = 0;
    firstAtc = Integer.MAX_VALUE;
    atcWords = 0;
    syncs = 0;
    abandoned = false;
  }

  /** All that is planned from here on is for devices with ATS. */
  void planDevices() {
    firstAtc = planned;
  }

  /** Plans a command that has a device forget granules; {@code pages} 0 is all. */
  void addAtc(int device, long pfn, long pages) {
    if (atcWords == atc.length) {
      atc = Arrays.copyOf(atc, atcWords * 2);
    }
    atc[atcWords++] = device;
    atc[atcWords++] = pfn;
    atc[atcWords++] = pages;
  }

  /** Whether the next of its commands is for a device with ATS. */
  boolean nextIsAtc() {
    return executed >= firstAtc;
  }

  /** The unit has executed its next command; where in {@link #atc} it is, or -1. */
  int executed() {
    int at = nextIsAtc() ? 3 * (executed - firstAtc) : -1;
    executed++;
    return at;
  }

  /** A word of what a command tells a device. */
  long atc(int word) {
    return atc[word];
  }

  /** The unit has executed a CMD_SYNC of it. */
  void synced() {
    syncs--;
  }

  /** Whether the unit will come to a CMD_SYNC of it. */
  boolean hasSyncs() {
    return syncs > 0;
  }

  void addBatch(int commands, boolean sync) {
    if (size == batches.length) {
      batches = Arrays.copyOf(batches, size * 2);
    }
    batches[size++] = sync ? ~commands : commands;
    planned += commands;
  }

  /** Begins the next batch; false if there is none. */
  boolean nextBatch(int number) {
    if (next == size) {
      return false;
    }
    int batch = batches[next++];
    issue.begin(number, batch < 0 ? ~batch : batch, batch < 0);
    syncs += batch < 0 ? 1 : 0;
    return true;
  }

  /** Commands of the batch in hand, with its CMD_SYNC. */
  int batchCommands() {
    int batch = batches[next - 1];
    return batch < 0 ? ~batch + 1 : batch;
  }

  /** Whether its commands name a whole domain. */
  boolean whole() {
    return covered() == 0;
  }
}
