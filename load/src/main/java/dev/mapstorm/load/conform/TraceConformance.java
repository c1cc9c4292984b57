package dev.mapstorm.load.conform;

import dev.mapstorm.load.conform.Operation.Kind;
import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.text.TextLines;
import dev.mapstorm.load.trace.TraceEvent;
import dev.mapstorm.load.trace.TraceReader;
import dev.mapstorm.load.trace.TraceReader.Strictness;
import dev.mapstorm.protocol.Granule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Holds the models of IOVA allocators, flush queue and VT-d against a kernel trace: do they give,
 * address for address, what the kernel gave?
 *
 * <p><b>Operations.</b> Each IOVA range that is mapped is an allocation, whether a {@code dma:*}
 * event names it or none does. Each unmap is a free, or in lazy mode a range put on the flush
 * queue. A whole-domain flush frees the queues.
 *
 * <p><b>Windows.</b> A line is logged a little after or before the act it reports, and between act
 * and line an interrupt of the same CPU, or another CPU, may act. What is known is between which
 * two lines an act took place:
 *
 * <ul>
 *   <li>allocation: the line before, on the same CPU, that was not logged by an interrupt of its
 *       context (a line of another task closes the window: it does not nest); to its first {@code
 *       iommu:map}.
 *   <li>free: the last line of its invalidation, else the {@code iommu:unmap}; to the {@code
 *       dma_unmap_page} that follows. Lists and coherent memory are named before the act, so these
 *       end at the next line that the context, or what it interrupted, logs, or 50 us later.
 *   <li>queueing: the {@code iommu:unmap}, to the same ends.
 *   <li>start of a flush: a little before its line. What other CPUs queue near it is freed by it or
 *       not: one cut for each flush and CPU, as a ring is in order.
 *   <li>timer freeing the rings, in ascending order, all into the caches of its own CPU: after the
 *       {@code qi_submit} of the flush, to the next line of its context. A CPU that queues a range
 *       meanwhile frees its own ring first.
 *   <li>a full ring of 255: its CPU flushes inside the unmap and frees its ring; every other CPU
 *       frees its own when it queues next.
 * </ul>
 *
 * <p><b>Rule.</b> An allocation is explained if the model answers the kernel's address when all
 * operations are applied one by one, each within its window. Each is applied at the end of its
 * window, except that
 *
 * <ol>
 *   <li>an allocation that a magazine answers rightly is applied just before an act that would
 *       change the answer;
 *   <li>if the model does not answer an allocation whose window closes, those that overlap it are
 *       applied first, one by one: allocations that the model answers, the rings of a sweep that is
 *       under way, frees (of its range, of its CPU, others), then what no line shows: the depot
 *       worker, and a CPU that logs nothing for long and may have gone offline.
 * </ol>
 *
 * What cannot be judged on the spot is a {@link Choice}; {@link OrderSearch} tries the other values
 * within bounds. Nothing is ever applied outside its window.
 *
 * <p><b>After an unexplained allocation</b> the kernel's answer is imposed on the model, so that
 * one miss does not make all that follow.
 *
 * <p><b>Not decidable</b> is what the trace does not hold the reason for, see {@link Undecided},
 * and what comes after the search reached its bound. Rates are of the decidable ones.
 *
 * <p><b>Domains.</b> {@link DomainSplit} tells which devices share one. Each starts empty, at
 * granule 1, with the windows of {@link WindowInference} reserved. {@link RulesInference} settles
 * what differs between kernels.
 *
 * <p><b>Other allocators.</b> What powerpc and 32-bit Arm hand out, and the slots of bounce buffers
 * where nothing is translated, are held against their own models, see {@link AreaConformance}.
 *
 * <p><b>Invalidations</b> are compared one by one, see {@link InvalidationCheck}.
 */
public final class TraceConformance {
  private static final int MOST_SHOWN = 10;
  private static final int MOST_OVERLAPPING = 8;
  private static final int NEAR = 64;

  /** Allocations of a device: all, decidable, unexplained. */
  private static final class Counts {
    long allocations;
    long decidable;
    long unexplained;
  }

  private final ConformanceOptions options;
  private final ReplayVariant variant;
  private final SortedMap<String, Counts> byDevice = new TreeMap<>();
  private final Map<NotDecidable, Long> notDecidable = new EnumMap<>(NotDecidable.class);
  private final List<UnexplainedAllocation> unexplained = new ArrayList<>();
  private final List<List<ReservedWindow>> windows = new ArrayList<>();
  private long choices;

