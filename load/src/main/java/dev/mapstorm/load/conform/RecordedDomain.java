package dev.mapstorm.load.conform;

import dev.mapstorm.actors.model.flush.FlushQueue;
import dev.mapstorm.actors.model.iova.IovaDomain;
import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.actors.model.iova.Pci32Workaround;
import dev.mapstorm.actors.model.twostep.TwoStepDomain;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/**
 * A domain that writes down what two-step calls do to it, as recorded answers have it. IOVAs come
 * from the models of allocator and flush queue; its page table refuses what io-pgtable or
 * generic_pt refuse, and its bounce slots are numbered, as those under the recorded calls were.
 */
final class RecordedDomain implements TwoStepDomain {
  private static final long SLOTS = 0x7000_0000_0000L;
  private static final int ENOMEM = -12;

  private final TwoStepSetting setting;
  private final int shift;
  private final IovaDomain iova;
  private final Pci32Workaround workaround;
  private final FlushQueue queue;

  /** Physical address of each mapped granule, by its frame. */
  private final Map<Long, Long> pages = new HashMap<>();

  /** Slots that hold a bounce, by the granule of the slot. */
  private final Set<Long> slots = new HashSet<>();

  private final List<String> steps = new ArrayList<>();
  private long bounces;
  private int cpu;
  private int failMap;
  private int failBounce;
  private boolean failSync;
  private int warnings;
  private long gatheredFirst;
  private long gatheredBytes;

  RecordedDomain(TwoStepSetting setting) {
    this.setting = setting;
    shift = setting.rules().granuleShift();
    iova = new IovaDomain(setting.cpus(), shift, 1, IovaParameters.LINUX);
    workaround = Pci32Workaround.of(1, setting.pci());
    queue = FlushQueue.perCpu(setting.cpus(), (on, pfn, size, tables) -> freed(on, pfn, size));
  }

  /** Begins a call: forgets the steps and warnings of the one before. */
  void begin(int onCpu) {
    cpu = onCpu;
    steps.clear();
    warnings = 0;
    fail(0, 0, false);
  }

  /** What fails in this call: the n-th map, the n-th bounce (0 for none), the sync. */
  void fail(int map, int bounce, boolean sync) {
    failMap = map;
    failBounce = bounce;
    failSync = sync;
  }

  List<String> steps() {
    return List.copyOf(steps);
  }

  int warnings() {
    return warnings;
  }

  /** The flush queue's timer fires. */
  void timer() {
    if (queue.timerOn()) {
      queue.timerFired();
    }
    flush();
    for (int ring = 0; ring < queue.rings(); ring++) {
      queue.reclaim(ring, cpu);
    }
  }

  private void step(String name, Object... values) {
    StringJoiner text = new StringJoiner(",", "[", "]").add('"' + name + '"');
    for (Object value : values) {
      text.add(
          value instanceof Long number
              ? Long.toUnsignedString(number)
              : value instanceof String word ? '"' + word + '"' : value.toString());
    }
    steps.add(text.toString());
  }

  @Override
  public long alloc(long size) {
    if (setting.limitPfn() > iova.last32BitPfn() && workaround.isActive(0)) {
      long pfn = alloc(size, iova.last32BitPfn(), false);
      if (pfn != 0) {
        return pfn;
      }
      workaround.set(0, false);
    }
    return alloc(size, setting.limitPfn(), true);
  }

  private long alloc(long size, long limitPfn, boolean flush) {
    long pfn = iova.allocFast(cpu, size, limitPfn, flush);
    step("alloc", size, limitPfn, pfn);
    return pfn;
  }

  @Override
  public void free(long pfn, long size) {
    freed(cpu, pfn, size);
  }

  private void freed(int on, long pfn, long size) {
    step("free", pfn, size);
    iova.freeFast(on, pfn, size);
  }

  @Override
  public void queue(long pfn, long size) {
    int ring = queue.ringOf(cpu);
    queue.reclaim(ring, cpu);
    if (queue.full(ring)) {
      flush();
      queue.reclaim(ring, cpu);
    }
    queue.add(cpu, pfn, size, 0);
  }

  private void flush() {
    queue.flushStarted();
    step("flushAll");
    queue.flushFinished();
  }

  @Override
  public int map(long at, long phys, long size, int prot) {
    int error = failMap == 1 ? ENOMEM : refusal(at, phys, size);
    failMap--;
    if (error != 0) {
      step("mapFail", at, phys, size);
      return error;
    }
    step("map", at, phys, size, (long) prot);
    for (long done = 0; done != size; done += 1L << shift) {
      pages.put(at + done >>> shift, phys + done);
    }
    return 0;
  }

  /** The error of {@code iommu_map_nosync}, or 0. */
  private int refusal(long at, long phys, long size) {
    boolean generic = setting.genericPt();
    if (generic && size == 0) {
      return -22;
    }
    if (((at | phys | size) & (1L << shift) - 1) != 0) {
      return generic ? -6 : -22;
    }
    for (long done = 0; done != size; done += 1L << shift) {
      if (pages.containsKey(at + done >>> shift)) {
        return generic ? -98 : -17;
      }
    }
    return 0;
  }

  @Override
  public long unmap(long at, long size, boolean queued) {
    long done = 0;
    while (done != size && pages.remove(at + done >>> shift) != null) {
      done += 1L << shift;
    }
    step("unmap", at, size, done, queued ? "queued" : "sync");
    gatheredFirst = at;
    gatheredBytes = done;
    return done;
  }

  @Override
  public void invalidate() {
    if (gatheredBytes != 0) {
      step("invalidate", gatheredFirst, gatheredFirst + gatheredBytes - 1);
    }
  }

  @Override
  public int syncMap(long at, long size) {
    step("syncMap", at, size);
    return failSync ? ENOMEM : 0;
  }

  @Override
  public long physical(long address) {
    Long page = pages.get(address >>> shift);
    return page == null ? 0 : page | address & (1L << shift) - 1;
  }

  @Override
  public long bounce(long phys, long size) {
    if (failBounce-- == 1) {
      return NO_SLOT;
    }
    long slot = SLOTS + (bounces++ << shift) + (phys & (1L << shift) - 1);
    slots.add(slot >>> shift);
    step("bounce", phys, size, slot);
    return slot;
  }

  @Override
  public void unbounce(long phys, long size) {
    if (slots.remove(phys >>> shift)) {
      step("unbounce", phys, size);
    }
  }

  @Override
  public void syncForDevice(long phys, long size) {
    step("syncForDevice", phys, size);
  }

  @Override
  public void syncForCpu(long phys, long size) {
    step("syncForCpu", phys, size);
  }

  @Override
  public void warn() {
    warnings++;
  }
}
