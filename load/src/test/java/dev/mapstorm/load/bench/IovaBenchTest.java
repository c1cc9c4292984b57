package dev.mapstorm.load.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.mapstorm.load.bench.IovaBench.Timing;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The model's frames are held against the recordings while it is timed; a wrong one ends it. */
class IovaBenchTest {
  @Test
  void timesTheThreeRecordedProfiles() {
    List<Timing> timings = IovaBench.run(1, 1);
    assertThat(timings).extracting(Timing::profile).containsExactly("page", "mixed", "big");
    assertThat(timings).extracting(Timing::operations).containsOnly(10_000);
    assertThat(timings)
        .allMatch(timing -> timing.nanosPerOperation() > 0 && timing.plainNanosPerOperation() > 0);
  }

  @Test
  void refusesToTimeNothing() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IovaBench.run(1, 0))
        .withMessage("1 rounds of 0 replays: both must be 1 or more");
  }

  /** The baseline does the whole job: the highest aligned gap below the limit, never twice. */
  @Test
  void theBaselineGivesTheHighestFreeFrames() {
    SplittableRandom random = new SplittableRandom(7);
    PlainIovas plain = new PlainIovas();
    int limit = 255;
    boolean[] taken = new boolean[limit + 1];
    List<long[]> live = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      if (random.nextBoolean() && !live.isEmpty()) {
        long[] freed = live.remove(random.nextInt(live.size()));
        plain.free(freed[0]);
        set(taken, freed, false);
      } else {
        long size = 1 + random.nextInt(9);
        long[] given = {plain.allocate(size, limit), size};
        assertThat(given[0]).as("input %d", i).isEqualTo(highest(taken, (int) size));
        if (given[0] >= 0) {
          live.add(given);
          set(taken, given, true);
        }
      }
    }
  }

  private static void set(boolean[] taken, long[] range, boolean value) {
    for (int i = 0; i < range[1]; i++) {
      taken[(int) range[0] + i] = value;
    }
  }

  private static long highest(boolean[] taken, int size) {
    int align = 1;
    while (align < size) {
      align *= 2;
    }
    for (int low = (taken.length - size) / align * align; low > 0; low -= align) {
      boolean free = true;
      for (int i = low; i < low + size; i++) {
        free &= !taken[i];
      }
      if (free) {
        return low;
      }
    }
    return -1;
  }
}
