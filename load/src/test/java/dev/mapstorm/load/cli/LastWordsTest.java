package dev.mapstorm.load.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.mapstorm.actors.pekko.Lanes;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Errors that escape, on every kind of thread that the program has, in processes of their own. */
class LastWordsTest {
  private static final long PATIENCE_SECONDS = 120;

  @TempDir Path folder;

  /** What a process left behind. */
  private record Ended(int code, String err) {}

  /** A program that breaks down on a thread of a kind. */
  static final class Breaks {
    private Breaks() {}

    /** Takes the kind of thread and the kind of error. */
    public static void main(String[] args) throws InterruptedException {
      LastWords.onUncaughtErrors(() -> false);
      Runnable work = () -> breakDown(args[1]);
      if (args[0].equals("thread")) {
        new Thread(work).start();
      } else {
        actor(selector(args[0]), work);
      }
      TimeUnit.SECONDS.sleep(PATIENCE_SECONDS);
    }

    private static DispatcherSelector selector(String thread) {
      return switch (thread) {
        case "lane" -> Lanes.selector(0);
        case "blocking" -> DispatcherSelector.blocking();
        case "internal" -> DispatcherSelector.fromConfig("pekko.actor.internal-dispatcher");
        default -> DispatcherSelector.defaultDispatcher();
      };
    }

    private static void actor(DispatcherSelector selector, Runnable work) {
      ActorSystem<Void> system =
          ActorSystem.create(
              Behaviors.empty(),
              "breaks",
              Lanes.config(1).withFallback(ConfigFactory.load()).resolve());
      system.systemActorOf(
          Behaviors.<Void>setup(
              context -> {
                work.run();
                return Behaviors.empty();
              }),
          "broken",
          selector);
    }

    private static void breakDown(String how) {
      switch (how) {
        case "stack" -> breakDown(how);
        case "linkage" -> throw new NoClassDefFoundError("some/Class");
        default -> fill();
      }
    }

    private static void fill() {
      List<byte[]> all = new ArrayList<>();
      while (true) {
        all.add(new byte[64 * 1024]);
      }
    }
  }

  private Ended run(List<String> jvm, String main, String... args)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(jvm);
    command.add(main);
    command.addAll(List.of(args));
    File err = folder.resolve("err").toFile();
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(err)
            .start();
    try {
      assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), Files.readString(err.toPath()));
  }

  @ParameterizedTest
  @CsvSource({
    "thread, memory",
    "lane, memory",
    "default, memory",
    "blocking, memory",
    "internal, memory",
    "lane, stack",
    "default, stack",
    "lane, linkage",
    "default, linkage"
  })
  void oneLineAndTheDocumentedCode(String thread, String error) throws Exception {
    Ended ended = run(List.of("-Xmx40m"), Breaks.class.getName(), thread, error);
    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.ERROR);
    assertThat(ended.err().lines()).as(ended.err()).hasSize(1);
    assertThat(ended.err())
        .startsWith(
            switch (error) {
              case "stack" -> "mapstorm: the stack is used up: ";
              case "linkage" -> "mapstorm: unexpected error, NoClassDefFoundError: some/Class";
              default -> "mapstorm: out of memory";
            });
  }

  /** The same where the command itself runs out of it. */
  @Test
  void aCommandThatUsesUpItsMemorySaysWhatToLower() {
    StringWriter err = new StringWriter();
    Writer full =
        new Writer() {
          @Override
          public void write(char[] chars, int offset, int length) {
            throw new OutOfMemoryError("GC overhead limit exceeded");
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Console console = new Console(new PrintWriter(full), new PrintWriter(err), false);
    assertThat(new Program(console).run("scenarios")).isEqualTo(ExitCode.ERROR);
    assertThat(err.toString())
        .startsWith("mapstorm: out of memory (GC overhead limit exceeded; the heap may have ")
        .contains("lower hosts, clients, client.depth or devices", "MAPSTORM_JAVA_OPTS=-Xmx4g")
        .hasLineCount(1);
  }

  @Test
  void threadsThatTheSystemDoesNotGiveAreNoLackOfHeap() {
    assertThat(LastWords.of(new OutOfMemoryError("unable to create native thread: possibly ...")))
        .contains("lower --lanes")
        .doesNotContain("-Xmx");
  }
}
