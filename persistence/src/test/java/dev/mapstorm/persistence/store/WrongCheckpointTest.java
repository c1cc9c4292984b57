package dev.mapstorm.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.pekko.BatchObserver;
import dev.mapstorm.actors.pekko.Simulation;
import dev.mapstorm.actors.pekko.SimulationResult;
import dev.mapstorm.actors.pekko.SimulationSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.JournalSpec;
import dev.mapstorm.persistence.replay.Runs;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.event.StreamCheckpoint;
import dev.mapstorm.protocol.event.StreamId;
import dev.mapstorm.protocol.message.DriverMessage;
import dev.mapstorm.protocol.wire.WireFormat;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Checkpoints that are not those which the run stored, with checksums that are right. Whatever they
 * are, the run goes on from one before or from its beginning, and ends as if it had not been
 * interrupted.
 */
class WrongCheckpointTest {
  private static final StreamId STREAM = new StreamId("run", 0);
  private static final int BODY_AT = 8;
  private static final int CHECKSUM_AT = 4;
  private static final WireFormat FORMAT = new WireFormat();
  private static SimulationResult undisturbed;
  private static Path interrupted;

  @TempDir static Path shared;
  @TempDir Path directory;

  private SqliteJournal journal;
  private Path file;

  private record Row(long entry, byte[] payload) {
    StreamCheckpoint checkpoint() {
      return FORMAT.read(payload, StreamCheckpoint.class);
    }
  }

  /** A lazy host, with a checkpoint every other batch or so. */
  private static HostSpec host(long checkpointEvents) {
    return Runs.nvme()
        .mode(IommuMode.LAZY)
        .flush(16, 200_000)
        .clients(3)
        .end(500_000)
        .journal(new JournalSpec(true, 400, 10_000_000, 2, checkpointEvents))
        .spec();
  }

  private static SimulationResult run(SqliteJournal journal, HostSpec spec, int batches)
      throws Exception {
    CompletableFuture<Simulation> running = new CompletableFuture<>();
    AtomicInteger seen = new AtomicInteger();
    BatchObserver stopper =
        (events, batch) -> {
          if (seen.incrementAndGet() == batches) {
            running.join().stop();
          }
        };
    SimulationSpec simulation =
        new SimulationSpec(
            STREAM.run(), List.of(spec), 1, journal.pekkoConfig(), "", "test", host -> stopper);
    try (Simulation started = Simulation.start(simulation)) {
      running.complete(started);
      return started.result().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }
  }

  private static synchronized void prepare() throws Exception {
    if (undisturbed == null) {
      SqliteJournal whole = new SqliteJournal(shared.resolve("undisturbed.db"));
      whole.create();
      SimulationResult result = run(whole, host(500), Integer.MAX_VALUE);
      interrupted = shared.resolve("interrupted.db");
      SqliteJournal part = new SqliteJournal(interrupted);
      part.create();
      run(part, host(500), 10);
      part.emptyLog();
      leaveABatchAfterTheNewest(part);
      undisturbed = result;
    }
  }

