package dev.mapstorm.actors.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.SubmitFleet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NodeSpecTest {
  private static Config config(Optional<String> bindHost, List<String> seeds, String more) {
    return new NodeSpec("node-1", 25520, bindHost, seeds, 2, 60, 32, "1.2")
        .config(ConfigFactory.parseString(more));
  }

  @Test
  void whatTheNodeIsGivenIsWhereItBelongs() {
    Config config = config(Optional.of("0.0.0.0"), List.of("node-1:25520", "[::1]:2"), "");

    assertThat(config.getString("pekko.remote.artery.canonical.hostname")).isEqualTo("node-1");
    assertThat(config.getInt("pekko.remote.artery.canonical.port")).isEqualTo(25520);
    assertThat(config.getString("pekko.remote.artery.bind.hostname")).isEqualTo("0.0.0.0");
    assertThat(config.getStringList("pekko.cluster.seed-nodes"))
        .containsExactly("pekko://mapstorm@node-1:25520", "pekko://mapstorm@[::1]:2");
    assertThat(config.getInt("pekko.cluster.sharding.number-of-shards")).isEqualTo(60);
    assertThat(config.getString(SameVersionCheck.KEY)).isEqualTo("1.2");
    assertThat(config.getObject("mapstorm.lanes").keySet()).contains("lane-0", "lane-1");
    assertThat(config.hasPath("mapstorm.lanes.lane-2")).isFalse();
  }

  @Test
  void withoutABindHostItListensWhereItIsReached() {
    assertThat(
            config(Optional.empty(), List.of(), "").getString("pekko.remote.artery.bind.hostname"))
        .isEmpty();
  }

  @Test
  void withoutSeedsNobodyIsLookedFor() {
    assertThat(config(Optional.empty(), List.of(), "").getStringList("pekko.cluster.seed-nodes"))
        .isEmpty();
  }

  @Test
  void whatIsGivenBesideWins() {
    Config config =
        config(Optional.empty(), List.of(), "pekko.cluster.split-brain-resolver.stable-after = 9s");
    assertThat(config.getDuration("pekko.cluster.split-brain-resolver.stable-after")).hasSeconds(9);
  }

  /** Their defaults would cost hosts or hang a cluster. */
  @Test
  void theDecisionsOfNodeConfAreInForce() {
    Config config = config(Optional.empty(), List.of(), "");
    assertThat(config.getString("pekko.actor.provider")).isEqualTo("cluster");
    assertThat(config.getString("pekko.cluster.downing-provider-class"))
        .isEqualTo("org.apache.pekko.cluster.sbr.SplitBrainResolverProvider");
    assertThat(config.getInt("pekko.cluster.min-nr-of-members")).isEqualTo(1);
    assertThat(config.getStringList("pekko.cluster.sharding.distributed-data.durable.keys"))
        .isEmpty();
    assertThat(config.getString("pekko.persistence.typed.stash-overflow-strategy"))
        .isEqualTo("fail");
    assertThat(config.getBytes("pekko.remote.artery.advanced.maximum-frame-size"))
        .isGreaterThan(SubmitFleet.SCENARIO_BYTES_MAX);
  }
}
