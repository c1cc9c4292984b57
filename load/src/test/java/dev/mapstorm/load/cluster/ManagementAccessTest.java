package dev.mapstorm.load.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class ManagementAccessTest {
  @Test
  void onLoopbackEverybodyMayUseItUnlessThereIsAToken() {
    for (String host : new String[] {"127.0.0.1", "::1", "localhost"}) {
      assertThat(ManagementAccess.of(host, null).allows(Optional.empty())).isTrue();
      assertThat(ManagementAccess.of(host, " ").allows(Optional.empty())).isTrue();
      assertThat(ManagementAccess.of(host, "t").allows(Optional.empty())).isFalse();
    }
  }

  @Test
  void withoutATokenARequestHasToSayANameThatOnlyThisMachineHas() {
    ManagementAccess access = new ManagementAccess("node-1", Optional.empty());
    for (String name :
        new String[] {
          "localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "::1", "[::1]", "Node-1"
        }) {
      assertThat(access.answersTo(name)).as(name).isTrue();
    }
    for (String name :
        new String[] {
          "", "a.example", "localhost.example", "127.0.0.1.example", "x127.0.0.1", "127.0.0",
          "128.0.0.1", "0.0.0.0", "::", "::2", "[::ffff:7f00:1]", "node-12"
        }) {
      assertThat(access.answersTo(name)).as(name).isFalse();
    }
  }

  @Test
  void elsewhereThereHasToBeAToken() {
    for (String host : new String[] {"0.0.0.0", "::", "192.0.2.1"}) {
      assertThatThrownBy(() -> ManagementAccess.of(host, ""))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "the management port on %s would be open to other machines: set MAPSTORM_TOKEN, or bind it to 127.0.0.1"
                  .formatted(host));
    }
    ManagementAccess access = ManagementAccess.of("0.0.0.0", "t");
    assertThat(access.answersTo("node-1.example")).isTrue();
    assertThat(access.allows(Optional.of("Bearer t"))).isTrue();
    for (String wrong : new String[] {"", "t", "Bearer ", "Bearer T", "Bearer tt", "bearer t"}) {
      assertThat(access.allows(Optional.of(wrong))).as(wrong).isFalse();
    }
  }
}
