package dev.mapstorm.actors.pekko;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.read.ListAppender;
import ch.qos.logback.core.spi.FilterReply;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.mapstorm.actors.host.BareLoop;
import dev.mapstorm.actors.host.TestHosts;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.ColumnEncoder;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventWords;
import dev.mapstorm.protocol.event.HashChain;
import dev.mapstorm.protocol.event.StreamOpened;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** The same machines and seeds end with the same hash, however they are run. */
class DeterminismTest {
  private static final List<HostSpec> HOSTS =
      List.of(
          TestHosts.nvme().host(0).seed(11).build(),
          TestHosts.nvme()
              .host(1)
              .seed(12)
              .mode(IommuMode.LAZY)
              .workload(65536, 4096, 0)
              .api(MapApi.SG)
              .build(),
          TestHosts.nvme().host(2).seed(13).api(MapApi.BATCH).workload(131072, 4096, 0).build(),
          TestHosts.nvme().host(3).seed(14).api(MapApi.IOVA).workload(131072, 4096, 512).build());

  private static String reference;

  @BeforeAll
  static void runOnce() {
    reference = run(HOSTS, 1, "").hash();
  }

  private static SimulationResult run(List<HostSpec> hosts, int lanes, String config) {
    return run(hosts, lanes, config, (events, batch) -> {});
  }

