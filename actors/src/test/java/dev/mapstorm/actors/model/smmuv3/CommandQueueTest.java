package dev.mapstorm.actors.model.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class CommandQueueTest {
  private static final int TIMEOUT = 20_000;
  private static final int MAX_STEPS = 1_000_000;

  /**
   * The oracle is a list: slots are had in the order of the swaps, and the hardware must take
   * exactly these. It knows neither owners nor valid bits nor registers.
   */
  @Property(tries = 300)
  void hardwareTakesWhatWasReservedInThatOrderAndSyncsReturnAfterIt(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 6) int cpus,
      @ForAll @IntRange(min = 6, max = 8) int shift,
      @ForAll boolean msi) {
    Random random = new Random(seed);
    CommandQueue queue = new CommandQueue(shift, msi);
    List<Long> reserved = new ArrayList<>();
    CommandIssue[] issues = new CommandIssue[cpus];
    int[] left = new int[cpus];
    int[] calls = new int[cpus];
    int[] commands = new int[cpus];
    int[] awaited = new int[cpus];
    for (int cpu = 0; cpu < cpus; cpu++) {
      issues[cpu] = new CommandIssue(queue, TIMEOUT);
      left[cpu] = 1 + random.nextInt(6);
    }
    int taken = 0;
    int over = 0;
    for (int step = 0; over < cpus; step++) {
      assertThat(step).as("steps until all calls are over").isLessThan(MAX_STEPS);
      int actor = random.nextInt(cpus + 1);
      if (actor == cpus) {
        if (queue.consume()) {
          assertThat(identity(queue)).isEqualTo(reserved.get(taken++));
        }
        continue;
      }
      CommandIssue issue = issues[actor];
      if (issue.done()) {
        if (left[actor] == 0) {
          continue;
        }
        left[actor]--;
        calls[actor]++;
        commands[actor] = 1 + random.nextInt(random.nextBoolean() ? 3 : 63);
        issue.begin(calls[actor] << 3 | actor, commands[actor], random.nextInt(3) > 0);
      }
      if (issue.step(step) == QueueAccess.SWAPPED) {
        for (int i = 0; i < commands[actor]; i++) {
          reserved.add((long) (calls[actor] << 3 | actor) << 32 | i);
        }
        if (issue.sync()) {
          reserved.add((long) (calls[actor] << 3 | actor) << 32 | 0xffff);
        }
        awaited[actor] = reserved.size();
      }
      assertThat(reserved.size() - taken).isLessThanOrEqualTo(queue.entries());
      if (issue.done()) {
        if (issue.sync()) {
          assertThat(taken).isGreaterThanOrEqualTo(awaited[actor]);
        }
        over += left[actor] == 0 ? 1 : 0;
      }
    }
    while (queue.consume()) {
      assertThat(identity(queue)).isEqualTo(reserved.get(taken++));
    }
    assertThat(taken).isEqualTo(reserved.size());
    assertThat(queue.lock()).isZero();
    assertThat(queue.prod() & CommandQueue.OWNED).isZero();
  }

  private static long identity(CommandQueue queue) {
    int index = queue.consumedSync() ? 0xffff : queue.consumedIndex();
    return (long) queue.consumedIssuer() << 32 | index;
  }

  @Test
  void aFollowerOfAnOwnerDoesNotWriteProd() {
    CommandQueue queue = new CommandQueue(6, false);
    CommandIssue owner = new CommandIssue(queue, TIMEOUT);
    CommandIssue follower = new CommandIssue(queue, TIMEOUT);
    owner.begin(0, 1, false);
    follower.begin(1, 2, false);
    step(owner, 2);
    step(follower, 3);

    assertThat(follower.done()).isTrue();
    assertThat(queue.idle()).isTrue();
    step(owner, 6);

    assertThat(owner.done()).isTrue();
    assertThat(queue.prodRegister()).isEqualTo(3);
  }

  @Test
  void aWaitForRoomIsGivenUpAndTriedAgain() {
    CommandQueue queue = new CommandQueue(6, false);
    CommandIssue holder = new CommandIssue(queue, 10);
    holder.begin(0, 63, true);
    while (!holder.spinning()) {
      holder.step(0);
    }
    CommandIssue issue = new CommandIssue(queue, 10);
    issue.begin(1, 1, false);
    assertThat(issue.step(0)).isEqualTo(QueueAccess.LOAD);
    assertThat(issue.step(0)).isEqualTo(QueueAccess.TRY_EXCLUSIVE);
    assertThat(issue.step(10)).isEqualTo(QueueAccess.LOAD);
    assertThat(issue.spinning()).isTrue();
    issue.step(11);

    assertThat(issue.timedOut()).isTrue();
    assertThat(issue.step(11)).isEqualTo(QueueAccess.TRY_EXCLUSIVE);
  }

  @Test
  void refusesWhatItCannotHold() {
    assertThatThrownBy(() -> new CommandQueue(5, false))
        .hasMessage("a command queue has 2^6 to 2^19 entries, is 2^5");
    CommandIssue issue = new CommandIssue(new CommandQueue(6, true), TIMEOUT);
    assertThatThrownBy(() -> issue.begin(0, 64, true))
        .hasMessage("a queue of 64 entries does not take 64 commands at once");
    assertThatThrownBy(() -> issue.step(0)).hasMessage("the call is over");
  }

  private static void step(CommandIssue issue, int times) {
    for (int i = 0; i < times; i++) {
      issue.step(0);
    }
  }
}
