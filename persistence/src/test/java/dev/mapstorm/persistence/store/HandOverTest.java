package dev.mapstorm.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.mapstorm.actors.pekko.BatchObserver;
import dev.mapstorm.actors.pekko.HostKeeper;
import dev.mapstorm.actors.pekko.HostListener;
import dev.mapstorm.actors.pekko.HostResult;
import dev.mapstorm.actors.pekko.HostSetup;
import dev.mapstorm.actors.pekko.Lanes;
import dev.mapstorm.actors.pekko.StorePatience;
import dev.mapstorm.actors.pekko.WriterClaim;
import dev.mapstorm.actors.pekko.WriterClaims;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.JournalSpec;
import dev.mapstorm.actors.time.HostClock;
import dev.mapstorm.persistence.replay.Runs;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.event.StreamId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host that is moved leaves a checkpoint behind, from which it goes on elsewhere. */
class HandOverTest {
  private static final BatchObserver NOBODY = (events, batch) -> {};

  @TempDir Path directory;

  private SqliteJournal journal;
  private ActorTestKit kit;

  @BeforeEach
  void begin() {
    journal = newJournal("journal");
    kit = kit(journal);
  }

  @AfterEach
  void end() {
    kit.shutdownTestKit();
  }

  private SqliteJournal newJournal(String name) {
    SqliteJournal made = new SqliteJournal(directory.resolve(name + ".db"));
    made.create();
    return made;
  }

  private static ActorTestKit kit(SqliteJournal journal) {
    return ActorTestKit.create(
        "test",
        Lanes.config(1)
            .withFallback(journal.pekkoConfig())
            .withFallback(ConfigFactory.load())
            .resolve());
  }

  /** What the host said. */
  private static final class Heard implements HostListener {
    private final BlockingQueue<Long> redone = new LinkedBlockingQueue<>();
    private final CompletableFuture<HostResult> end = new CompletableFuture<>();

    @Override
    public void started(HostClock clock) {}

    @Override
    public void claimed(WriterClaim claim) {}

    @Override
    public void recovered(long checkpoint, long journaled) {
      assertThat(journaled).isPositive();
      redone.add(journaled - checkpoint);
    }

    @Override
    public void journaled(long events, long bytes) {}

    @Override
    public void checkpointFailed(Throwable cause) {
      end.completeExceptionally(cause);
    }

    @Override
    public void ended(HostResult result) {
      end.complete(result);
    }

    @Override
    public void failed(Throwable cause) {
      end.completeExceptionally(cause);
    }

    private HostResult result() throws Exception {
      return end.get(30, TimeUnit.SECONDS);
    }
  }

  /**
   * Without checkpoints of its own, so that the only one is that of the hand-over; long enough not
   * to end while it is asked for.
   */
  private static HostSpec host() {
    return Runs.nvme()
        .mode(IommuMode.LAZY)
        .flush(16, 200_000)
        .clients(3)
        .end(10_000_000)
        .journal(new JournalSpec(true, 400, 10_000_000, 2, 0))
        .spec();
  }

  private static ActorRef<HostKeeper.Command> keeper(
      ActorTestKit kit, Heard heard, BatchObserver observer) {
    HostSetup setup =
        new HostSetup(
            PersistenceId.ofUniqueId(new StreamId("run", 0).text()),
            host(),
            0,
            "",
            "test",
            observer,
            heard);
    return kit.spawn(
        HostKeeper.create(setup, WriterClaims.NONE, StorePatience.DEFAULT, () -> 0, trouble -> {}));
  }

  private HostResult undisturbed() throws Exception {
    ActorTestKit other = kit(newJournal("undisturbed"));
    try {
      Heard heard = new Heard();
      keeper(other, heard, NOBODY);
      return heard.result();
    } finally {
      other.shutdownTestKit();
    }
  }

  /** Runs the host until {@code batches} were journaled, and hands it over. */
  private void handOverBehind(int batches) {
    CompletableFuture<ActorRef<HostKeeper.Command>> self = new CompletableFuture<>();
    AtomicInteger seen = new AtomicInteger();
    Heard heard = new Heard();
    BatchObserver observer =
        (events, batch) -> {
          if (seen.incrementAndGet() == batches) {
            self.join().tell(new HostKeeper.Command.HandOver());
          }
        };
    ActorRef<HostKeeper.Command> keeper = keeper(kit, heard, observer);
    self.complete(keeper);
    kit.createTestProbe().expectTerminated(keeper, Duration.ofSeconds(20));
    // It ended here without a word: it goes on.
    assertThat(heard.end).isNotDone();
  }

  /** A host that stayed although its checkpoint was stored held each node up that was to stop. */
  @Test
  void nothingIsExecutedAgainAndTheHashIsThatOfARunThatNobodyMoved() throws Exception {
    HostResult undisturbed = undisturbed();
    assertThat(undisturbed.batches()).isGreaterThan(10);
    handOverBehind(3);
    handOverBehind(2);
    Heard last = new Heard();
    keeper(kit, last, NOBODY);

    HostResult result = last.result();
    assertThat(last.redone).containsExactly(0L);
    assertThat(result).usingRecursiveComparison().isEqualTo(undisturbed);
    journal.check();
  }

  @Test
  void aHostThatHasNotBegunEndsAtOnce() throws Exception {
    HostResult undisturbed = undisturbed();
    Heard heard = new Heard();
    ActorRef<HostKeeper.Command> keeper = keeper(kit, heard, NOBODY);
    keeper.tell(new HostKeeper.Command.HandOver());
    kit.createTestProbe().expectTerminated(keeper, Duration.ofSeconds(20));

    Heard last = new Heard();
    keeper(kit, last, NOBODY);
    assertThat(last.result().hash()).isEqualTo(undisturbed.hash());
  }
}
