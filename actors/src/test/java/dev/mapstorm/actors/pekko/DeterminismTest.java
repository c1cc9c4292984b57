package dev.mapstorm.actors.pekko;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.mapstorm.actors.host.TestHosts;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.MapApi;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

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
    Config all =
        ConfigFactory.parseString(config + "\npekko.persistence.testkit.events.serialize = off")
            .withFallback(PersistenceTestKitPlugin.config());
    SimulationSpec spec =
        new SimulationSpec("test", hosts, lanes, all, "", "test", host -> (events, batch) -> {});
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

  @Test
  void shouldEndWithTheSameHashOnTwoAndThreeLanes() {
    assertThat(run(HOSTS, 2, "").hash()).isEqualTo(reference);
    assertThat(run(HOSTS, 3, "").hash()).isEqualTo(reference);
  }
}
