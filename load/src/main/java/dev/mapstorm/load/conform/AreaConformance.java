package dev.mapstorm.load.conform;

import dev.mapstorm.actors.model.tce.TceWindow;
import dev.mapstorm.persistence.text.Units;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Holds the allocators of powerpc and of 32-bit Arm, and bounce buffers, against the calls of a
 * trace.
 *
 * <p><b>Who shares.</b> On powerpc all devices of a host bridge share a table, so those of one PCI
 * domain do, unless two of them hold one page at a time. On Arm each device has its own addresses.
 * The bounce buffers are the machine's.
 *
 * <p><b>What the lines do not tell</b> is chosen so that most allocations of the first {@value
 * #MOST_TRIED} are explained, and the report says what was: the size of a window of powerpc, a
 * power of two, the size of its entries and of the system's page, unless it is known; the alignment
 * of Arm; for bounce buffers see {@link PoolGuesses}.
 */
final class AreaConformance {
  private static final int MOST_TRIED = 2000;

  /** Allocations that a choice is made by: first by some, then among equal ones by more. */
  private static final int[] TRIED = {300, MOST_TRIED};

  private static final int LEAST_WINDOW_SHIFT = 20;
  private static final int MOST_WINDOW_SHIFT = 31;
  private static final int BLOCK = 16;
  private static final int ARM_ALIGN = 8;
  private static final int[] ARM_ALIGNS = {4, 5, 6, 7, 9};
  private static final int PCI_DOMAIN = 4;
  private static final int SMALL_PAGE = 12;
  private static final int LARGE_PAGE = 16;

  /** A guess at what the lines do not tell. */
  record Guess(String text, String why, Supplier<AreaSpace> space) {
    Guess(String text, Supplier<AreaSpace> space) {
      this(text, "fits best", space);
    }
  }

  private final History history;
  private final RulesInference rules;
  private final long firstGap;

  AreaConformance(History history, RulesInference rules) {
    this.history = history;
    this.rules = rules;
    firstGap = history.gaps().isEmpty() ? Long.MAX_VALUE : history.gaps().get(0)[0];
  }

  /** Replays of all spaces, each over its calls. */
  Map<List<DmaCall>, AreaReplay> replays(IovaAllocator allocator) {
    Map<List<DmaCall>, AreaReplay> replays = new LinkedHashMap<>();
    List<List<DmaCall>> groups =
        allocator == IovaAllocator.SWIOTLB
            ? List.of(history.calls())
            : groups(allocator == IovaAllocator.POWERPC_TCE);
    for (List<DmaCall> calls : groups) {
      if (calls.stream().anyMatch(DmaCall::allocates)) {
        List<Guess> guesses =
            switch (allocator) {
              case POWERPC_TCE -> windows(calls);
              case SWIOTLB -> new PoolGuesses(rules, calls).guesses();
              default -> alignments();
            };
        if (guesses.isEmpty()) {
          continue;
        }
        Guess guess = best(guesses, calls);
        rules.sayOnce(guess.text(), guesses.size() > 1 ? guess.why() : "assumed");
        AreaReplay replay = replay(guess, calls);
        if (replay.failedUnseen() > 0) {
          rules.say(
              Units.things(replay.failedUnseen(), "list") + " found no room",
              "from where the searches begin; no line shows them");
        }
        replays.put(calls, replay);
      }
    }
    return replays;
  }

  private AreaReplay replay(Guess guess, List<DmaCall> calls) {
    AreaReplay replay =
        new AreaReplay(guess.space().get(), calls, history.startsInTheMiddle(), firstGap);
    replay.run();
    return replay;
  }

  /** The guess with the fewest misses; of equal ones the first. */
  private Guess best(List<Guess> guesses, List<DmaCall> calls) {
    List<Guess> likely = guesses;
    for (int tried : TRIED) {
      likely = likeliest(likely, calls.subList(0, Math.min(calls.size(), 2 * tried)));
    }
    return likely.get(0);
  }

  private List<Guess> likeliest(List<Guess> guesses, List<DmaCall> calls) {
    List<Guess> likely = new ArrayList<>();
    int fewest = Integer.MAX_VALUE;
    for (Guess guess : guesses) {
      int misses = replay(guess, calls).misses().size();
      if (misses < fewest) {
        fewest = misses;
        likely.clear();
      }
      if (misses == fewest) {
        likely.add(guess);
      }
    }
    return likely;
  }

  private static List<Guess> alignments() {
    List<Guess> guesses = new ArrayList<>();
    guesses.add(alignment(ARM_ALIGN));
    for (int order : ARM_ALIGNS) {
      guesses.add(alignment(order));
    }
    return guesses;
  }

  private static Guess alignment(int order) {
    return new Guess(
        "window of 4 GiB at 0, aligned to at most %d pages".formatted(1 << order),
        () -> new ArmSpace(order));
  }

  private List<Guess> windows(List<DmaCall> calls) {
    long end =
        calls.stream()
            .filter(call -> !call.failed())
            .mapToLong(call -> call.address() + call.bytes())
            .max()
            .orElse(1);
    int least = Math.max(LEAST_WINDOW_SHIFT, Long.SIZE - Long.numberOfLeadingZeros(end - 1));
    int page = rules.granuleShift();
    int[] pages = rules.knowsPage() ? new int[] {page} : new int[] {SMALL_PAGE, LARGE_PAGE};
    List<Guess> guesses = new ArrayList<>();
    for (int pageShift : pages) {
      for (int entry = pageShift; entry >= SMALL_PAGE; entry -= LARGE_PAGE - SMALL_PAGE) {
        for (int size = least; size <= Math.max(least, MOST_WINDOW_SHIFT); size++) {
          if (fits(calls, entry)) {
            guesses.add(window(pageShift, entry, size));
          }
        }
      }
    }
    return guesses;
  }

  private static Guess window(int pageShift, int entry, int size) {
    TceWindow window = new TceWindow(pageShift, entry, 0, 1L << size - entry, 0, 0, BLOCK, false);
    return new Guess(
        "window of %s at 0, entries of %d KiB, pages of %d KiB"
            .formatted(
                size < 30 ? (1 << size - 20) + " MiB" : (1 << size - 30) + " GiB",
                1 << entry - 10,
                1 << pageShift - 10),
        () -> new TceSpace(window));
  }

  /** Whether addresses and physical addresses agree below the size of an entry. */
  private static boolean fits(List<DmaCall> calls, int entry) {
    return calls.stream()
        .filter(call -> call.allocates() && !call.failed() && call.phys() != DmaCall.UNKNOWN)
        .allMatch(call -> ((call.address() ^ call.phys()) & (1L << entry) - 1) == 0);
  }

  private List<List<DmaCall>> groups(boolean shared) {
    boolean apart = !shared || conflicts();
    Map<String, List<DmaCall>> groups = new TreeMap<>();
    for (DmaCall call : history.calls()) {
      String device = call.operation().device;
      boolean pci = device.indexOf(':') == PCI_DOMAIN;
      String group = apart || !pci ? device : device.substring(0, PCI_DOMAIN);
      groups.computeIfAbsent(group, key -> new ArrayList<>()).add(call);
    }
    return List.copyOf(groups.values());
  }

  /** Whether two devices of a PCI domain hold a page at a time. */
  private boolean conflicts() {
    Map<Long, String> holder = new HashMap<>();
    for (DmaCall call : history.calls()) {
      Operation operation = call.operation();
      for (long pfn = operation.pfn; pfn < operation.end(); pfn++) {
        if (!call.allocates()) {
          holder.remove(pfn);
        } else {
          String other = holder.put(pfn, operation.device);
          if (other != null
              && !other.equals(operation.device)
              && other.regionMatches(0, operation.device, 0, PCI_DOMAIN + 1)) {
            return true;
          }
        }
      }
    }
    return false;
  }
}
