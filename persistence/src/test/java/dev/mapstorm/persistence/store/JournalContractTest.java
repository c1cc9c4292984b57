package dev.mapstorm.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.pekko.persistence.japi.journal.JavaJournalSpec;
import org.apache.pekko.persistence.japi.snapshot.JavaSnapshotStoreSpec;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.scalatest.Args;
import org.scalatest.Args$;
import org.scalatest.Suite;
import org.scalatest.events.Event;
import org.scalatest.events.TestCanceled;
import org.scalatest.events.TestFailed;
import org.scalatest.events.TestSucceeded;
import scala.Option;

/**
 * Pekko's own contracts of journals and snapshot stores, held by the journals in SQLite and in
 * PostgreSQL. They come as ScalaTest suites; each of their tests is shown as one of JUnit's.
 */
class JournalContractTest {
  @TempDir private Path directory;

  @TestFactory
  Stream<DynamicTest> theSqliteJournalHoldsPekkosContract() {
    return journal(sqlite("journal.db"));
  }

  @TestFactory
  Stream<DynamicTest> theSqliteSnapshotStoreHoldsPekkosContract() {
    return snapshots(sqlite("snapshots.db"));
  }

  @TestFactory
  Stream<DynamicTest> thePostgresJournalHoldsPekkosContract() {
    return journal(postgres());
  }

  @TestFactory
  Stream<DynamicTest> thePostgresSnapshotStoreHoldsPekkosContract() {
    return snapshots(postgres());
  }

  private JournalStore sqlite(String file) {
    return new SqliteJournal(directory.resolve(file));
  }

  private static JournalStore postgres() {
    return new PostgresJournal(EmbeddedDatabase.shared().newJournalDatabase(), "contract");
  }

  private static Stream<DynamicTest> journal(JournalStore store) {
    List<DynamicTest> tests = results(new JavaJournalSpec(config(store)));

    assertThat(tests).hasSizeGreaterThanOrEqualTo(16);
    return tests.stream();
  }

  private static Stream<DynamicTest> snapshots(JournalStore store) {
    List<DynamicTest> tests = results(new JavaSnapshotStoreSpec(config(store)));

    assertThat(tests).hasSizeGreaterThanOrEqualTo(7);
    return tests.stream();
  }

  private static Config config(JournalStore store) {
    store.create();
    return store.pekkoConfig().withFallback(ConfigFactory.load());
  }

  private static List<DynamicTest> results(Suite suite) {
    List<DynamicTest> tests = new ArrayList<>();
    suite
        .run(
            Option.empty(),
            new Args(
                event -> result(event).ifPresent(tests::add),
                Args$.MODULE$.apply$default$2(),
                Args$.MODULE$.apply$default$3(),
                Args$.MODULE$.apply$default$4(),
                Args$.MODULE$.apply$default$5(),
                Args$.MODULE$.apply$default$6(),
                Args$.MODULE$.apply$default$7(),
                Args$.MODULE$.apply$default$8(),
                Args$.MODULE$.apply$default$9(),
                Args$.MODULE$.apply$default$10()))
        .waitUntilCompleted();
    return tests;
  }

  private static Optional<DynamicTest> result(Event event) {
    if (event instanceof TestSucceeded passed) {
      return Optional.of(DynamicTest.dynamicTest(passed.testName(), () -> {}));
    } else if (event instanceof TestFailed failed) {
      return Optional.of(
          DynamicTest.dynamicTest(
              failed.testName(),
              () -> {
                throw new AssertionError(
                    failed.message(), failed.throwable().getOrElse(() -> null));
              }));
    } else if (event instanceof TestCanceled cancelled) {
      return Optional.of(
          DynamicTest.dynamicTest(
              cancelled.testName(),
              () -> {
                throw new AssertionError("cancelled: " + cancelled.message());
              }));
    }
    return Optional.empty();
  }
}
