package dev.mapstorm.actors.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.host.TestHosts;
import dev.mapstorm.actors.pekko.HostRoom;
import dev.mapstorm.actors.spec.HostSpec;
import org.junit.jupiter.api.Test;

class NodeRoomTest {
  /** A host takes as many bytes as its number says. */
  private final NodeRoom room = new NodeRoom(new HostRoom(100, HostSpec::host));

  private boolean enter(String name, int bytes) {
    return room.enter(name, TestHosts.nvme().host(bytes).build(), false);
  }

  private boolean enterAlone(String name, int bytes) {
    return room.enter(name, TestHosts.nvme().host(bytes).build(), true);
  }

  @Test
  void asManyAreInsideAsFit() {
    assertThat(enter("a", 40)).isTrue();
    assertThat(enter("b", 60)).isTrue();
    assertThat(enter("c", 1)).isFalse();
    room.leave("a");
    assertThat(enter("c", 1)).isTrue();
  }

  @Test
  void aLargeOneIsNotPassedBy() {
    assertThat(enter("a", 50)).isTrue();
    assertThat(enter("large", 90)).isFalse();
    assertThat(enter("small", 1)).isFalse();
    room.leave("a");
    assertThat(enter("small", 1)).isFalse();
    assertThat(enter("large", 90)).isTrue();
    assertThat(enter("small", 1)).isTrue();
  }

  @Test
  void whoStopsWaitingIsNotWaitedFor() {
    assertThat(enter("a", 50)).isTrue();
    assertThat(enter("large", 90)).isFalse();
    room.leave("large");
    assertThat(enter("small", 1)).isTrue();
  }

  @Test
  void oneThatIsToBeAloneWaitsForAllAndIsWaitedForByAll() {
    assertThat(enter("a", 1)).isTrue();
    assertThat(enterAlone("suspect", 1)).isFalse();
    assertThat(enter("b", 1)).isFalse();
    room.leave("a");
    assertThat(enter("b", 1)).isFalse();
    assertThat(enterAlone("suspect", 1)).isTrue();
    assertThat(enter("b", 1)).isFalse();
    assertThat(room.inside()).containsExactly("suspect");
    room.leave("suspect");
    assertThat(enter("b", 1)).isTrue();
    assertThat(enter("c", 1)).isTrue();
    assertThat(room.inside()).containsExactlyInAnyOrder("b", "c");
  }

  @Test
  void oneRunsHoweverLargeItIs() {
    assertThat(enter("a", 1000)).isTrue();
    room.leave("a");
    room.leave("a");
    assertThat(enter("b", 100)).isTrue();
    assertThat(enter("c", 1)).isFalse();
  }
}