  private TraceConformance(ConformanceOptions options, ReplayVariant variant) {
    this.options = options;
    this.variant = variant;
  }

  /**
   * Compares a trace with the models; all that the trace shows of its kernel is inferred.
   *
   * @throws TextFormatException as {@link TraceReader} does
   */
  public static TraceConformanceReport check(Path file) {
    try (TextLines lines = TextLines.open(file)) {
      return check(lines);
    }
  }

  /**
   * Compares a trace with the models; all that the trace shows of its kernel is inferred.
   *
   * @param lines read to their end, not closed
   * @throws TextFormatException as {@link TraceReader} does
   */
  public static TraceConformanceReport check(TextLines lines) {
    return check(lines, Strictness.LENIENT, ConformanceOptions.INFERRED);
  }

  /**
   * Compares a trace with the models.
   *
   * @param lines read to their end, not closed
   * @param options what is known of the machine
   * @throws TextFormatException as {@link TraceReader} does
   */
  public static TraceConformanceReport check(
      TextLines lines, Strictness strictness, ConformanceOptions options) {
    return check(lines, strictness, options, ReplayVariant.LINUX);
  }

  /** The same with rules that may be wrong. */
  static TraceConformanceReport check(
      TextLines lines, Strictness strictness, ConformanceOptions options, ReplayVariant variant) {
    return new TraceConformance(options, variant)
        .report(HistoryReader.read(reader(lines, strictness)));
  }

  /** A reader that is not closed, as its lines are the caller's. */
  @SuppressWarnings("resource")
  private static TraceReader reader(TextLines lines, Strictness strictness) {
    return new TraceReader(lines, strictness);
  }

  private TraceConformanceReport report(History history) {
    RulesInference rules = new RulesInference(options, history);
    IovaAllocator allocator = rules.allocator();
    long unassigned = 0;
    if (allocator.findsAreas()) {
      new AreaConformance(history, rules).replays(allocator).forEach(this::count);
    } else if (allocator.predicted()) {
      for (Operation operation : history.operations()) {
        operation.inGranules(rules.granuleShift());
      }
      if (history.signs().bounces()) {
        rules.say("bounce slots not compared", "the IOMMU hides their addresses");
      }
      DomainSplit split = new DomainSplit(history.operations(), history.signs().groupOfDevice());
      unassigned = split.unassigned();
      for (List<Operation> domain : split.domains()) {
        if (domain.stream().anyMatch(operation -> operation.kind == Kind.ALLOC)) {
          compare(domain, rules, history);
        }
      }
    }
    return report(history, rules, allocator, unassigned);
  }

  private TraceConformanceReport report(
      History history, RulesInference rules, IovaAllocator allocator, long unassigned) {
    List<DeviceConformance> devices = new ArrayList<>();
    Counts all = new Counts();
    byDevice.forEach(
        (device, counts) -> {
          devices.add(
              new DeviceConformance(
                  device, counts.allocations, counts.decidable, counts.unexplained));
          all.allocations += counts.allocations;
          all.decidable += counts.decidable;
          all.unexplained += counts.unexplained;
        });
    unexplained.sort(Comparator.comparingLong(UnexplainedAllocation::line));
    return new TraceConformanceReport(
        history.policy(),
        allocator,
        history.reading(),
        history.gaps().size(),
        allocator.predicted() || allocator == IovaAllocator.NONE
            ? all.allocations
            : history.operations().stream().filter(each -> each.kind == Kind.ALLOC).count(),
        all.decidable,
        all.decidable - all.unexplained,
        all.unexplained,
        notDecidable,
        devices,
        List.copyOf(unexplained.subList(0, Math.min(unexplained.size(), MOST_SHOWN))),
        windows,
        allocator.predicted() ? rules.text() : List.of(),
        choices,
        unassigned,
        history.invalidations());
  }

