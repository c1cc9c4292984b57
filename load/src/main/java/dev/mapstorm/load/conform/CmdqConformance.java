package dev.mapstorm.load.conform;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.actors.model.smmuv3.CommandIssue;
import dev.mapstorm.actors.model.smmuv3.CommandQueue;
import dev.mapstorm.actors.model.smmuv3.QueueAccess;
import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.text.TextLines;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs {@link CommandQueue} over recorded runs of SMMUv3's command queue and compares what every
 * access to shared state saw, and the queue at the end.
 *
 * <p>The file holds one run a line, plain or gzip: {@code shift}, {@code msi}, the {@code calls} of
 * each CPU, the {@code schedule} that says who makes the next access, and the {@code steps}. After
 * the schedule CPUs and hardware take turns until all calls are over. 4000 steps stand for the
 * second after which the driver gives up.
 */
public final class CmdqConformance {
  private static final int TIMEOUT_STEPS = 4000;
  private static final int MAX_CPUS = 1024;
  private static final int CALL_BITS = 16;
  private static final int MAX_CALLS = 1 << CALL_BITS;
  private static final int MAX_STEPS = 1_000_000;

  private final TextLines lines;
  private final Mismatches mismatches = new Mismatches();
  private long runs;

  private CmdqConformance(TextLines lines) {
    this.lines = lines;
  }

  /**
   * Checks the lines of a file. An operation is a run; a mismatch is the first step of it that
   * differs.
   *
   * @throws TextFormatException if it cannot be read, holds no run, or holds a line that is not one
   */
  public static ConformanceResult check(TextLines lines) {
    return new CmdqConformance(lines).run();
  }

  private ConformanceResult run() {
    while (lines.advance()) {
      JsonLine line = JsonLine.read(lines).only("shift", "msi", "calls", "schedule", "steps");
      List<String> expected = steps(line);
      List<String> got = new Run(line, expected.size()).play();
      runs++;
      compare(expected, got);
    }
    if (runs == 0) {
      throw new TextFormatException(lines.name() + ": holds no run");
    }
    return mismatches.result(runs);
  }

  private static List<String> steps(JsonLine line) {
    List<String> steps = new ArrayList<>();
    JsonNode list = line.list("steps", MAX_STEPS);
    for (int i = 0; i < list.size(); i++) {
      steps.add(line.text(list.get(i), "steps[" + i + "]"));
    }
    return steps;
  }

  private void compare(List<String> expected, List<String> got) {
    int same = 0;
    while (same < expected.size()
        && same < got.size()
        && expected.get(same).equals(got.get(same))) {
      same++;
    }
    if (same == expected.size() && same == got.size()) {
      return;
    }
    mismatches.add(
        new Mismatch(lines.number(), "steps[" + same + "]", text(expected, same), text(got, same)));
  }

  private static String text(List<String> steps, int i) {
    return i < steps.size() ? TextLines.excerpt(steps.get(i)) : "none";
  }

  /** One run: CPUs with their calls, and the hardware. */
  private static final class Run {
    private final CommandQueue queue;
    private final CommandIssue[] cpus;
    private final int[][] commands;
    private final boolean[][] syncs;
    private final int[] call;
    private final int[] schedule;
    private final int enough;
    private final List<String> steps = new ArrayList<>();
    private int step;

    /**
     * @param expected steps that the file has; the run is cut a while after as many
     */
    Run(JsonLine line, int expected) {
      queue =
          new CommandQueue(
              line.integer("shift", CommandQueue.MIN_SHIFT, CommandQueue.MAX_SHIFT),
              line.bool("msi"));
      JsonNode calls = line.list("calls", MAX_CPUS);
      int n = calls.size();
      cpus = new CommandIssue[n];
      commands = new int[n][];
      syncs = new boolean[n][];
      call = new int[n];
      for (int cpu = 0; cpu < n; cpu++) {
        readCalls(line, cpu, line.list(calls.get(cpu), "calls[" + cpu + "]", MAX_CALLS));
      }
      JsonNode order = line.list("schedule", MAX_STEPS);
      schedule = new int[order.size()];
      for (int i = 0; i < schedule.length; i++) {
        schedule[i] = line.integer(order.get(i), "schedule[" + i + "]", 0, n);
      }
      enough = expected + 1;
    }

