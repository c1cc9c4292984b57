package dev.mapstorm.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Processes that are killed leave no copies of SQLite's library. */
@EnabledOnOs(OS.LINUX)
class SqliteLibraryTest {
  private static final String LIBRARY = "libsqlitejdbc.so";
  private static final long LIMIT_NS = TimeUnit.MINUTES.toNanos(1);

  @TempDir private Path folder;

  /** What is killed. */
  static final class Writer {
    private Writer() {}

    /** Makes a journal in the file that it is told, and stays. */
    public static void main(String[] args) throws Exception {
      new SqliteJournal(Path.of(args[0])).create();
      Files.createFile(Path.of(args[0] + ".made"));
      Thread.sleep(Long.MAX_VALUE);
    }
  }

  @Test
  void shouldBeUnpackedOnceAndLeaveNothingInTheTemporaryDirectory() throws Exception {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    Path cache = folder.resolve("cache");
    Path library = killedWriter("one", temporary, cache);
    assertThat(library).startsWith(cache.resolve("mapstorm"));
    Object unpacked = Files.getLastModifiedTime(library);
    assertThat(killedWriter("two", temporary, cache)).isEqualTo(library);
    assertThat(Files.getLastModifiedTime(library)).isEqualTo(unpacked);

    // What is not whole is unpacked again.
    Files.write(library, new byte[10]);
    assertThat(killedWriter("three", temporary, cache)).isEqualTo(library);
    assertThat(Files.size(library)).isGreaterThan(10);

    assertThat(temporary).isEmptyDirectory();
    try (Stream<Path> files = Files.walk(cache)) {
      assertThat(files.filter(Files::isRegularFile)).containsExactly(library);
    }
  }

  /** Starts a process that writes a journal, kills it, and returns the library that it had. */
  private Path killedWriter(String name, Path temporary, Path cache) throws Exception {
    Path journal = folder.resolve(name);
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Djava.io.tmpdir=" + temporary,
            "-cp",
            System.getProperty("java.class.path"),
            Writer.class.getName(),
            journal.toString());
    builder.environment().put("XDG_CACHE_HOME", cache.toString());
    Process writer = builder.inheritIO().start();
    try {
      long until = System.nanoTime() + LIMIT_NS;
      while (!Files.exists(folder.resolve(name + ".made"))) {
        assertThat(writer.isAlive()).isTrue();
        assertThat(System.nanoTime()).as("the journal is made").isLessThan(until);
        Thread.sleep(20);
      }
      List<String> maps = Files.readAllLines(Path.of("/proc/%d/maps".formatted(writer.pid())));
      return maps.stream()
          .filter(line -> line.endsWith(LIBRARY))
          .map(line -> Path.of(line.substring(line.indexOf('/'))))
          .findFirst()
          .orElseThrow();
    } finally {
      writer.destroyForcibly().waitFor();
    }
  }
}
