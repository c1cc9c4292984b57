package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mapstorm.persistence.store.JournalReader;
import dev.mapstorm.persistence.store.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The program in a process of its own, told to stop. */
class InterruptionTest {
  private static final int LIMIT_SECONDS = 60;

  @TempDir Path folder;

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aStoppedRunLeavesAUsableDirectoryAndAReport() throws Exception {
    Path run = folder.resolve("run");
    Process process = start(run);
    try {
      awaitBatches(run);
      process.destroy();
      assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }

    JsonNode report = new ObjectMapper().readTree(run.resolve("report.json").toFile());
    assertThat(report.get("complete").asBoolean()).isFalse();
    assertThat(report.at("/analysis/run/events")).isEqualTo(report.at("/journal/events"));
    assertThat(Files.readString(folder.resolve("out"))).contains("stopped before its end");
    assertThat(mapstorm("analyze", run.toString(), "--json").json().get("journal"))
        .isEqualTo(report.get("journal"));
  }

  private Process start(Path run) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Mapstorm.class.getName(),
            "run",
            "nvme-4k",
            "--duration",
            "1000s",
            "--out",
            run.toString())
        .redirectOutput(folder.resolve("out").toFile())
        .redirectError(folder.resolve("err").toFile())
        .start();
  }

  /** Waits until something is journaled; the test's time is not what it tests. */
  private static void awaitBatches(Path run) throws InterruptedException {
    long patience = LIMIT_SECONDS * 10L;
    while (!Files.exists(run.resolve("journal.db"))) {
      assertThat(patience--).as("the run directory appears").isPositive();
      Thread.sleep(100);
    }
    JournalReader journal = RunDirectory.open(run).journal().reader();
    while (journal.hosts().isEmpty() || journal.lastBatch(0).isEmpty()) {
      assertThat(patience--).as("a batch appears").isPositive();
      Thread.sleep(100);
    }
  }
}
