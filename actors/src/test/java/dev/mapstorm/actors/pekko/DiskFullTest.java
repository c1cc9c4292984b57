package dev.mapstorm.actors.pekko;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class DiskFullTest {
  @Test
  void whoeverSaysSoAndHoweverDeepItIs() {
    assertThat(DiskFull.isCause(new IOException("No space left on device"))).isTrue();
    assertThat(DiskFull.isCause(new IOException("/x: Disk quota exceeded"))).isTrue();
    assertThat(
            DiskFull.isCause(
                new IllegalStateException(
                    new SQLException("[SQLITE_FULL] Insertion failed (database or disk is full)"))))
        .isTrue();
    SQLException next = new BatchUpdateException();
    next.setNextException(new SQLException("could not extend file", "53100"));
    assertThat(DiskFull.isCause(new RuntimeException("write failed", next))).isTrue();
    RuntimeException rolledBack = new RuntimeException("cannot rollback");
    rolledBack.addSuppressed(new IOException("No space left on device"));
    assertThat(DiskFull.isCause(rolledBack)).isTrue();
  }

  @Test
  void otherFailuresAreNone() {
    assertThat(DiskFull.isCause(new IOException("Permission denied"))).isFalse();
    assertThat(DiskFull.isCause(new RuntimeException())).isFalse();
    RuntimeException loop = new RuntimeException("a");
    loop.addSuppressed(new RuntimeException("b", loop));
    assertThat(DiskFull.isCause(loop)).isFalse();
  }

  @Test
  void itStandsBeforeWhatWasSaid() {
    assertThat(Causes.deepest(new RuntimeException(new IOException("No space left on device"))))
        .isEqualTo("the disk is full: No space left on device");
    assertThat(Causes.deepest(new RuntimeException(new IOException("locked")))).isEqualTo("locked");
  }
}
