package dev.mapstorm.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LockClassTest {

  /** Orders from 16 on ran into the number of the CPU: a report said order 0 for 16. */
  @Test
  void everyLockOfTheLargestMachineHasANumberOfItsOwn() {
    int[] owners = {0, 1, Limits.DEVICES - 1};
    int[] cpus = {0, 1, 15, 16, 127, 128, 4095, 4096, Limits.CPUS - 1};
    Set<Integer> numbers = new HashSet<>();
    for (int owner : owners) {
      for (int cpu : cpus) {
        for (int order = 0; order <= Limits.CACHED_ORDER; order++) {
          int instance = LockClass.instance(owner, cpu, order);
          assertThat(numbers.add(instance)).isTrue();
          assertThat(LockClass.owner(instance)).isEqualTo(owner);
          assertThat(LockClass.CPU_RCACHE.describe(instance))
              .isEqualTo("domain %d cpu %d order %d", owner, cpu, order);
        }
      }
    }
  }

  /** The numbers stand in journals. */
  @Test
  void numbersOfSmallOrdersAreThoseThatJournalsHold() {
    assertThat(LockClass.instance(3, 5, 2)).isEqualTo(3 << 18 | 5 << 4 | 2);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> LockClass.instance(1024, 0, 0))
        .hasMessage("a lock's owner must be 0 to 1023, is 1024");
    assertThatThrownBy(() -> LockClass.instance(0, 16384, 0))
        .hasMessage("a lock's CPU must be 0 to 16383, is 16384");
    assertThatThrownBy(() -> LockClass.instance(0, 0, 21))
        .hasMessage("a lock's order must be 0 to 20, is 21");
  }
}
