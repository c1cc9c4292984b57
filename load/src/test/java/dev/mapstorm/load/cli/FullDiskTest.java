package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk without room, where the tests may mount one: everything says that it is full. */
class FullDiskTest {
  private static final String FULL = "the disk is full";

  @TempDir Path folder;

  private Path disk;
  private Path run;

  @BeforeEach
  void mount() throws Exception {
    disk = Files.createDirectory(folder.resolve("disk"));
    assumeTrue(
        execute("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk.toString()) == 0,
        "a file system can be mounted");
    run = disk.resolve("run");
  }

  @AfterEach
  void unmount() throws Exception {
    execute("umount", disk.toString());
  }

  private static int execute(String... command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      return process.exitValue();
    } catch (IOException e) {
      return -1;
    }
  }

  /** Leaves no byte. */
  private void fill() throws IOException {
    try (OutputStream filler = Files.newOutputStream(disk.resolve("filler"))) {
      byte[] some = new byte[4096];
      while (true) {
        filler.write(some);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left");
    }
  }

  private void runToTheEnd() {
    Ran ran = mapstorm("run", "nvme-4k", "--duration", "300us", "--out", run.toString());
    assertThat(ran.code()).as(ran.err()).isZero();
  }

  @Test
  void aRunThatCannotBegin() throws Exception {
    Files.createDirectory(run);
    fill();
    Ran ran = mapstorm("run", "nvme-4k", "--duration", "300us", "--out", run.toString());
    assertThat(ran.code()).isEqualTo(ExitCode.ERROR);
    assertThat(ran.err()).contains(FULL, "mapstorm prune removes runs").doesNotContain("SQLITE_");
  }

  @Test
  void whatIsThereCanBeReadAndIsNotTakenForDamaged() throws Exception {
    runToTheEnd();
    fill();
    assertThat(mapstorm("analyze", run.toString()).code()).isZero();
    assertThat(mapstorm("verify", run.toString()).code()).isZero();
    Ran runs = mapstorm("runs", disk.toString());
    assertThat(runs.out()).contains("complete").doesNotContain("damaged");
    Ran replay = mapstorm("replay", run.toString(), "--at", "200us");
    assertThat(replay.code()).as(replay.err()).isZero();
    assertThat(replay.out()).startsWith("at 0.0001");
  }

  @Test
  void anExportThatDoesNotFit() throws Exception {
    runToTheEnd();
    fill();
    Path out = disk.resolve("out.json");
    Ran ran = mapstorm("export", run.toString(), "--format", "chrome", "--out", out.toString());
    assertThat(ran.code()).isEqualTo(ExitCode.ERROR);
    assertThat(ran.err()).contains("out.json", FULL);
    assertThat(Files.exists(out)).isFalse();
  }

  @Test
  void aReportThatDoesNotFit() throws Exception {
    runToTheEnd();
    Files.delete(run.resolve("report.json"));
    fill();
    Ran ran = mapstorm("resume", run.toString());
    assertThat(ran.code()).isEqualTo(ExitCode.ERROR);
    assertThat(ran.err()).contains(FULL);
  }
}