    private void readCalls(JsonLine line, int cpu, JsonNode list) {
      cpus[cpu] = new CommandIssue(queue, TIMEOUT_STEPS);
      commands[cpu] = new int[list.size()];
      syncs[cpu] = new boolean[list.size()];
      for (int i = 0; i < list.size(); i++) {
        String name = "calls[" + cpu + "][" + i + "]";
        JsonNode one = line.row(list.get(i), name, 2);
        syncs[cpu][i] = line.integer(one.get(1), name + "[1]", 0, 1) == 1;
        commands[cpu][i] =
            line.integer(one.get(0), name + "[0]", 1, queue.entries() - (syncs[cpu][i] ? 1 : 0));
      }
      if (list.size() > 0) {
        begin(cpu);
      }
    }

    private void begin(int cpu) {
      cpus[cpu].begin(
          cpu << CALL_BITS | call[cpu], commands[cpu][call[cpu]], syncs[cpu][call[cpu]]);
    }

    List<String> play() {
      for (int actor : schedule) {
        turn(actor);
      }
      while (!over() && steps.size() < enough) {
        for (int actor = 0; actor <= cpus.length; actor++) {
          turn(actor);
        }
      }
      steps.add(
          "end %x %x %x %d"
              .formatted(queue.prodRegister(), queue.consRegister(), queue.prod(), queue.lock()));
      return steps;
    }

    private boolean over() {
      for (int cpu = 0; cpu < cpus.length; cpu++) {
        if (call[cpu] < commands[cpu].length) {
          return false;
        }
      }
      return true;
    }

    private void turn(int actor) {
      if (actor == cpus.length) {
        hardware();
      } else if (call[actor] < commands[actor].length) {
        cpu(actor);
      }
      step++;
    }

    private void hardware() {
      if (!queue.consume()) {
        steps.add(step + " hw idle");
      } else if (queue.consumedSync()) {
        steps.add("%d hw sync %x".formatted(step, queue.consumedPosition()));
      } else {
        steps.add(
            "%d hw cmd %x %d %d %d"
                .formatted(
                    step,
                    queue.consumedPosition(),
                    queue.consumedIssuer() >>> CALL_BITS,
                    queue.consumedIssuer() & MAX_CALLS - 1,
                    queue.consumedIndex()));
      }
    }

    private void cpu(int cpu) {
      CommandIssue issue = cpus[cpu];
      QueueAccess access = issue.step(step);
      steps.add(step + " " + cpu + " " + text(access, issue));
      if (issue.timedOut()) {
        boolean room = access == QueueAccess.LOAD;
        steps.add(step + " " + cpu + " timeout " + (room ? "queue" : "sync"));
      }
      if (issue.done()) {
        steps.add(step + " " + cpu + " done " + call[cpu]);
        call[cpu]++;
        if (call[cpu] < commands[cpu].length) {
          begin(cpu);
        }
      }
    }

    private static String text(QueueAccess access, CommandIssue issue) {
      String hex = Long.toHexString(issue.first());
      return switch (access) {
        case LOAD -> "load " + word(issue);
        case SWAPPED -> "cas ok " + word(issue);
        case SWAP_FAILED -> "cas fail " + word(issue);
        case LOCK_SHARED -> "lockShared " + issue.first();
        case WAIT_EXCLUSIVE -> "wait exclusive";
        case EXCLUSIVE_ENDED -> "ok exclusive";
        case SET_VALID -> "valid " + hex;
        case WAIT_OWNER -> "wait owner";
        case OWNER_TURN -> "ok owner";
        case END_GATHER -> "endGather " + hex;
        case WAIT_VALID -> "wait valid";
        case VALID -> "ok valid";
        case WRITE_PROD -> "writeProd " + hex;
        case PASS_OWNER -> "passOwner " + hex;
        case WAIT_MSI -> "wait msi";
        case MSI_WRITTEN -> "ok msi";
        case READ_CONS -> "readCons " + hex;
        case READ_LOCK -> "lockRead " + issue.first();
        case STORE_CONS -> "storeCons " + hex;
        case UNLOCK_SHARED -> "unlockShared " + issue.first();
        case TRY_EXCLUSIVE -> "tryExclusive " + issue.first();
        case UNLOCK_EXCLUSIVE -> "unlockExclusive " + issue.first();
      };
    }

    private static String word(CommandIssue issue) {
      return Integer.toHexString((int) issue.first()) + " " + Long.toHexString(issue.second());
    }
  }
}
