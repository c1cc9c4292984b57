package dev.mapstorm.actors.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.HostLayout;
import dev.mapstorm.actors.model.lock.LockRegister;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.IommuSpec;
import dev.mapstorm.actors.time.Clock;
import dev.mapstorm.actors.time.MessageHeap;
import dev.mapstorm.actors.unit.PageMapper;
import dev.mapstorm.actors.unit.vtd.VtdUnit;
import dev.mapstorm.protocol.event.EventSink;
import dev.mapstorm.protocol.message.DeviceMessage;
import dev.mapstorm.protocol.message.DomainMessage;
import dev.mapstorm.protocol.message.IommuMessage;
import dev.mapstorm.protocol.message.Message;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A unit alone: what it answers domains and devices. */
class IommuCoreTest implements Clock {
  private final HostSpec spec = TestHosts.nvme().build();
  private final HostLayout layout = new HostLayout(spec);
  private final MessageHeap heap = new MessageHeap();
  private final List<Message> heard = new ArrayList<>();
  private long now;

  @Override
  public long now() {
    return now;
  }

  @Override
  public void tell(int actor, Message message) {
    heard.add(message);
  }

  @Override
  public void send(long delayNs, int actor, Message message) {
    heap.add(now + delayNs, actor, message);
  }

  private VtdUnit unit(int queueEntries) {
    HostContext context =
        new HostContext(this, EventSink.NONE, spec.costs(), layout, new LockRegister(this));
    return new VtdUnit(0, new IommuSpec(64, 8, queueEntries, 18), context);
  }

  /**
   * A full queue made the posting of a later submitter earlier than that of the one who waited:
   * "time went back".
   */
  @Test
  void shouldServeSubmittersOfAFullQueueInOrder() {
    VtdUnit unit = unit(4);
    for (int call = 0; call < 20; call++) {
      heap.add(
          call * 10L,
          layout.iommu(0),
          new IommuMessage.Invalidate(0, call, call, call, 0x1000 + call, 1));
    }
    while (heap.size() > 0) {
      now = heap.earliest();
      unit.on((IommuMessage) heap.remove());
    }
    assertThat(heard)
        .extracting(m -> ((DomainMessage.Invalidated) m).call())
        .isSorted()
        .hasSize(20);
  }

  /** A large page was charged a walk for each of its granules. */
  @Test
  void shouldWalkOnceForALargePage() {
    VtdUnit unit = unit(256);
    long[] vectors = {2L << 20, 2L << 20};
    unit.on(new IommuMessage.Translate(0, 0, 3, 0, 0, vectors));
    DomainMessage.Walk walk = (DomainMessage.Walk) heard.get(0);
    assertThat(walk.n()).isEqualTo(512);
    byte[] shifts = new byte[512];
    java.util.Arrays.fill(shifts, PageMapper.WITH_THE_ONE_BEFORE);
    shifts[0] = 21;
    unit.on(new IommuMessage.Walked(walk.ticket(), 1, shifts, -1));
    DeviceMessage.Translated translated = (DeviceMessage.Translated) heard.get(1);
    assertThat(translated.hits()).isEqualTo(511);
    assertThat(translated.reads()).isEqualTo(1);
    unit.on(new IommuMessage.Translate(0, 0, 3, 0, 1, vectors));
    assertThat(((DeviceMessage.Translated) heard.get(2)).hits()).isEqualTo(512);
  }
}