  private static SimulationResult run(
      List<HostSpec> hosts, int lanes, String config, BatchObserver observer) {
    Config all = ConfigFactory.parseString(config).withFallback(PersistenceTestKitPlugin.config());
    SimulationSpec spec =
        new SimulationSpec("test", hosts, lanes, all, "", "test", host -> observer);
    try (Simulation simulation = Simulation.start(spec)) {
      return simulation.result().toCompletableFuture().get(60, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldEndWithTheSameHashWhenRunAgain() {
    SimulationResult again = run(HOSTS, 1, "");
    assertThat(again.hash()).isEqualTo(reference);
    assertThat(again.complete()).isTrue();
    assertThat(again.events()).isGreaterThan(10_000);
  }

  /** As many run at a time as there is room for, and each leaves its place when it is gone. */
  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "2, 2", "3, 2"})
  void shouldEndWithTheSameHashWhenHostsWaitForRoom(int atATime, int lanes) throws Exception {
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger ended = new AtomicInteger();
    SimulationSpec spec =
        new SimulationSpec(
            "test",
            HOSTS,
            lanes,
            PersistenceTestKitPlugin.config(),
            "",
            "test",
            host -> {
              most.accumulateAndGet(running.incrementAndGet(), Math::max);
              return new BatchObserver() {
                @Override
                public void batch(EventWords events, EventBatch batch) {
                  // Only the end matters.
                }

                @Override
                public void ended() {
                  running.decrementAndGet();
                  ended.incrementAndGet();
                }
              };
            },
            StorePatience.DEFAULT,
            new HostRoom(atATime, host -> 1));
    try (Simulation simulation = Simulation.start(spec)) {
      SimulationResult result = simulation.result().toCompletableFuture().get(60, TimeUnit.SECONDS);
      assertThat(result.hash()).isEqualTo(reference);
      assertThat(simulation.progress().ended()).isEqualTo(HOSTS.size());
      assertThat(simulation.progress().part()).isEqualTo(1);
    }
    assertThat(most.get()).isEqualTo(atATime);
    assertThat(ended.get()).isEqualTo(HOSTS.size());
  }

  @Test
  void shouldLeaveHostsOutThatHadNotBegunWhenItWasStopped() throws Exception {
    SimulationSpec spec =
        new SimulationSpec(
            "test",
            HOSTS,
            1,
            PersistenceTestKitPlugin.config(),
            "",
            "test",
            host -> (events, batch) -> {},
            StorePatience.DEFAULT,
            new HostRoom(1, host -> 1));
    try (Simulation simulation = Simulation.start(spec)) {
      simulation.stop();
      SimulationResult result = simulation.result().toCompletableFuture().get(60, TimeUnit.SECONDS);
      assertThat(result.complete()).isFalse();
      assertThat(result.hosts()).hasSize(1);
    }
  }

  @Test
  void shouldEndWithTheSameHashOnTwoAndThreeLanes() {
    assertThat(run(HOSTS, 2, "").hash()).isEqualTo(reference);
    assertThat(run(HOSTS, 3, "").hash()).isEqualTo(reference);
  }

  @Test
  void shouldEndWithTheSameHashWhenTheJournalIsSlowAndHoldsTheClock() {
    // The buffer comes back late, so that with four credits the lane runs out of them again and
    // again.
    BatchObserver slow = (events, batch) -> LockSupport.parkNanos((batch.index() % 5) * 3_000_000);
    assertThat(run(HOSTS, 2, "", slow).hash()).isEqualTo(reference);
  }

  @Test
  void shouldEndWithTheSameHashAtAnyLogLevel() {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    Level before = root.getLevel();
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    root.addAppender(log);
    root.getAppender("STDERR").addFilter(new DenyAll());
    try {
      root.setLevel(Level.TRACE);
      assertThat(run(HOSTS, 2, "pekko.loglevel = DEBUG, pekko.actor.debug.lifecycle = on").hash())
          .isEqualTo(reference);
      assertThat(log.list).hasSizeGreaterThan(100);
      root.setLevel(Level.OFF);
      assertThat(run(HOSTS, 2, "pekko.loglevel = OFF").hash()).isEqualTo(reference);
    } finally {
      root.setLevel(before);
      root.detachAppender(log);
      root.getAppender("STDERR").clearAllFilters();
    }
  }

  /** Keeps the thousands of lines of this test off the console. */
  private static final class DenyAll extends Filter<ILoggingEvent> {
    @Override
    public FilterReply decide(ILoggingEvent event) {
      return FilterReply.DENY;
    }
  }

  @Test
  void shouldEndWithAnotherHashForAnotherSeed() {
    List<HostSpec> others = new ArrayList<>(HOSTS);
    others.set(
        2, TestHosts.nvme().host(2).seed(99).api(MapApi.BATCH).workload(131072, 4096, 0).build());
    assertThat(run(others, 1, "").hash()).isNotEqualTo(reference);
  }

  @Test
  void shouldEndWithTheSameHashWithoutActors() {
    byte[][] hashes = new byte[HOSTS.size()][];
    for (HostSpec host : HOSTS) {
      HashChain chain = new HashChain();
      ColumnEncoder encoder = new ColumnEncoder();
      byte[][] hash = {chain.origin(new StreamOpened(host.host(), host.seed(), "", "test"))};
      long[] index = {0};
      new BareLoop(
              host,
              words -> {
                byte[] payload = encoder.encode(words);
                hash[0] = chain.seal(hash[0], index[0]++, words, payload).hash();
              })
          .run();
      hashes[host.host()] = hash[0];
    }
    SimulationResult simulated = run(HOSTS, 1, "");
    for (HostResult result : simulated.hosts()) {
      assertThat(result.hash()).as("host %d", result.host()).isEqualTo(hashes[result.host()]);
    }
  }

  @Test
  void shouldLeaveAPrefixWhenStopped() throws Exception {
    List<HostSpec> longRun = List.of(TestHosts.nvme().end(60_000_000_000L).build());
    List<byte[]> whole = new ArrayList<>();
    List<byte[]> part = new ArrayList<>();
    CountDownLatch some = new CountDownLatch(20);
    Config config = PersistenceTestKitPlugin.config();
    SimulationSpec spec =
        new SimulationSpec(
            "stopped",
            longRun,
            1,
            config,
            "",
            "test",
            host ->
                (events, batch) -> {
                  part.add(batch.hash());
                  some.countDown();
                });
    try (Simulation simulation = Simulation.start(spec)) {
      assertThat(some.await(30, TimeUnit.SECONDS)).isTrue();
      simulation.stop();
      SimulationResult result = simulation.result().toCompletableFuture().get(30, TimeUnit.SECONDS);
      assertThat(result.complete()).isFalse();
      assertThat(result.hosts().get(0).batches()).isEqualTo(part.size());
    }
    run(
        List.of(TestHosts.nvme().end(4_000_000).build()),
        1,
        "",
        (events, batch) -> whole.add(batch.hash()));
    // The last batch of the short run is cut by its end, the ones before are those of the long run.
    int common = Math.min(whole.size() - 1, part.size());
    assertThat(common).isGreaterThan(3);
    for (int i = 0; i < common; i++) {
      assertThat(part.get(i)).as("batch %d", i).isEqualTo(whole.get(i));
    }
  }
}
