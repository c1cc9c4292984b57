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
  }

  void addBatch(int commands, boolean sync) {
    if (size == batches.length) {
      batches = Arrays.copyOf(batches, size * 2);
    }
    batches[size++] = sync ? ~commands : commands;
  }

  /** Begins the next batch; false if there is none. */
  boolean nextBatch(int number) {
    if (next == size) {
      return false;
    }
    int batch = batches[next++];
    issue.begin(number, batch < 0 ? ~batch : batch, batch < 0);
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
