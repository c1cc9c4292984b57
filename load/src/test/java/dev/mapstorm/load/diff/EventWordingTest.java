package dev.mapstorm.load.diff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.protocol.Phyr;
import dev.mapstorm.protocol.event.Event;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventWordingTest {
  private static final Event REQUEST =
      new Event.DmaRequested(
          7, 1, 288, 2, 2, Collections.nCopies(32, new Phyr(0x1d9ef3000L, 4096)));

  @Test
  void peopleReadTheBeginningOfALongList() {
    assertThat(EventWording.line(REQUEST))
        .startsWith("client 1  op 288  direction FROM_DEVICE  api batch  phyrs 0x1d9ef3000+4096,")
        .endsWith(",… 28 more");
  }

  @Test
  void programsReadNumbersAndTheWholeList() {
    assertThat(EventJson.of(new NumberedEvent(5, REQUEST)).arguments())
        .containsEntry("op", 288L)
        .containsEntry("api", "batch")
        .containsEntry("phyrs", Collections.nCopies(32, "0x1d9ef3000+4096"));
    assertThat(EventWording.values(new Event.LockWaited(7, 4, 0, 0, 1, 0, 60)))
        .containsEntry("waitNs", 60L)
        .containsEntry("lock", "L5 cache_lock");
    assertThat(List.copyOf(EventWording.values(REQUEST).keySet()))
        .containsExactly("client", "op", "direction", "api", "phyrs");
  }
}
