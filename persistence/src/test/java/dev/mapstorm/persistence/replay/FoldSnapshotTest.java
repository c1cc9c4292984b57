package dev.mapstorm.persistence.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class FoldSnapshotTest {
  private final FoldSnapshot snapshots = new FoldSnapshot();

  @Test
  void brokenRulesAreKeptAndFurtherOnesAreFound() {
    HostFold fold = new HostFold(List.of());
    fold.iovaFreed(10, 0, 0, 0x100, 1, 2);

    HostFold restored = snapshots.read(snapshots.write(fold));
    restored.iovaFreed(20, 0, 0, 0x200, 1, 2);
    restored.iovaFreed(30, 1, 0, 0x300, 1, 2);

    assertThat(restored.state().violationsFound()).isEqualTo(3);
    assertThat(restored.state().violations())
        .extracting(HostState.Violation::event, HostState.Violation::t)
        .containsExactly(tuple(0L, 10L), tuple(1L, 20L), tuple(2L, 30L));
    assertThat(fold.state().violationsFound()).isOne();
  }

  @Test
  void bytesThatWereCutOffAreRefused() {
    byte[] bytes = snapshots.write(new HostFold(List.of()));

    assertThatThrownBy(() -> snapshots.read(Arrays.copyOf(bytes, bytes.length / 2)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
