package dev.mapstorm.actors.model.arm32;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Random allocations and frees, beside {@link NaiveArmWindow}. */
class IovaBitmapsProperties {
  record Setup(long base, long size, int alignOrder) {}

  /** {@code free} picks one of the ranges held; null allocates. */
  record Operation(long bytes, Integer free) {}

  @Provide
  Arbitrary<Setup> setups() {
    return Combinators.combine(
            Arbitraries.of(0L, 4096L, 0x1000_0000L),
            Arbitraries.of(1L << 12, 70_000L, 1L << 20, 1L << 27, 200L << 20, 1L << 28, 1L << 30),
            Arbitraries.integers().between(4, 9))
        .as(Setup::new);
  }

  @Provide
  Arbitrary<List<Operation>> operations() {
    Arbitrary<Operation> allocate =
        Arbitraries.frequencyOf(
                Tuple.of(6, Arbitraries.longs().between(1, 100_000)),
                Tuple.of(3, Arbitraries.longs().between(1, 40L << 20)),
                Tuple.of(1, Arbitraries.longs().between(1, 140L << 20)))
            .map(bytes -> new Operation(bytes, null));
    Arbitrary<Operation> free =
        Arbitraries.integers().between(0, 1000).map(pick -> new Operation(0, pick));
    return Arbitraries.oneOf(allocate, allocate, free).list().ofMinSize(20).ofMaxSize(120);
  }

  @Property(tries = 200)
  void answersAsThePlainRulesDo(
      @ForAll("setups") Setup setup, @ForAll("operations") List<Operation> operations) {
    IovaBitmaps bitmaps = new IovaBitmaps(setup.base(), setup.size(), setup.alignOrder());
    NaiveArmWindow naive = new NaiveArmWindow(setup.base(), setup.size(), setup.alignOrder());
    List<long[]> held = new ArrayList<>();
    for (Operation op : operations) {
      if (op.free() == null) {
        long address = bitmaps.allocate(op.bytes());
        assertThat(address).isEqualTo(naive.allocate(op.bytes()));
        if (address >= 0) {
          held.add(new long[] {address, (op.bytes() + 4095) / 4096 * 4096});
        }
      } else if (!held.isEmpty()) {
        long[] range = held.remove(op.free() % held.size());
        bitmaps.free(range[0], range[1]);
        naive.free(range[0], range[1]);
      }
      assertThat(bitmaps.bitmaps()).isEqualTo(naive.parts());
      assertThat(bitmaps.taken()).isEqualTo(naive.taken());
    }
  }

  @Example
  void windowsThatLinuxRefusesAreRefused() {
    assertThatThrownBy(() -> new IovaBitmaps(0, 4095, 8)).hasMessageContaining("-EINVAL");
    assertThatThrownBy(() -> new IovaBitmaps(0, (1L << 32) + 1, 8)).hasMessageContaining("-ERANGE");
    assertThatThrownBy(() -> new IovaBitmaps(0, 1L << 20, 10))
        .hasMessage("the alignment order must be 4 to 9, is 10");
    assertThatThrownBy(() -> new IovaBitmaps(5, 1L << 20, 8)).hasMessageContaining("the base");
  }

  @Example
  void everyRequestLongerThanABitmapLeavesOneMore() {
    IovaBitmaps bitmaps = new IovaBitmaps(0, 1L << 29, 8);

    for (int expected : new int[] {2, 3, 4, 4, 4}) {
      assertThat(bitmaps.allocate((128L << 20) + 1)).isEqualTo(IovaBitmaps.FAILED);
      assertThat(bitmaps.bitmaps()).isEqualTo(expected);
    }
  }
}