  private void compare(List<Operation> written, RulesInference rules, History history) {
    boolean lazy = rules.isLazy(written);
    List<Operation> domain = new ArrayList<>(written);
    for (Operation operation : domain) {
      if (operation.kind == Kind.QUEUE && !lazy) {
        operation.kind = Kind.FREE;
      }
    }
    boolean unseen = lazy && domain.stream().noneMatch(each -> each.kind == Kind.FLUSH);
    if (unseen) {
      List<Operation> flushes = FlushInference.of(written);
      rules.say(
          flushes.size() + (flushes.size() == 1 ? " flush" : " flushes"),
          "inferred from where ranges come back; no line shows them");
      domain.addAll(flushes);
    }
    List<ReservedWindow> reserved = rules.windows(domain);
    windows.add(reserved);
    Schedule schedule = new Schedule(domain);
    DomainRules domainRules =
        new DomainRules(
            schedule.operations(),
            rules.kernel(),
            rules.granuleShift(),
            rules.possibleCpus(),
            reserved,
            variant,
            rules::maskBits);
    Undecided undecided =
        new Undecided(
            schedule.operations(),
            history.startsInTheMiddle() || !domainRules.mayBeBornIn(schedule.operations()),
            history.gaps());
    if (undecided.begun()) {
      rules.sayOnce(
          "begins on a running machine",
          "its first ranges are not those of an allocator that has given nothing out yet");
    }
    OrderSearch search = new OrderSearch(schedule, domainRules, undecided, unseen);
    DomainReplay replay = search.best();
    choices += search.accepted();
    count(schedule, search, replay, undecided, unseen, rules.granuleShift());
  }

  private void count(
      Schedule schedule,
      OrderSearch search,
      DomainReplay replay,
      Undecided undecided,
      boolean unseen,
      int granuleShift) {
    long searchedTo =
        search.searchedTo() < schedule.steps()
            ? schedule.line(search.searchedTo())
            : Long.MAX_VALUE;
    for (Operation operation : schedule.operations()) {
      if (operation.kind == Kind.ALLOC) {
        Counts counts = countsOf(operation.device);
        counts.allocations++;
        if (operation.line < searchedTo) {
          counts.decidable++;
        } else {
          notDecidable.merge(NotDecidable.SEARCH_BOUND, 1L, Long::sum);
        }
      }
    }
    for (DomainReplay.Miss miss : replay.misses()) {
      if (miss.alloc().line >= searchedTo) {
        continue;
      }
      Counts counts = countsOf(miss.alloc().device);
      Optional<NotDecidable> reason = undecided.reason(miss);
      if (reason.isEmpty() && unseen && schedule.lastUnmap(miss.alloc().pfn, miss.step()) != null) {
        reason = Optional.of(NotDecidable.UNSEEN_FLUSH);
      }
      if (reason.isPresent()) {
        counts.decidable--;
        notDecidable.merge(reason.get(), 1L, Long::sum);
      } else {
        counts.unexplained++;
        unexplained.add(describe(schedule, miss, granuleShift));
      }
    }
  }

  private void count(List<DmaCall> calls, AreaReplay replay) {
    for (DmaCall call : calls) {
      if (call.judged()) {
        Counts counts = countsOf(call.operation().device);
        counts.allocations++;
        counts.decidable++;
      }
    }
    for (AreaReplay.Miss miss : replay.misses()) {
      Operation alloc = miss.alloc().operation();
      if (miss.reason().isPresent()) {
        countsOf(alloc.device).decidable--;
        notDecidable.merge(miss.reason().get(), 1L, Long::sum);
      } else {
        countsOf(alloc.device).unexplained++;
        unexplained.add(
            new UnexplainedAllocation(
                alloc.line,
                alloc.timeNs,
                alloc.device,
                alloc.cpu,
                Granule.spanned(0, miss.alloc().bytes()),
                miss.alloc().failed()
                    ? TraceEvent.MAPPING_ERROR
                    : miss.alloc().address() & -Granule.BYTES,
                miss.answer(),
                List.of()));
      }
    }
  }

  private Counts countsOf(String device) {
    return byDevice.computeIfAbsent(device, key -> new Counts());
  }

  private static UnexplainedAllocation describe(
      Schedule schedule, DomainReplay.Miss miss, int granuleShift) {
    Operation alloc = miss.alloc();
    List<String> overlapping = new ArrayList<>();
    Operation[] all = schedule.operations();
    for (int i = Math.max(0, alloc.index - NEAR);
        i < Math.min(all.length, alloc.index + NEAR) && overlapping.size() < MOST_OVERLAPPING;
        i++) {
      if (i != alloc.index && all[i].opens < alloc.closes && all[i].closes > alloc.opens) {
        overlapping.add(all[i].toString());
      }
    }
    return new UnexplainedAllocation(
        alloc.line,
        alloc.timeNs,
        alloc.device,
        alloc.cpu,
        alloc.pages,
        alloc.pfn << granuleShift,
        miss.modelPfn() << granuleShift,
        overlapping);
  }
}
