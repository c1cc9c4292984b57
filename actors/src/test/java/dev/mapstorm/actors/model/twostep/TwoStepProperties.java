package dev.mapstorm.actors.model.twostep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.protocol.Direction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * What the rules of the two-step calls promise, looked at from the device: which byte of memory it
 * reaches at which address, and what it reaches besides.
 */
class TwoStepProperties {
  private static final long G = 4096;
  private static final long BASE = 1 << 20;

  /** A piece of memory, and which of its maps and bounces fails (0: none). */
  record Piece(long phys, long length, int failMap, int failBounce) {}

  @Property(tries = 1000, edgeCases = EdgeCasesMode.NONE)
  void deviceReachesExactlyWhatIsLinked(
      @ForAll("batches") List<Piece> pieces,
      @ForAll boolean coherent,
      @ForAll boolean bounces,
      @ForAll boolean lazy) {
    Machine machine = new Machine();
    TwoStepCalls calls =
        new TwoStepCalls(new TwoStepRules(12, coherent, bounces, lazy, true), machine);
    IovaState state = new IovaState();
    long size = pieces.stream().mapToLong(Piece::length).sum();
    assertThat(calls.tryAlloc(state, pieces.get(0).phys, size)).isTrue();
    assertThat(state.addr()).isEqualTo(BASE + pieces.get(0).phys % G);

    List<Piece> linked = new ArrayList<>();
    long offset = 0;
    for (Piece piece : pieces) {
      machine.failMap = piece.failMap;
      machine.failBounce = piece.failBounce;
      int mapped = machine.pages.size();
      int slots = machine.slots.size();
      int error = calls.link(state, piece.phys, offset, piece.length, Direction.BIDIRECTIONAL);
      if (error != 0) {
        assertThat(error).isEqualTo(TwoStepCalls.ENOMEM);
        assertThat(machine.pages).hasSize(mapped);
        assertThat(machine.slots).hasSize(slots);
        break;
      }
      linked.add(piece);
      offset += piece.length;
    }

    reached(machine, state, linked, bounces);
    assertThat(calls.sync(state, 0, offset)).isZero();
    assertThat(machine.warnings).isZero();
    machine.invalidated = false;
    calls.destroy(state, offset, Direction.BIDIRECTIONAL);
    assertThat(machine.pages).isEmpty();
    assertThat(machine.slots).isEmpty();
    assertThat(machine.warnings).isZero();
    long head = state.addr() % G;
    long granules = (head + (offset == 0 ? size : offset) + G - 1) / G;
    // What was never linked is freed at once, also in lazy mode.
    String how = lazy && offset != 0 ? "queue " : "free ";
    assertThat(machine.freed).containsExactly(how + BASE / G + "+" + granules);
    assertThat(machine.invalidated).isEqualTo(!lazy && offset != 0);
  }

  /**
   * Pieces that follow each other in granules: all but the first begin one, all but the last end
   * one.
   */
  @Provide
  Arbitrary<List<Piece>> batches() {
    Arbitrary<Long> granule = Arbitraries.longs().between(1, 1 << 20);
    Arbitrary<Integer> fail = Arbitraries.of(0, 0, 0, 0, 0, 0, 0, 0, 1, 2);
    Arbitrary<Piece> whole =
        Combinators.combine(granule, Arbitraries.longs().between(1, 5), fail, fail)
            .as((at, length, map, bounce) -> new Piece(at * G, length * G, map, bounce));
    return Combinators.combine(
            whole.list().ofMinSize(1).ofMaxSize(6),
            Arbitraries.longs().between(0, G - 1),
            Arbitraries.longs().between(0, G - 1))
        .as(TwoStepProperties::trim);
  }

  private static List<Piece> trim(List<Piece> pieces, long head, long tail) {
    List<Piece> trimmed = new ArrayList<>(pieces);
    Piece first = trimmed.get(0);
    trimmed.set(
        0, new Piece(first.phys + head, first.length - head, first.failMap, first.failBounce));
    int end = trimmed.size() - 1;
    Piece last = trimmed.get(end);
    trimmed.set(
        end, new Piece(last.phys, Math.max(1, last.length - tail), last.failMap, last.failBounce));
    return trimmed;
  }

