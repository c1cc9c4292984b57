package dev.mapstorm.load.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.mapstorm.load.bench.IovaBench.Timing;
import java.util.List;
import org.junit.jupiter.api.Test;

class IovaBenchTest {
  @Test
  void timesTheThreeRecordedProfiles() {
    List<Timing> timings = IovaBench.run(1, 1);
    assertThat(timings).extracting(Timing::profile).containsExactly("page", "mixed", "big");
    assertThat(timings).extracting(Timing::operations).containsOnly(10_000);
    assertThat(timings).allMatch(timing -> timing.nanosPerOperation() > 0);
  }

  @Test
  void refusesToTimeNothing() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IovaBench.run(1, 0))
        .withMessage("1 rounds of 0 replays: both must be 1 or more");
  }
}
