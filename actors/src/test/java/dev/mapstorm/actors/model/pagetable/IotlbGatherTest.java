package dev.mapstorm.actors.model.pagetable;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class IotlbGatherTest {
  private final IotlbGather gather = new IotlbGather();

  @Test
  void oneRunIsOneInvalidation() {
    assertThat(invalidations(new long[] {0x1000, 0x2000, 0})).containsExactly("1000-2fff leaf");
  }

  @Test
  void touchingRunsOfEqualLengthAreGathered() {
    assertThat(
            invalidations(
                new long[] {0x4000, 0x1000, 0},
                new long[] {0x5000, 0x1000, 0},
                new long[] {0x3000, 0x1000, 0}))
        .containsExactly("3000-5fff leaf");
  }

  @Test
  void runOfAnotherLengthInvalidatesWhatWasGatheredBefore() {
    assertThat(invalidations(new long[] {0x1000, 0x2000, 0}, new long[] {0x3000, 0x1000, 0}))
        .containsExactly("1000-2fff leaf", "3000-3fff leaf");
  }

  @Test
  void runApartInvalidatesWhatWasGatheredBefore() {
    assertThat(invalidations(new long[] {0x1000, 0x1000, 0}, new long[] {0x3000, 0x1000, 0}))
        .containsExactly("1000-1fff leaf", "3000-3fff leaf");
  }

  @Test
  void tablesFreedByARunGoWithTheInvalidationThatItBringsAbout() {
    assertThat(
            invalidations(
                new long[] {0x1ff000, 0x1000, 0},
                new long[] {0x200000, 0x200000, 1},
                new long[] {0x400000, 0x1000, 0}))
        .containsExactly("1ff000-1fffff 1 tables", "200000-3fffff leaf", "400000-400fff leaf");
  }

  @Test
  void lazyUnmappingGathersOnlyTheFreedTables() {
    gather.start(true);

    assertThat(gather.add(0x1000, 0x1000, 0)).isFalse();
    assertThat(gather.add(0x200000, 0x200000, 2)).isFalse();
    assertThat(gather.finish()).isFalse();
    assertThat(gather.pendingTablePages()).isEqualTo(2);
  }

  private List<String> invalidations(long[]... runs) {
    List<String> list = new ArrayList<>();
    gather.start(false);
    for (long[] run : runs) {
      if (gather.add(run[0], run[1], (int) run[2])) {
        list.add(sync());
      }
    }
    assertThat(gather.finish()).isTrue();
    list.add(sync());
    return list;
  }

  private String sync() {
    return String.format("%x-%x ", gather.syncStart(), gather.syncEnd())
        + (gather.syncLeafOnly() ? "leaf" : gather.syncTablePages() + " tables");
  }
}
