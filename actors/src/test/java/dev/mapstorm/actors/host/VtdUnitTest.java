package dev.mapstorm.actors.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.model.pagetable.MappedRuns;
import dev.mapstorm.actors.model.pagetable.PageTable;
import dev.mapstorm.actors.model.pagetable.PageTableFormat;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.time.Clock;
import dev.mapstorm.actors.time.MessageHeap;
import dev.mapstorm.actors.unit.Unit;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.event.EventSink;
import dev.mapstorm.protocol.message.DeviceMessage;
import dev.mapstorm.protocol.message.DomainMessage;
import dev.mapstorm.protocol.message.IommuMessage;
import dev.mapstorm.protocol.message.Message;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A VT-d unit alone, over a page table in memory: what it answers devices and domains. */
class VtdUnitTest implements Clock {
  private static final long MIB_2 = 2L << 20;

  private final MessageHeap heap = new MessageHeap();
  private final List<Message> heard = new ArrayList<>();
  private final PageTable table = new PageTable(PageTableFormat.VTD_4_LEVELS);
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

  private Unit unit(int queueEntries) {
    HostSpec spec = TestHosts.nvme().iommu(TestHosts.vtd(queueEntries, 18)).build();
    HostContext context = HostContext.of(spec, this, EventSink.NONE);
    return Kinds.ALL.unit(0, spec, new Translation[] {table}, context);
  }

  private void map(long iova, long bytes, int rights) {
    table.map(iova, 0x4000_0000L, bytes, rights, new MappedRuns());
  }

  private DeviceMessage.Translated translate(Unit unit, Direction direction, long... vectors) {
    unit.on(new IommuMessage.Translate(0, 0, 3, direction.ordinal(), vectors));
    return (DeviceMessage.Translated) heard.get(heard.size() - 1);
  }

  /**
   * A full queue made the posting of a later submitter earlier than that of the one who waited:
   * "time went back".
   */
  @Test
  void shouldServeSubmittersOfAFullQueueInOrder() {
    Unit unit = unit(4);
    for (int call = 0; call < 20; call++) {
      heap.add(call * 10L, 0, new IommuMessage.Invalidate(0, call, call, call, 0x1000 + call, 1));
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
    Unit unit = unit(256);
    map(MIB_2, MIB_2, PageTable.READ);
    DeviceMessage.Translated first = translate(unit, Direction.TO_DEVICE, MIB_2, MIB_2);
    assertThat(first.pages()).isEqualTo(512);
    assertThat(first.hits()).isEqualTo(511);
    assertThat(first.reads()).isEqualTo(1);
    assertThat(translate(unit, Direction.TO_DEVICE, MIB_2, MIB_2).hits()).isEqualTo(512);
  }

  @Test
  void shouldNameTheFirstGranuleWithoutAnEntry() {
    Unit unit = unit(256);
    map(0x1000, 0x2000, PageTable.WRITE);
    DeviceMessage.Translated answer = translate(unit, Direction.FROM_DEVICE, 0x2000, 0x3000);
    assertThat(answer.faultPfn()).isEqualTo(3);
    assertThat(answer.fault()).isEqualTo(DmaError.NOT_PRESENT);
  }

  /** Rights did not reach the unit: a device could write to what was mapped to be read. */
  @Test
  void shouldRefuseAWriteToWhatMayOnlyBeRead() {
    Unit unit = unit(256);
    map(0x1000, 0x1000, PageTable.READ | PageTable.WRITE);
    map(0x2000, 0x1000, PageTable.READ);
    DeviceMessage.Translated walked = translate(unit, Direction.FROM_DEVICE, 0x1000, 0x2000);
    assertThat(walked.faultPfn()).isEqualTo(2);
    assertThat(walked.fault()).isEqualTo(DmaError.ACCESS_DENIED);
    DeviceMessage.Translated cached = translate(unit, Direction.FROM_DEVICE, 0x1000, 0x2000);
    assertThat(cached.hits()).isEqualTo(2);
    assertThat(cached.faultPfn()).isEqualTo(2);
    assertThat(translate(unit, Direction.TO_DEVICE, 0x1000, 0x2000).faultPfn()).isEqualTo(-1);
  }
}