  /** Reads the device's view at the edges of every granule. */
  private static void reached(
      Machine machine, IovaState state, List<Piece> linked, boolean bounces) {
    Map<Long, Long> expected = new HashMap<>();
    long offset = 0;
    for (Piece piece : linked) {
      for (long byteOf = 0; byteOf < piece.length; byteOf += 1) {
        long address = state.addr() + offset + byteOf;
        boolean edge = address % G == 0 || address % G == G - 1;
        if (edge || byteOf == 0 || byteOf == piece.length - 1) {
          expected.put(address, piece.phys + byteOf);
        }
      }
      offset += piece.length;
    }
    expected.forEach((address, phys) -> assertThat(machine.memory(address)).isEqualTo(phys));
    long first = state.addr() / G * G;
    for (long page = first; page < first + (linked.size() + 7) * 6 * G; page += G) {
      for (long address : new long[] {page, page + G - 1}) {
        boolean own = address >= state.addr() && address < state.addr() + offset;
        if (!own && bounces) {
          // Nothing of other memory beside the piece is seen by a device that is not trusted.
          assertThat(machine.memory(address)).isEqualTo(-1);
        }
      }
    }
  }

  /** A page table, slots and lists of what was done. */
  private static final class Machine implements TwoStepDomain {
    final Map<Long, Long> pages = new HashMap<>();
    final Map<Long, long[]> slots = new HashMap<>();
    final List<String> freed = new ArrayList<>();
    long nextSlot = 1L << 40;
    int failMap;
    int failBounce;
    int warnings;
    boolean invalidated;

    /** The byte of memory behind a device address; -1 for none. */
    long memory(long address) {
      Long page = pages.get(address / G);
      if (page == null) {
        return -1;
      }
      long[] slot = slots.get(page / G);
      if (slot == null) {
        return page + address % G;
      }
      long from = slot[0] % G;
      boolean held = address % G >= from && address % G < from + slot[1];
      return held ? slot[0] + address % G - from : -1;
    }

    @Override
    public long alloc(long size) {
      return BASE / G;
    }

    @Override
    public void free(long pfn, long size) {
      freed.add("free " + pfn + "+" + size);
    }

    @Override
    public void queue(long pfn, long size) {
      freed.add("queue " + pfn + "+" + size);
    }

    @Override
    public int map(long iova, long phys, long size, int prot) {
      assertThat((iova | phys | size) % G).isZero();
      assertThat(size).isPositive();
      if (--failMap == 0) {
        return TwoStepCalls.ENOMEM;
      }
      for (long at = 0; at < size; at += G) {
        assertThat(pages.put((iova + at) / G, phys + at)).isNull();
      }
      return 0;
    }

    @Override
    public long unmap(long iova, long size, boolean queued) {
      invalidated = false;
      for (long at = 0; at < size; at += G) {
        assertThat(pages.remove((iova + at) / G)).isNotNull();
      }
      return size;
    }

    @Override
    public void invalidate() {
      invalidated = true;
    }

    @Override
    public int syncMap(long iova, long size) {
      return 0;
    }

    @Override
    public long physical(long address) {
      return pages.containsKey(address / G) ? pages.get(address / G) + address % G : 0;
    }

    @Override
    public long bounce(long phys, long size) {
      if (--failBounce == 0) {
        return NO_SLOT;
      }
      nextSlot += G;
      slots.put(nextSlot / G, new long[] {phys, size});
      return nextSlot + phys % G;
    }

    @Override
    public void unbounce(long phys, long size) {
      long[] slot = slots.remove(phys / G);
      assertThat(slot == null || slot[1] == size).isTrue();
    }

    @Override
    public void syncForDevice(long phys, long size) {
      assertThat(size).isPositive();
    }

    @Override
    public void syncForCpu(long phys, long size) {
      assertThat(phys / G).isEqualTo((phys + size - 1) / G);
    }

    @Override
    public void warn() {
      warnings++;
    }
  }
}