  /** Where the run is stopped depends on its threads: the newest checkpoint may be at its end. */
  private static void leaveABatchAfterTheNewest(SqliteJournal part) throws Exception {
    long last = part.reader().lastBatch(0).orElseThrow().index() + 2;
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + interrupted);
        PreparedStatement delete =
            connection.prepareStatement("DELETE FROM snapshot WHERE sequence_number >= ?")) {
      delete.setLong(1, last);
      delete.executeUpdate();
    }
  }

  @BeforeEach
  void copyInterruptedRun() throws Exception {
    prepare();
    copy();
  }

  private void copy() throws Exception {
    file = Files.createTempFile(directory, "journal", ".db");
    Files.delete(file);
    Files.copy(interrupted, file);
    journal = new SqliteJournal(file);
  }

  private List<Row> rows() throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        PreparedStatement query =
            connection.prepareStatement(
                "SELECT sequence_number, snapshot_payload FROM snapshot ORDER BY sequence_number");
        ResultSet found = query.executeQuery()) {
      List<Row> rows = new ArrayList<>();
      while (found.next()) {
        rows.add(new Row(found.getLong(1), found.getBytes(2)));
      }
      return rows;
    }
  }

  private Row newest() throws SQLException {
    List<Row> rows = rows();
    assertThat(rows).hasSizeGreaterThan(2);
    return rows.get(rows.size() - 1);
  }

  private void replace(Row row, long entry, byte[] payload) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        PreparedStatement update =
            connection.prepareStatement(
                "UPDATE snapshot SET sequence_number = ?, snapshot_payload = ? WHERE sequence_number = ?")) {
      update.setLong(1, entry);
      update.setBytes(2, payload);
      update.setLong(3, row.entry());
      assertThat(update.executeUpdate()).isOne();
    }
  }

  private void assertGoesOnAsIfNothingHadHappened() throws Exception {
    SimulationResult resumed = run(journal, host(500), Integer.MAX_VALUE);
    assertThat(resumed.complete()).isTrue();
    assertThat(resumed.hash()).isEqualTo(undisturbed.hash());
    assertThat(resumed.events()).isEqualTo(undisturbed.events());
    journal.check();
    long[] entries = new long[1];
    journal
        .reader()
        .forEach(
            0,
            entry -> {
              entries[0]++;
              return true;
            });
    assertThat(entries[0]).isEqualTo(undisturbed.hosts().get(0).batches() + 2);
  }

  @Test
  void anOlderCheckpointInThePlaceOfTheNewestIsPassedOver() throws Exception {
    replace(newest(), newest().entry(), rows().get(0).payload());
    assertGoesOnAsIfNothingHadHappened();
  }

  /** Pekko took its number for that of the last entry, and wrote entry 100,350. */
  @Test
  void aCheckpointBehindTheEndOfTheStreamIsPassedOver() throws Exception {
    replace(newest(), 100_349, newest().payload());
    assertGoesOnAsIfNothingHadHappened();
  }

  @Test
  void anotherPlaceThatTheStreamHasIsNotBelievedEither() throws Exception {
    replace(newest(), newest().entry() + 1, newest().payload());
    assertGoesOnAsIfNothingHadHappened();
  }

  @Test
  void aCheckpointOfAnotherStreamIsPassedOver() throws Exception {
    StreamCheckpoint own = newest().checkpoint();
    replace(newest(), newest().entry(), FORMAT.write(sealed(own, "run|1", own.machine())));
    assertGoesOnAsIfNothingHadHappened();
  }

  @Test
  void whateverByteIsAnotherWithTheRightChecksumNothingIsBelieved() throws Exception {
    int length = newest().payload().length;
    // All of the fields before the machine, and some bytes of the machine.
    for (int at = BODY_AT; at < length; at += at < 150 ? 13 : length / 12) {
      copy();
      byte[] payload = newest().payload().clone();
      payload[at] ^= 0x55;
      replace(newest(), newest().entry(), withChecksum(payload));
      assertGoesOnAsIfNothingHadHappened();
    }
  }

  @Test
  void anObjectOfAnotherClassIsPassedOver() throws Exception {
    replace(newest(), newest().entry(), FORMAT.write(new DriverMessage.Wake()));
    assertGoesOnAsIfNothingHadHappened();
  }

  @Test
  void theMachineOfAnOlderCheckpointHasNotTheSealOfTheNewest() throws Exception {
    StreamCheckpoint own = newest().checkpoint();
    StreamCheckpoint swapped =
        new StreamCheckpoint(
            own.stream(),
            own.batches(),
            own.events(),
            own.bytes(),
            own.instant(),
            own.hash(),
            own.version(),
            rows().get(0).checkpoint().machine(),
            own.seal());
    replace(newest(), newest().entry(), FORMAT.write(swapped));
    assertGoesOnAsIfNothingHadHappened();
  }

  /** "Integer cannot be cast to Message": the seal is right, and the bytes make no host. */
  @Test
  void aMachineThatMakesNoHostGivesWayToTheCheckpointBefore() throws Exception {
    byte[] machine = newest().checkpoint().machine();
    for (int kind = 0; kind < 40; kind++) {
      copy();
      byte[] wrong = machine.clone();
      // Past the number of the layout, and the clock: the messages in flight.
      Arrays.fill(wrong, 24, 40, (byte) kind);
      replaceMachine(newest(), wrong);
      assertGoesOnAsIfNothingHadHappened();
    }
  }

  @Test
  void aMachineOfAnotherBuildGivesWayToTheBeginning() throws Exception {
    for (Row row : rows()) {
      byte[] machine = row.checkpoint().machine().clone();
      machine[0] ^= 1;
      replaceMachine(row, machine);
    }
    assertGoesOnAsIfNothingHadHappened();
  }

  /** It is a host, but not the one that the journal tells of from there on. */
  @Test
  void aMachineThatDivergesGivesWayToTheBeginning() throws Exception {
    List<Row> rows = rows();
    assertThat(newest().entry())
        .isLessThan(journal.reader().lastBatch(0).orElseThrow().index() + 2);
    replaceMachine(newest(), rows.get(0).checkpoint().machine());
    assertGoesOnAsIfNothingHadHappened();
  }

  private void replaceMachine(Row row, byte[] machine) throws SQLException {
    StreamCheckpoint own = row.checkpoint();
    replace(row, row.entry(), FORMAT.write(sealed(own, own.stream(), machine)));
  }

  private static StreamCheckpoint sealed(StreamCheckpoint own, String stream, byte[] machine) {
    return StreamCheckpoint.sealed(
        stream,
        own.batches(),
        own.events(),
        own.bytes(),
        own.instant(),
        own.hash(),
        own.version(),
        machine);
  }

  private static byte[] withChecksum(byte[] payload) {
    CRC32C crc = new CRC32C();
    crc.update(payload, BODY_AT, payload.length - BODY_AT);
    ByteBuffer.wrap(payload).putInt(CHECKSUM_AT, (int) crc.getValue());
    return payload;
  }

  /** With a checkpoint after every batch. */
  @Test
  void aStreamKeepsALimitedNumberOfCheckpointsAllOverTheRun() throws Exception {
    HostSpec spec =
        Runs.nvme()
            .clients(3)
            .end(500_000)
            .journal(new JournalSpec(true, 50, 10_000_000, 2, 1))
            .spec();
    file = directory.resolve("many.db");
    journal = new SqliteJournal(file);
    journal.create();
    SimulationResult result = run(journal, spec, Integer.MAX_VALUE);
    long batches = result.hosts().get(0).batches();
    assertThat(batches).isGreaterThan(3L * CheckpointThinning.KEPT);
    List<Row> rows = rows();
    assertThat(rows).hasSizeLessThanOrEqualTo(CheckpointThinning.KEPT);
    assertThat(rows.get(0).entry()).isLessThan(batches / 4);
    assertThat(newest().entry()).isGreaterThanOrEqualTo(batches - 1);
  }
}
