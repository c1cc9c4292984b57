package dev.mapstorm.actors.model.iova;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class IovaPeekTest {
  private static final int CPUS = 3;
  private static final long LIMIT = 0xfffff;

  @Property(tries = 60)
  void peekingAnswersWhatTheAllocationWillAndChangesNothing(
      @ForAll long seed, @ForAll @IntRange(min = 2, max = 127) int magazineSize) {
    IovaParameters parameters = new IovaParameters(magazineSize, 5, IovaParameters.UNBOUNDED, 1);
    IovaDomain peeked = new IovaDomain(CPUS, 12, LIMIT - 3000, parameters);
    IovaDomain alone = new IovaDomain(CPUS, 12, LIMIT - 3000, parameters);
    Random random = new Random(seed);
    List<long[]> live = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      int cpu = random.nextInt(CPUS);
      long size = 1 + random.nextInt(random.nextInt(8) == 0 ? 40 : 4);
      long peek = peeked.peekFast(cpu, size, LIMIT);
      if (live.isEmpty() || random.nextInt(100) < 50) {
        long pfn = peeked.allocFast(cpu, size, LIMIT, false);
        assertThat(pfn).isEqualTo(peek).isEqualTo(alone.allocFast(cpu, size, LIMIT, false));
        assertThat(peeked.lastWalk()).isEqualTo(alone.lastWalk());
        if (pfn != 0) {
          live.add(new long[] {pfn, size});
        }
      } else {
        long[] range = live.remove(random.nextInt(live.size()));
        peeked.freeFast(cpu, range[0], range[1]);
        alone.freeFast(cpu, range[0], range[1]);
      }
    }
  }
}
