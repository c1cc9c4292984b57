package dev.mapstorm.load.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.mapstorm.actors.cluster.Suspicion;
import dev.mapstorm.actors.pekko.Lanes;
import dev.mapstorm.persistence.store.DatabaseAddress;
import dev.mapstorm.persistence.store.EmbeddedDatabase;
import dev.mapstorm.persistence.store.PostgresClaims;
import dev.mapstorm.persistence.store.PostgresNodeDeaths;
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
import org.junit.jupiter.api.RepeatedTest;
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

  /** A node that breaks down: hosts, a database, and a heap that others fill as well. */
  static final class DiesAsANode {
    private static final String NODE = "node-1";

    private DiesAsANode() {}

    /** Takes the URL of the database, the kind of error, and the streams of the hosts. */
    public static void main(String[] args) throws Exception {
      DatabaseAddress address = DatabaseAddress.of(args[0], System.getenv());
      List<String> hosts = List.of(args).subList(2, args.length);
      PostgresNodeDeaths deaths = new PostgresNodeDeaths(address, NODE);
      PostgresClaims claims = new PostgresClaims(address, NODE);
      for (String host : hosts) {
        deaths.of(host).toCompletableFuture().get();
        claims.claim(host).toCompletableFuture().get();
      }
      LastWords.onUncaughtErrors(() -> false);
      LastWords.alsoTell(
          cause -> {
            if (LastWords.mayBeOfItsWork(cause)) {
              deaths.died(hosts, LastWords.of(cause));
            }
          });
      for (int i = 0; i < 4; i++) {
        new Thread(() -> Breaks.breakDown(args[1])).start();
      }
      TimeUnit.SECONDS.sleep(PATIENCE_SECONDS);
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
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(EmbeddedDatabase.shared().credentials());
    Process process =
        builder.redirectOutput(folder.resolve("out").toFile()).redirectError(err).start();
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

  /** Every time, or a host that fills the heap would end node after node. */
  @RepeatedTest(3)
  void aNodeThatRunsOutOfMemoryLeavesBehindWhichHostsItExecuted() throws Exception {
    DatabaseAddress address = EmbeddedDatabase.shared().newJournalDatabase();
    Ended ended =
        run(List.of("-Xmx48m"), DiesAsANode.class.getName(), address.url(), "memory", "r|3");
    assertThat(ended.code()).isEqualTo(ExitCode.ERROR);
    assertThat(ended.err()).startsWith("mapstorm: out of memory").hasLineCount(1);
    Suspicion known = known(address, "r|3");
    assertThat(known.nodes()).isOne();
    assertThat(known.alone()).isTrue();
    assertThat(known.cause()).startsWith("out of memory (");
  }

  @Test
  void aNodeThatUsesUpItsStackNamesAllItsHosts() throws Exception {
    DatabaseAddress address = EmbeddedDatabase.shared().newJournalDatabase();
    run(List.of(), DiesAsANode.class.getName(), address.url(), "stack", "r|3", "r|4");
    for (String host : List.of("r|3", "r|4")) {
      Suspicion known = known(address, host);
      assertThat(known.nodes()).isOne();
      assertThat(known.alone()).isFalse();
      assertThat(known.cause()).startsWith("the stack is used up");
    }
  }

  @Test
  void aBrokenInstallationIsNoFaultOfItsHosts() throws Exception {
    DatabaseAddress address = EmbeddedDatabase.shared().newJournalDatabase();
    Ended ended = run(List.of(), DiesAsANode.class.getName(), address.url(), "linkage", "r|3");
    assertThat(ended.err()).startsWith("mapstorm: unexpected error, NoClassDefFoundError");
    assertThat(known(address, "r|3")).isEqualTo(Suspicion.NONE);
    assertThat(LastWords.mayBeOfItsWork(new OutOfMemoryError("unable to create native thread")))
        .isFalse();
  }

  private static Suspicion known(DatabaseAddress address, String host) throws Exception {
    try (PostgresNodeDeaths deaths = new PostgresNodeDeaths(address, "test")) {
      return deaths.of(host).toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void memoryThatEndsWhileACallIsLinkedIsMemory() {
    assertThat(LastWords.of(new InternalError("java.lang.OutOfMemoryError: Java heap space")))
        .startsWith("out of memory (");
    assertThat(LastWords.of(new InternalError("platform encoding not initialized")))
        .startsWith("unexpected error, InternalError: ");
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
