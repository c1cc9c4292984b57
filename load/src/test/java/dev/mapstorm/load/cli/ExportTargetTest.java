package dev.mapstorm.load.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.load.export.ExportFormat;
import dev.mapstorm.protocol.event.EventKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportTargetTest {
  private static final Set<EventKind> MAPPED = Set.of(EventKind.MAPPED);

  @TempDir Path folder;

  private static ExportTarget to(Path out, ExportFormat format) {
    return ExportTarget.of(out.toString(), format, MAPPED);
  }

  @Test
  void whatIsInTheWayIsNamedWithoutAnOptionThatMayNotHaveBeenGiven() throws IOException {
    Path file = Files.createFile(folder.resolve("run-csv"));

    assertThatThrownBy(() -> to(folder, ExportFormat.FTRACE).check(true))
        .hasMessage("%s is a directory: name a file with --out", folder);
    assertThatThrownBy(() -> to(file, ExportFormat.CSV).check(true))
        .hasMessage("%s is a file, and tables need a directory: name one with --out", file);
  }

  @Test
  void whatIsLeftOfAStoppedExportDependsOnWhereItWent() {
    assertThat(ExportTarget.of("-", ExportFormat.FTRACE, MAPPED).stopped())
        .isEqualTo("stopped: what went to standard output is not all of it");
    assertThat(ExportTarget.of("trace", ExportFormat.FTRACE, MAPPED).stopped())
        .isEqualTo("trace: stopped, so nothing was written there");
  }
}
