package dev.mapstorm.load.conform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.model.iova.IovaDomain;
import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.load.conform.Operation.Kind;
import dev.mapstorm.load.trace.ExecutionLevel;
import dev.mapstorm.load.trace.TraceEvent;
import dev.mapstorm.load.trace.TraceLine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class DomainReplayTest {
  private static final int CPUS = 3;
  private static final int OPERATIONS = 1500;
  private static final int BLUR_LINES = 4;
  private static final int BURST = 100;
  private static final IovaParameters SMALL_MAGAZINES =
      new IovaParameters(8, 5, IovaParameters.UNBOUNDED, 1000);

  @Property(tries = 30)
  void explainsAHistoryOfTheModelItself(@ForAll long seed) {
    assertThat(missesOf(history(seed))).isEmpty();
  }

  @Property(tries = 30)
  void findsAnAnswerThatIsNotTheModels(@ForAll long seed) {
    List<Operation> history = history(seed);
    long wrongPfn = 0x8000;
    int victim = OPERATIONS / 2;
    while (history.get(victim).kind != Kind.ALLOC) {
      victim++;
    }
    Operation right = history.get(victim);
    history.set(victim, operation(Kind.ALLOC, right.cpu, wrongPfn, right.pages, right.line));

    assertThat(missesOf(history).get(0).alloc().pfn).isEqualTo(wrongPfn);
    assertThat(missesOf(history).get(0).modelPfn()).isEqualTo(right.pfn);
  }

  @Property(tries = 30)
  void explainsAHistoryWhoseLinesAreOutOfOrder(@ForAll long seed) {
    List<Operation> history = history(seed);
    blur(history, new Random(seed));

    assertThat(missesOf(history)).isEmpty();
  }

  /**
   * Where magazines get full, one range less in each shows, whatever order is tried: at each
   * transfer of one.
   */
  @Property(tries = 20)
  void doesNotExplainMagazinesOfOneRangeLess(@ForAll long seed) {
    List<Operation> history = history(seed, true);
    long allocations = history.stream().filter(each -> each.kind == Kind.ALLOC).count();

    assertThat(missesOf(history, new IovaParameters(7, 5, IovaParameters.UNBOUNDED, 1000)).size())
        .isGreaterThan((int) allocations / 50);
  }

  /**
   * Widens what is known of each operation by up to two operations of other CPUs on each side;
   * those of one CPU stay in order, and a range is freed after it was seen to be allocated.
   */
  private static void blur(List<Operation> history, Random random) {
    Map<Integer, Long> nextOfCpu = new HashMap<>();
    Map<Long, Long> freedAt = new HashMap<>();
    for (int i = history.size() - 1; i >= 0; i--) {
      Operation operation = history.get(i);
      long most = nextOfCpu.getOrDefault(operation.cpu, Long.MAX_VALUE) - 1;
      if (operation.kind == Kind.ALLOC) {
        most = Math.min(most, freedAt.getOrDefault(operation.pfn, Long.MAX_VALUE) - 1);
      } else {
        freedAt.put(operation.pfn, operation.line);
      }
      operation.closes = Math.min(most, operation.line + random.nextInt(BLUR_LINES));
      nextOfCpu.put(operation.cpu, operation.line);
    }
    Map<Integer, Long> closedOfCpu = new HashMap<>();
    for (Operation operation : history) {
      long least = closedOfCpu.getOrDefault(operation.cpu, 0L);
      operation.opens = Math.max(least, operation.line - 1 - random.nextInt(BLUR_LINES));
      closedOfCpu.put(operation.cpu, operation.closes);
    }
  }

  private static List<DomainReplay.Miss> missesOf(List<Operation> history) {
    return missesOf(history, SMALL_MAGAZINES);
  }

  private static List<DomainReplay.Miss> missesOf(
      List<Operation> history, IovaParameters parameters) {
    Schedule schedule = new Schedule(history);
    DomainRules rules =
        new DomainRules(
            schedule.operations(),
            KernelRules.of(6, 12).with(parameters),
            12,
            CPUS,
            List.of(),
            ReplayVariant.LINUX,
            device -> 0);
    Undecided undecided = new Undecided(schedule.operations(), false, List.of());
    return new OrderSearch(schedule, rules, undecided, false).best().misses();
  }

  /** What the model does one operation after the other, each between two lines of its own. */
  private static List<Operation> history(long seed) {
    return history(seed, false);
  }

  /** The same; with bursts, magazines and the depot fill and empty again and again. */
  private static List<Operation> history(long seed, boolean bursts) {
    Random random = new Random(seed);
    IovaDomain domain = new IovaDomain(CPUS, 12, 1, SMALL_MAGAZINES);
    List<Operation> history = new ArrayList<>();
    List<Operation> live = new ArrayList<>();
    for (int i = 0; i < OPERATIONS; i++) {
      int cpu = random.nextInt(CPUS);
      long line = 2L * i + 2;
      if (live.isEmpty() || random.nextInt(100) < (bursts ? i / BURST % 2 * 60 + 20 : 52)) {
        long pages = 1 + random.nextInt(random.nextInt(10) == 0 ? 30 : 2);
        long pfn = domain.allocFast(cpu, pages, 0xfffff, false);
        history.add(operation(Kind.ALLOC, cpu, pfn, pages, line));
        live.add(history.get(i));
      } else {
        Operation freed = live.remove(random.nextInt(live.size()));
        domain.freeFast(cpu, freed.pfn, freed.pages);
        history.add(operation(Kind.FREE, cpu, freed.pfn, freed.pages, line));
      }
    }
    return history;
  }

  private static Operation operation(Kind kind, int cpu, long pfn, long pages, long line) {
    TraceLine logged =
        new TraceLine(
            line, line, cpu, 1, "", ExecutionLevel.PROCESS, new TraceEvent.IommuMap("", 0, 0, 0));
    Operation operation = new Operation(kind, logged, pfn, pages, line - 1);
    operation.closes = line;
    return operation;
  }
}
