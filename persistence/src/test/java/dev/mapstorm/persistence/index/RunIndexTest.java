package dev.mapstorm.persistence.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.pekko.BatchObserver;
import dev.mapstorm.persistence.replay.FoldSnapshot;
import dev.mapstorm.persistence.replay.HostState;
import dev.mapstorm.persistence.replay.Moment;
import dev.mapstorm.persistence.replay.Runs;
import dev.mapstorm.persistence.store.ReadProgress;
import dev.mapstorm.persistence.store.RunLock;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventBatch;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunIndexTest {
  private static final int BATCH_EVENTS = 200;
  private static final int EVENTS_A_SNAPSHOT = 800;
  private static final ReadProgress QUIET = (part, events) -> {};

  @TempDir private Path folder;

  private final List<String> notes = new ArrayList<>();
  private final SplittableRandom random = new SplittableRandom(1);

  private static Runs runs() {
    return Runs.nvme().end(400_000);
  }

  private JournaledRun run(String name, Runs runs) {
    return new JournaledRun(folder.resolve(name), runs, BATCH_EVENTS, Integer.MAX_VALUE);
  }

  private JournaledRun run() {
    return run("run", runs());
  }

  private RunIndex open(JournaledRun run) {
    return new RunIndex(run.directory, host -> run.parameters, notes::add, EVENTS_A_SNAPSHOT);
  }

  private LiveIndex live(JournaledRun run) {
    return new LiveIndex(run.directory, notes::add, EVENTS_A_SNAPSHOT);
  }

  /** Has an index see batches as a run does that journals them. */
  private void observe(JournaledRun run, LiveIndex index, int from, int to) {
    BatchObserver observer = index.observer(0, run.parameters);
    for (EventBatch batch : run.batches.subList(from, to)) {
      observer.batch(run.words(batch), batch);
    }
  }

  private void assertIsRight(JournaledRun run) {
    try (RunIndex index = open(run)) {
      HostIndex host = index.host(0);
      long end = run.events.get(run.events.size() - 1).t();
      for (int i = 0; i < 3; i++) {
        Moment instant = Moment.at(random.nextLong(end + 10));
        Moment number = Moment.after(random.nextLong(run.events.size() + 10));
        assertThat(host.fold(instant, QUIET).state()).isEqualTo(run.state(instant));
        assertThat(host.fold(number, QUIET).state()).isEqualTo(run.state(number));
      }
      assertThat(host.fold(Moment.END, QUIET).state()).isEqualTo(run.state(Moment.END));
      assertThat(host.fold(Moment.after(0), QUIET).state()).isEqualTo(run.state(Moment.after(0)));
      assertSummariesAreRight(run, host.batches(Moment.END, QUIET));
    }
  }

  private static void assertSummariesAreRight(JournaledRun run, List<BatchSummary> summaries) {
    assertThat(summaries).hasSize(run.batches.size());
    Map<List<Long>, Integer> owners = owners(run.events);
    for (BatchSummary summary : summaries) {
      List<Event> events =
          run.events.subList((int) summary.eventsBefore(), (int) summary.eventsBehind());
      assertThat(summary.eventsBefore()).isEqualTo(summary.number() * BATCH_EVENTS);
      assertThat(summary.first()).isEqualTo(events.get(0).t());
      assertThat(summary.last()).isEqualTo(events.get(events.size() - 1).t());
      assertThat(summary.clients()).isEqualTo(clientsOf(events, owners));
      assertThat(summary.devices()).isEqualTo(valuesOf("device", events));
      assertThat(summary.locks()).isEqualTo(valuesOf("lock", events));
      assertThat(summary.kinds().cardinality())
          .isEqualTo((int) events.stream().map(Object::getClass).distinct().count());
      assertThat(summary.hash()).isEqualTo(run.batches.get((int) summary.number()).hash());
    }
  }

  /** Whose each call is, by domain and number, and each invalidation, by unit and ticket. */
  private static Map<List<Long>, Integer> owners(List<Event> events) {
    Map<List<Long>, Integer> owners = new HashMap<>();
    for (Event event : events) {
      if (event instanceof Event.CallEntered e) {
        owners.put(List.of(0L, (long) e.domain(), e.call()), e.client());
      } else if (event instanceof Event.InvalidationPosted e) {
        int owner = owners.get(List.of(0L, (long) e.domain(), e.call()));
        owners.put(List.of(1L, (long) e.iommu(), e.ticket()), owner);
      }
    }
    return owners;
  }

  private static BitSet clientsOf(List<Event> events, Map<List<Long>, Integer> owners) {
    BitSet clients = new BitSet();
    for (Event event : events) {
      Map<String, Long> arguments = new HashMap<>();
      for (RecordComponent component : event.getClass().getRecordComponents()) {
        if (component.getType() != List.class) {
          arguments.put(component.getName(), value(event, component));
        }
      }
      int client = -1;
      if (arguments.containsKey("client")) {
        client = arguments.get("client").intValue();
      } else if (arguments.containsKey("call")) {
        client = owners.get(List.of(0L, arguments.get("domain"), arguments.get("call")));
      } else if (arguments.containsKey("ticket")) {
        client = owners.get(List.of(1L, arguments.get("iommu"), arguments.get("ticket")));
      }
      if (client >= 0) {
        clients.set(client);
      }
    }
    return clients;
  }

  private static BitSet valuesOf(String argument, List<Event> events) {
    BitSet values = new BitSet();
    for (Event event : events) {
      for (RecordComponent component : event.getClass().getRecordComponents()) {
        if (component.getName().equals(argument)) {
          values.set((int) value(event, component));
        }
      }
    }
    return values;
  }

  private static long value(Event event, RecordComponent component) {
    try {
      return ((Number) component.getAccessor().invoke(event)).longValue();
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private long rows(JournaledRun run, String table) throws SQLException {
    try (Connection connection = run.connect("index.db");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM " + table)) {
      return row.getLong(1);
    }
  }

  private void change(JournaledRun run, String database, String sql) throws SQLException {
    try (Connection connection = run.connect(database);
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }

  @Test
  void anyMomentOfAnyModeIsWhatFoldingFromTheBeginningGives() {
    for (IommuMode mode : IommuMode.values()) {
      assertIsRight(run(mode.name(), runs().mode(mode).domains(1).flush(16, 100_000)));
    }
    assertThat(notes).isEmpty();
  }

  @Test
  void theIndexOfTheRunIsTheOneThatAReaderMakes() throws SQLException {
    JournaledRun run = run();
    try (LiveIndex live = live(run)) {
      observe(run, live, 0, run.batches.size());
    }
    long snapshots = rows(run, "snapshot");
    long most = run.events.size() / EVENTS_A_SNAPSHOT;
    assertThat(snapshots).isBetween(most - 1, most);
    assertIsRight(run);
    Set<HostState> ofRun = new LinkedHashSet<>();
    eachSnapshot(run, ofRun::add);

    IndexFile.delete(run.directory.index());
    assertIsRight(run);

    Set<HostState> ofReader = new LinkedHashSet<>();
    eachSnapshot(run, ofReader::add);
    assertThat(ofReader).isEqualTo(ofRun).hasSize((int) snapshots);
  }

  private void eachSnapshot(JournaledRun run, Consumer<HostState> target) {
    try (IndexFile file = IndexFile.copyOf(run.directory.index())) {
      for (long events = 0; events <= run.events.size(); events += BATCH_EVENTS) {
        file.snapshotBefore(0, Moment.after(events))
            .map(each -> HostIndexer.restored(new FoldSnapshot(), each))
            .ifPresent(fold -> target.accept(fold.state()));
      }
    }
  }

  @Test
  void onlyWhatIsAskedForIsReadAndIndexed() throws SQLException {
    JournaledRun run = run();
    try (RunIndex index = open(run)) {
      index.host(0).fold(Moment.after(3 * BATCH_EVENTS - 1), QUIET);
    }
    assertThat(rows(run, "batch")).isEqualTo(3);

    assertIsRight(run);
    assertThat(rows(run, "batch")).isEqualTo(run.batches.size());
  }

  @Test
  void theIndexOfAKilledRunIsCompletedFromItsJournal() throws SQLException {
    JournaledRun run = run();
    try (LiveIndex live = live(run)) {
      observe(run, live, 0, 11);
    }
    assertThat(rows(run, "batch")).isEqualTo(11);

    assertIsRight(run);
    assertThat(notes).isEmpty();
  }

  @Test
  void aRunThatGoesOnIndexesWhatItFindsMissing() throws SQLException {
    JournaledRun run = new JournaledRun(folder.resolve("run"), runs(), BATCH_EVENTS, 9);
    try (LiveIndex live = live(run)) {
      observe(run, live, 0, 6);
    }
    run.journalUpTo(Integer.MAX_VALUE);
    try (LiveIndex live = live(run)) {
      observe(run, live, 9, run.batches.size());
    }

    assertThat(rows(run, "batch")).isEqualTo(run.batches.size());
    assertIsRight(run);
    assertThat(notes).isEmpty();
  }

  @Test
  void aRunThatGoesOnDoesNotTrustTheIndexOfAnother() throws IOException, SQLException {
    JournaledRun other = run("other", runs().seed(7));
    assertIsRight(other);
    JournaledRun run = new JournaledRun(folder.resolve("run"), runs(), BATCH_EVENTS, 9);
    Files.copy(other.directory.index(), run.directory.index());
    run.journalUpTo(Integer.MAX_VALUE);
    try (LiveIndex live = live(run)) {
      observe(run, live, 9, run.batches.size());
    }

    assertThat(rows(run, "batch")).isEqualTo(run.batches.size());
    assertIsRight(run);
    assertThat(notes).isEmpty();
  }

  @Test
  void theIndexOfAnotherRunIsThrownAway() throws IOException {
    JournaledRun other = run("other", runs().seed(7));
    assertIsRight(other);
    JournaledRun run = run();
    Files.copy(other.directory.index(), run.directory.index());

    assertIsRight(run);
    assertThat(notes).hasSize(1).first().asString().contains("is made again", "another journal");
  }

  @Test
  void anIndexThatIsAheadOfItsJournalIsThrownAway() throws IOException {
    JournaledRun whole = run("whole", runs());
    assertIsRight(whole);
    JournaledRun part = new JournaledRun(folder.resolve("part"), runs(), BATCH_EVENTS, 5);
    Files.copy(whole.directory.index(), part.directory.index());

    try (RunIndex index = open(part)) {
      assertThat(index.host(0).batches(Moment.END, QUIET)).hasSize(5);
    }
    assertThat(notes).hasSize(1).first().asString().contains("is made again");
  }

  @Test
  void theIndexOfAnotherVersionIsThrownAway() throws SQLException {
    JournaledRun run = run();
    for (String change : List.of("PRAGMA user_version = 99", "UPDATE fold SET shape = 1")) {
      assertIsRight(run);
      change(run, "index.db", change);
      notes.clear();
      assertIsRight(run);
      assertThat(notes).hasSize(1).first().asString().contains("another version");
    }
  }

  @Test
  void anIndexWithOtherTablesThanItsOwnIsMadeAgainUnread() throws SQLException {
    JournaledRun run = run();
    String endless =
        "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n";
    for (String change :
        List.of(
            "DROP TABLE fold; CREATE VIEW fold (shape) AS " + endless,
            "ALTER TABLE snapshot ADD COLUMN more AS (hex(zeroblob(500000000)))",
            "CREATE TRIGGER busy BEFORE INSERT ON batch BEGIN SELECT (" + endless + "); END",
            "CREATE TABLE more (x)")) {
      assertIsRight(run);
      change(run, "index.db", change);
      notes.clear();
      assertIsRight(run);
      assertThat(notes)
          .as(change)
          .hasSize(1)
          .first()
          .asString()
          .containsPattern(
              "is made again: it(s table snapshot is defined in another way| has a .*, which)");
    }
  }

  @Test
  void aDamagedByteAnywhereChangesNoAnswer() throws IOException {
    JournaledRun run = run();
    assertIsRight(run);
    byte[] sound = Files.readAllBytes(run.directory.index());
    for (int i = 0; i < 20; i++) {
      byte[] damaged = sound.clone();
      damaged[random.nextInt(damaged.length)] ^= (byte) (1 + random.nextInt(255));
      Files.write(run.directory.index(), damaged);
      assertIsRight(run);
    }
    Files.write(run.directory.index(), new byte[] {1, 2, 3});
    assertIsRight(run);
    assertThat(notes).last().asString().contains("is made again");
  }

  @Test
  void aStateThatWasTamperedWithIsNotUsed() throws SQLException {
    JournaledRun run = run();
    assertIsRight(run);
    change(run, "index.db", "UPDATE snapshot SET events = events + 1, batches = batches + 1");
    change(run, "index.db", "UPDATE batch SET kinds = x'00'");

    assertIsRight(run);
    assertThat(notes).hasSize(1).first().asString().contains("damaged");
  }

  @Test
  void whileTheRunIsAtWorkItsIndexIsLeftAlone() throws SQLException {
    JournaledRun run = run();
    RunLock lock = run.directory.lock();
    try (lock;
        LiveIndex live = live(run)) {
      observe(run, live, 0, 6);
      assertIsRight(run);
      observe(run, live, 6, 12);
    }
    assertThat(rows(run, "batch")).isEqualTo(12);
    assertThat(notes).isEmpty();
  }

  @Test
  void whereItCannotBeWrittenItIsKeptInMemory() throws IOException {
    JournaledRun run = run();
    Files.createDirectories(run.directory.index().resolve("in the way"));

    assertIsRight(run);
    assertThat(notes).hasSize(1).first().asString().contains("kept in memory");
  }

  @Test
  void aRunThatCannotWriteItsIndexGoesOnAndSaysSoOnce() throws IOException {
    JournaledRun run = run();
    Files.createDirectories(run.directory.index().resolve("in the way"));

    try (LiveIndex live = live(run)) {
      observe(run, live, 0, 4);
    }
    assertThat(notes).hasSize(1).first().asString().contains("continues without its index");
  }

  @Test
  void aRunWhoseIndexFailsOnTheWayGoesOnAndSaysSoOnce() throws SQLException {
    JournaledRun run = run();
    try (LiveIndex live = live(run)) {
      observe(run, live, 0, 1);
      change(run, "journal.db", "DELETE FROM event_journal WHERE sequence_number = 4");
      observe(run, live, 6, 9);
    }
    assertThat(notes).hasSize(1).first().asString().contains("continues without its index");
  }

  @Test
  void withoutAnIndexNothingIsWritten() {
    JournaledRun run = run();
    try (LiveIndex live = LiveIndex.off()) {
      observe(run, live, 0, 2);
    }
    assertThat(run.directory.index()).doesNotExist();
  }

  @Test
  void theClientsOfADeviceAreThoseThatWorkedForIt() {
    JournaledRun run =
        new JournaledRun(folder.resolve("run"), runs().clients(5).domains(2), BATCH_EVENTS, 1000);
    try (RunIndex index = open(run)) {
      BitSet ofSecond = new BitSet();
      run.events.forEach(
          event -> {
            if (event instanceof Event.Submitted each && each.device() == 1) {
              ofSecond.set(each.client());
            }
          });
      assertThat(index.host(0).clients(1, Moment.END, QUIET)).isEqualTo(ofSecond);
      assertThat(index.host(0).clients(7, Moment.END, QUIET).isEmpty()).isTrue();
    }
  }
}
