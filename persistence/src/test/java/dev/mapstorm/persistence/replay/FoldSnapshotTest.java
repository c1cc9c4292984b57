package dev.mapstorm.persistence.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.mapstorm.protocol.CallKind;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class FoldSnapshotTest {
  private final FoldSnapshot snapshots = new FoldSnapshot();

  @Test
  void brokenRulesAreKeptAndFurtherOnesAreFound() {
    HostFold fold = new HostFold(List.of());
    fold.callEntered(10, 0, 1, 0, 0, 0, CallKind.UNMAP.ordinal(), 1);
    fold.iovaFreed(10, 0, 1, 0x100, 1, 2);

    HostFold restored = snapshots.read(snapshots.write(fold));
    restored.iovaFreed(20, 0, 1, 0x200, 1, 2);
    // By a call that was not entered, either.
    restored.iovaFreed(30, 1, 1, 0x300, 1, 2);

    assertThat(restored.state().violationsFound()).isEqualTo(4);
    assertThat(restored.state().violations())
        .extracting(HostState.Violation::event, HostState.Violation::t)
        .containsExactly(tuple(1L, 10L), tuple(2L, 20L), tuple(3L, 30L), tuple(3L, 30L));
    assertThat(fold.state().violationsFound()).isOne();
  }

  @Test
  void bytesThatWereCutOffAreRefused() {
    byte[] bytes = snapshots.write(new HostFold(List.of()));

    assertThatThrownBy(() -> snapshots.read(Arrays.copyOf(bytes, bytes.length / 2)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
