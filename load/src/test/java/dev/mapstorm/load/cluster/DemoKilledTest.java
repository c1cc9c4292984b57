package dev.mapstorm.load.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A demonstration that is killed (SIGKILL) leaves no process and nothing in the temporary
 * directory; its own directory stays for whoever wants to see what was.
 */
@EnabledOnOs(OS.LINUX)
class DemoKilledTest {
  private static final int NODES = 2;
  private static final long LIMIT_NS = TimeUnit.MINUTES.toNanos(3);
  private static final long LOOK_EVERY_MS = 50;

  @TempDir private Path folder;

  private Path temporary;
  private Path out;
  private Path said;
  private Process demo;

  @BeforeEach
  void start() throws IOException {
    temporary = Files.createDirectory(folder.resolve("tmp"));
    out = folder.resolve("demo");
    said = folder.resolve("said");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx400m",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.mapstorm.load.cli.Mapstorm",
            "cluster",
            "demo",
            "--nodes",
            Integer.toString(NODES),
            "--hosts",
            "4",
            "--duration",
            "1000s",
            "--out",
            out.toString());
    // Its nodes are to have it too.
    builder.environment().put("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + temporary);
    builder.environment().put("TMPDIR", temporary.toString());
    builder.redirectErrorStream(true).redirectOutput(new File(said.toString()));
    demo = builder.start();
  }

  @AfterEach
  void killWhatIsLeft() {
    Stream.concat(demo.descendants(), Stream.of(demo.toHandle()))
        .toList()
        .forEach(ProcessHandle::destroyForcibly);
  }

  @Test
  void shouldLeaveNothingOfARunningCluster() throws Exception {
    await("the fleet runs", () -> Files.readString(said).contains("the cluster runs"));
    List<ProcessHandle> all = new ArrayList<>(demo.descendants().toList());
    assertThat(all).hasSizeGreaterThan(NODES);
    ProcessHandle postmaster = postmaster();
    all.add(postmaster);
    all.addAll(postmaster.descendants().toList());
    String password = Files.readString(out.resolve("database/password"));
    assertThat(all).noneMatch(process -> commandLine(process).contains(password));

    demo.destroyForcibly().waitFor();
    awaitEnd(all);
    assertThat(temporary).isEmptyDirectory();
    assertThat(out.resolve("node-1.log")).exists();
  }

  @Test
  void shouldLeaveNoDatabaseThatWasStarting() throws Exception {
    await("the database starts", () -> Files.exists(out.resolve("database/data/PG_VERSION")));
    demo.destroyForcibly().waitFor();
    await(
        "nothing runs in " + out,
        () ->
            ProcessHandle.allProcesses()
                .noneMatch(process -> commandLine(process).contains(out.toString())));
    assertThat(out.resolve("database/data/postmaster.pid")).doesNotExist();
    assertThat(temporary).isEmptyDirectory();
  }

  private ProcessHandle postmaster() throws IOException {
    List<String> lines = Files.readAllLines(out.resolve("database/data/postmaster.pid"));
    return ProcessHandle.of(Long.parseLong(lines.get(0).strip())).orElseThrow();
  }

  private static String commandLine(ProcessHandle process) {
    return process.info().commandLine().orElse("");
  }

  private static void awaitEnd(List<ProcessHandle> processes) throws Exception {
    try {
      await(
          "all is gone of " + processes.stream().map(DemoKilledTest::commandLine).toList(),
          () -> processes.stream().noneMatch(ProcessHandle::isAlive));
    } finally {
      processes.forEach(ProcessHandle::destroyForcibly);
    }
  }

  /** Something that becomes true. */
  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void await(String what, Condition condition) throws Exception {
    long until = System.nanoTime() + LIMIT_NS;
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as(what).isLessThan(until);
      Thread.sleep(LOOK_EVERY_MS);
    }
  }
}
