package dev.mapstorm.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.actors.pekko.WriterClaim;
import dev.mapstorm.actors.pekko.WriterStanding;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Of all incarnations of a stream's writer only the newest can write. */
class PostgresClaimsTest {
  private static final String STREAM = "run|0";
  private static final int WRITERS = 6;
  private static final int ENOUGH_ACCEPTED = 100;
  private static final int ENOUGH_REFUSED = 20;

  private DatabaseAddress address;
  private PostgresClaims claims;

  @BeforeEach
  void open() {
    address = EmbeddedDatabase.shared().newJournalDatabase();
    claims = new PostgresClaims(address, "node-1");
  }

  @AfterEach
  void close() {
    claims.close();
  }

  private long claim() throws Exception {
    return claims.claim(STREAM).toCompletableFuture().get(30, TimeUnit.SECONDS).epoch();
  }

  /** Writes a row as the plugin does, with an epoch, empty for none. */
  private static void write(Connection connection, String stream, long number, String epoch)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO event_journal (persistence_id, sequence_number, writer, write_timestamp,"
                + " adapter_manifest, event_ser_id, event_ser_manifest, event_payload)"
                + " VALUES (?, ?, 'w', 0, ?, 28019, '1', ''::bytea)")) {
      insert.setString(1, stream);
      insert.setLong(2, number);
      insert.setString(3, epoch);
      insert.executeUpdate();
    }
  }

  private void writeNow(long number, String epoch) throws SQLException {
    try (Connection connection = address.connect()) {
      write(connection, STREAM, number, epoch);
    }
  }

  private Optional<WriterStanding> standing() throws Exception {
    return claims.standing(STREAM).toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private Optional<String> renew(long epoch) throws Exception {
    return claims.renew(STREAM, epoch).toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  @Test
  void aClaimIsSeenAndCanBeRenewedUntilThereIsANewerOne() throws Exception {
    assertThat(standing()).isEmpty();
    long first = claim();
    WriterStanding made = standing().orElseThrow();
    assertThat(made.epoch()).isEqualTo(first);
    assertThat(made.claimant()).isEqualTo("node-1");
    assertThat(made.silentMs()).isNotNegative();
    assertThat(standing().orElseThrow().renewed()).isEqualTo(made.renewed());

    assertThat(renew(first)).isEmpty();
    assertThat(standing().orElseThrow().renewed()).isNotEqualTo(made.renewed());

    try (PostgresClaims other = new PostgresClaims(address, "node-2")) {
      other.claim(STREAM).toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
    WriterStanding taken = standing().orElseThrow();
    assertThat(renew(first)).contains("node-2");
    assertThat(standing().orElseThrow().renewed()).isEqualTo(taken.renewed());

    EmbeddedDatabase.execute(address, "DELETE FROM stream_writer");
    assertThat(renew(first)).contains("");
  }

  @Test
  void aClaimIsNotSilentWhileItsServerIsAway() throws Exception {
    claim();
    EmbeddedDatabase.execute(
        address,
        "UPDATE stream_writer SET claimed_at = pg_postmaster_start_time() - '1h'::interval");
    long sinceStart = standing().orElseThrow().silentMs();
    EmbeddedDatabase.execute(
        address, "UPDATE stream_writer SET claimed_at = pg_postmaster_start_time()");
    assertThat(standing().orElseThrow().silentMs())
        .isGreaterThanOrEqualTo(sinceStart)
        .isLessThan(sinceStart + 3_600_000);
  }

  private List<Long> epochs() throws SQLException {
    List<Long> epochs = new ArrayList<>();
    try (Connection connection = address.connect();
        ResultSet rows =
            connection
                .createStatement()
                .executeQuery(
                    "SELECT adapter_manifest FROM event_journal ORDER BY sequence_number")) {
      while (rows.next()) {
        epochs.add(rows.getLong(1));
      }
    }
    return epochs;
  }

  @Test
  void shouldNumberTheClaimsOfAStreamFromOne() throws Exception {
    assertThat(claim()).isEqualTo(1);
    assertThat(claim()).isEqualTo(2);
    assertThat(claims.claim("run|1").toCompletableFuture().get(30, TimeUnit.SECONDS).epoch())
        .isEqualTo(1);
    assertThat(claim()).isEqualTo(3);
  }

  @Test
  void shouldLetOnlyTheNewestClaimWrite() throws Exception {
    long old = claim();
    writeNow(1, Long.toString(old));
    long present = claim();

    assertThatThrownBy(() -> writeNow(2, Long.toString(old)))
        .hasMessageContaining("stream run|0 can be written under epoch 2 only, entry 2 carries 1")
        .satisfies(failure -> assertThat(claims.refused(failure)).isTrue());
    assertThatThrownBy(() -> writeNow(2, ""))
        .satisfies(failure -> assertThat(claims.refused(failure)).isTrue());
    writeNow(2, Long.toString(present));

    assertThat(epochs()).containsExactly(1L, 2L);
  }

  @Test
  void shouldLetAnUnclaimedStreamBeWrittenWithoutAnEpochOnly() throws Exception {
    writeNow(1, "");

    assertThatThrownBy(() -> writeNow(2, "1"))
        .satisfies(failure -> assertThat(claims.refused(failure)).isTrue());
  }

  @Test
  void shouldTellARefusalFromOtherFailures() throws Exception {
    writeNow(1, "");

    assertThatThrownBy(() -> writeNow(1, ""))
        .satisfies(taken -> assertThat(claims.refused(taken)).isTrue())
        .satisfies(taken -> assertThat(claims.refused(wrapped(taken))).isTrue());
    EmbeddedDatabase.execute(address, "DROP TABLE event_journal CASCADE");
    assertThatThrownBy(() -> writeNow(2, ""))
        .satisfies(other -> assertThat(claims.refused(other)).isFalse())
        .satisfies(other -> assertThat(claims.refused(wrapped(other))).isFalse());
  }

  /** As a batch that fails arrives: the reason is the next exception of a cause. */
  private static Throwable wrapped(Throwable failure) {
    SQLException batch = new SQLException("the batch failed");
    batch.setNextException((SQLException) failure);
    return new IllegalStateException("persisting failed", batch);
  }

  @Test
  void shouldWaitForAWriteThatIsUnderWayAndThenFindIt() throws Exception {
    String epoch = Long.toString(claim());
    try (Connection writer = address.connect()) {
      writer.setAutoCommit(false);
      write(writer, STREAM, 1, epoch);

      CompletableFuture<Long> next =
          claims.claim(STREAM).thenApply(WriterClaim::epoch).toCompletableFuture();
      awaitWaitingForALock();
      assertThat(next).isNotDone();
      writer.commit();

      assertThat(next.get(30, TimeUnit.SECONDS)).isEqualTo(2);
      assertThat(epochs()).containsExactly(1L);
      assertThatThrownBy(() -> write(writer, STREAM, 2, epoch))
          .satisfies(failure -> assertThat(claims.refused(failure)).isTrue());
    }
  }

  @Test
  void shouldRefuseAWriteWhoseTransactionBeganBeforeTheClaim() throws Exception {
    String epoch = Long.toString(claim());
    try (Connection writer = address.connect()) {
      writer.setAutoCommit(false);
      writer.createStatement().executeQuery("SELECT count(*) FROM event_journal").close();

      assertThat(claim()).isEqualTo(2);

      assertThatThrownBy(() -> write(writer, STREAM, 1, epoch))
          .satisfies(failure -> assertThat(claims.refused(failure)).isTrue());
    }
    assertThat(epochs()).isEmpty();
  }

  /** The write waits for a claim that is not committed, and is refused once it is. */
  @Test
  void shouldRefuseAWriteThatMeetsAClaimOnItsWay() throws Exception {
    String epoch = Long.toString(claim());
    try (Connection claiming = address.connect()) {
      claiming.setAutoCommit(false);
      PostgresClaims.claim(claiming, STREAM, "node-2");
      CompletableFuture<Void> write =
          CompletableFuture.runAsync(
              () -> {
                try {
                  writeNow(1, epoch);
                } catch (SQLException e) {
                  throw new IllegalStateException(e);
                }
              });
      awaitWaitingForALock();
      claiming.commit();

      assertThatThrownBy(() -> write.get(30, TimeUnit.SECONDS))
          .satisfies(failure -> assertThat(claims.refused(failure)).isTrue());
    }
    assertThat(epochs()).isEmpty();
  }

  private void awaitWaitingForALock() throws Exception {
    try (Connection connection = address.connect()) {
      long waiting = 0;
      for (int i = 0; i < 3000 && waiting == 0; i++) {
        try (ResultSet row =
            connection
                .createStatement()
                .executeQuery(
                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                        + " AND datname = current_database()")) {
          row.next();
          waiting = row.getLong(1);
        }
        TimeUnit.MILLISECONDS.sleep(2);
      }
      assertThat(waiting).isEqualTo(1);
    }
  }

  /**
   * Incarnations that claim, read how far the stream is, and write on until they are refused. The
   * place behind the last entry is never taken when one comes to it: nobody older can write any
   * more.
   */
  @Test
  void shouldNeverLetAnOlderClaimWriteBehindANewerOne() throws Exception {
    AtomicLong accepted = new AtomicLong();
    AtomicLong refused = new AtomicLong();
    ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
    List<Future<?>> writers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      writers.add(
          threads.submit(
              () -> {
                while (accepted.get() < ENOUGH_ACCEPTED || refused.get() < ENOUGH_REFUSED) {
                  writeUntilRefused(accepted, refused);
                }
                return null;
              }));
    }
    for (Future<?> writer : writers) {
      writer.get(60, TimeUnit.SECONDS);
    }
    threads.shutdown();

    assertThat(epochs()).isSorted().hasSize((int) accepted.get());
    assertThat(Set.copyOf(epochs())).hasSizeGreaterThan(1);
  }

  private void writeUntilRefused(AtomicLong accepted, AtomicLong refused) throws Exception {
    try (Connection connection = address.connect()) {
      String epoch = Long.toString(claim());
      long number = last(connection);
      while (accepted.get() < ENOUGH_ACCEPTED || refused.get() < ENOUGH_REFUSED) {
        write(connection, STREAM, ++number, epoch);
        accepted.incrementAndGet();
      }
    } catch (SQLException e) {
      assertThat(e.getSQLState()).isEqualTo("MS001");
      refused.incrementAndGet();
      // As a node does; else nobody would come to write between all the claims.
      TimeUnit.MILLISECONDS.sleep(WRITERS * 5);
    }
  }

  private static long last(Connection connection) throws SQLException {
    try (ResultSet last =
        connection
            .createStatement()
            .executeQuery("SELECT coalesce(max(sequence_number), 0) FROM event_journal")) {
      last.next();
      return last.getLong(1);
    }
  }
}
