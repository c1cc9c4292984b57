package dev.mapstorm.load.cluster;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.mapstorm.actors.cluster.NodeSpec;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodePortAccessTest {
  private static void check(String host, String bindHost, String config, boolean trusted) {
    NodeSpec spec =
        new NodeSpec(host, 25520, Optional.ofNullable(bindHost), List.of(), 1, 10, 4, "1");
    NodePortAccess.check(spec, ConfigFactory.parseString(config == null ? "" : config), trusted);
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, , ",
    "localhost, , ",
    "::1, , ",
    // Reached through something that forwards to loopback.
    "192.0.2.1, 127.0.0.1, ",
    "192.0.2.1, 0.0.0.0, pekko.remote.artery.ssl.ssl-engine-provider = any",
    "192.0.2.1, 0.0.0.0, pekko.remote.artery.bind.hostname = localhost",
  })
  void whatOnlyThisMachineOrCertificatesReachIsOpened(String host, String bind, String config) {
    assertThatCode(() -> check(host, bind, config, false)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, , , 192.0.2.1",
    "127.0.0.1, 0.0.0.0, , 0.0.0.0",
    "127.0.0.1, ::, , ::",
    "127.0.0.1, , pekko.remote.artery.bind.hostname = 0.0.0.0, 0.0.0.0",
    "127.0.0.1, , pekko.remote.artery.canonical.hostname = 192.0.2.7, 192.0.2.7",
    "192.0.2.1, , pekko.remote.artery.transport = tcp, 192.0.2.1",
  })
  void whatOthersReachNeedsTlsOrTheUsersWord(
      String host, String bind, String config, String bound) {
    assertThatThrownBy(() -> check(host, bind, config, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "without TLS whoever reaches the port for nodes on %s controls the cluster: "
                .formatted(bound));
    assertThatCode(() -> check(host, bind, config, true)).doesNotThrowAnyException();
  }

  @Test
  void anAddressThatIsNoneIsSaidToBe() {
    assertThatThrownBy(() -> check("no such host", null, null, false))
        .hasMessage("no such host is no address of this machine");
  }
}
