package dev.mapstorm.load.conform;

import dev.mapstorm.actors.model.swiotlb.IoTlbPool;
import dev.mapstorm.actors.model.swiotlb.PoolSize;
import dev.mapstorm.load.conform.AreaConformance.Guess;
import dev.mapstorm.load.conform.KnownMachine.Fact;
import dev.mapstorm.load.trace.MachineFacts.BouncePool;
import dev.mapstorm.persistence.text.Units;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a bounce pool may be: where it begins, its size, its areas, and whether a slot keeps an
 * address's offset in its page, as NVMe asks.
 *
 * <p>The kernel log tells the first three. Else the pool is a power of two, by default 64 MiB, with
 * an area a CPU; and the first slot that is taken, or the lowest, is the first of the area of its
 * CPU, or the lowest is the pool's first.
 */
final class PoolGuesses {
  private static final long PAGE = 4096;
  private static final long[] ALIGN_MASKS = {PAGE - 1, 0};
  private static final int MIB_SHIFT = 20;
  private static final int[] MORE_SIZES_MIB = {1, 2, 4, 8, 16, 32, 128, 256, 512, 1024};

  private final List<Guess> guesses = new ArrayList<>();
  private final List<DmaCall> taken;
  private String why = "";
  private final long lowest;
  private final long end;

  PoolGuesses(RulesInference rules, List<DmaCall> calls) {
    taken = calls.stream().filter(call -> call.judged() && !call.failed()).toList();
    lowest = taken.stream().mapToLong(DmaCall::address).min().orElse(PAGE);
    end = taken.stream().mapToLong(call -> call.address() + call.bytes()).max().orElse(PAGE);
    List<Integer> areas = areas(rules.possibleCpus());
    rules.bouncePool().ifPresent(pool -> addKnown(pool, areas));
    if (guesses.isEmpty()) {
      why = "fits best";
      addInferred(areas);
    }
  }

  /** All that the addresses allow, the likely ones first; empty if none does. */
  List<Guess> guesses() {
    return guesses;
  }

  private static List<Integer> areas(int cpus) {
    int likely = PoolSize.atBoot(0, 0, cpus).areas();
    List<Integer> areas = new ArrayList<>(List.of(likely, 2 * likely, 4 * likely));
    for (int fewer = likely / 2; fewer > 0; fewer /= 2) {
      areas.add(fewer);
    }
    return areas;
  }

  private void addKnown(Fact<BouncePool> known, List<Integer> areas) {
    BouncePool pool = known.value();
    why = known.source();
    long slots = pool.bytes() >>> IoTlbPool.SLOT_SHIFT;
    if (slots > 0 && slots <= PoolSize.MAX_SLOTS) {
      for (int each : pool.areas() > 0 ? List.of(pool.areas()) : areas) {
        add(pool.start(), (int) slots, each);
      }
    }
  }

  private void addInferred(List<Integer> areas) {
    if (taken.isEmpty()) {
      return;
    }
    DmaCall first = taken.get(0);
    DmaCall least = taken.stream().min(Comparator.comparingLong(DmaCall::address)).get();
    List<Integer> sizes = new ArrayList<>(List.of(PoolSize.DEFAULT_SLOTS));
    for (int mib : MORE_SIZES_MIB) {
      sizes.add(mib << MIB_SHIFT - IoTlbPool.SLOT_SHIFT);
    }
    for (int slots : sizes) {
      for (int each : areas) {
        Set<Long> starts = new LinkedHashSet<>();
        starts.add(startOf(first, slots / each, each));
        starts.add(startOf(least, slots / each, each));
        starts.add(lowest & -IoTlbPool.SLOT_BYTES);
        starts.forEach(start -> add(start, slots, each));
      }
    }
  }

  /** Where the pool begins if a call took the first slot of its CPU's area. */
  private static long startOf(DmaCall call, int areaSlots, int areas) {
    long area = call.operation().cpu & areas - 1;
    return (call.address() & -IoTlbPool.SLOT_BYTES) - area * areaSlots * IoTlbPool.SLOT_BYTES;
  }

  private void add(long start, int slots, int areas) {
    long bytes = (long) slots << IoTlbPool.SLOT_SHIFT;
    boolean whole = areas == 1 || slots / areas % IoTlbPool.GROUP_SLOTS == 0;
    boolean power = Integer.bitCount(areas) == 1 && slots % areas == 0 && slots >= areas;
    boolean holds = start > 0 && start % PAGE == 0 && start <= lowest && end <= start + bytes;
    if (!whole || !power || !holds || slots / areas == 0) {
      return;
    }
    PoolSize size = new PoolSize(slots, areas);
    for (long mask : ALIGN_MASKS) {
      guesses.add(
          new Guess(
              "pool of %d KiB at 0x%x in %s, %s"
                  .formatted(
                      bytes >>> 10,
                      start,
                      Units.things(areas, "area"),
                      mask == 0 ? "slots at any offset" : "slots keep the offset in a page"),
              why,
              () -> new BounceSpace(start, size, mask)));
    }
  }
}
