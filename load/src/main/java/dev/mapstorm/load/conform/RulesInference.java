package dev.mapstorm.load.conform;

import dev.mapstorm.load.conform.KnownMachine.Fact;
import dev.mapstorm.load.conform.Operation.Kind;
import dev.mapstorm.load.trace.MachineFacts.BouncePool;
import dev.mapstorm.load.trace.TracePolicy;
import dev.mapstorm.persistence.text.Units;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Settles what the models are told of the kernel: what the options give, else what the trace shows,
 * else an assumption; and says which of these it was.
 */
final class RulesInference {
  private static final KernelVersion ASSUMED = new KernelVersion(6, 12);
  private static final KernelVersion INTEL_DMA_OPERATIONS = new KernelVersion(5, 10);
  private static final KernelVersion CACHE_TAGS = new KernelVersion(6, 10);
  private static final long LOW_BYTES = 1L << 31;
  private static final long FROM_ZERO_BYTES = 1L << 24;

  private final ConformanceOptions options;
  private final History history;
  private final KnownMachine machine;
  private final List<String> text = new ArrayList<>();
  private final KernelRules kernel;
  private final int granuleShift;
  private final int possibleCpus;

  RulesInference(ConformanceOptions options, History history) {
    this.options = options;
    this.history = history;
    machine = new KnownMachine(history.reading().machine(), options.machine());
    TraceSigns signs = history.signs();
    kernel = kernelRules(signs);
    granuleShift = granuleShift(signs);
    possibleCpus = cpus(signs);
  }

  private int granuleShift(TraceSigns signs) {
    int written = signs.granuleShift();
    int shift = written;
    String why = "all page tables fit it";
    if (options.granuleShift().isPresent()) {
      shift = options.granuleShift().getAsInt();
      why = options.source();
    } else if (machine.pageSize().isPresent()) {
      // Larger than a page it cannot be; smaller it is if the page tables say so.
      int page = Integer.numberOfTrailingZeros(machine.pageSize().get().value());
      shift = Math.max(Operation.SHIFT, Math.min(page, signs.mostGranuleShift()));
      why = machine.pageSize().get().source();
    }
    if (shift != Operation.SHIFT || options.granuleShift().isPresent()) {
      say("granule %d KiB".formatted(1 << shift - 10), why);
    }
    return shift;
  }

  private int cpus(TraceSigns signs) {
    int cpus = Math.max(signs.cpus(), history.reading().cpus());
    String why = "as the trace shows";
    if (options.possibleCpus().isPresent()) {
      cpus = options.possibleCpus().getAsInt();
      why = options.source();
    } else if (machine.cpus().isPresent()) {
      cpus = machine.cpus().get().value();
      why = machine.cpus().get().source();
    }
    say(Units.things(cpus, "CPU"), why);
    return cpus;
  }

  private KernelRules kernelRules(TraceSigns signs) {
    KernelVersion version;
    if (options.kernel().isPresent()) {
      version = KernelVersion.parse(options.kernel().get());
      say("Linux " + version, options.source());
    } else if (machine.kernel().isPresent()) {
      version = machine.kernel().get().value();
      say("Linux " + version, machine.kernel().get().source());
    } else if (signs.intelDmaOperations()) {
      version = INTEL_DMA_OPERATIONS;
      say("Linux up to 5.11", "it has the VT-d driver's own DMA events");
    } else if (signs.dmaEvents()) {
      version = ASSUMED;
      say("Linux 6.12 or later", "it has dma events");
    } else if (signs.cacheTags()) {
      version = CACHE_TAGS;
      say("Linux 6.10 or later", "it has events of cache tags");
    } else {
      version = ASSUMED;
      say("Linux 6.12", "assumed; --kernel gives another");
    }
    KernelRules rules = options.iova().map(version.rules()::with).orElse(version.rules());
    machine.forcedac().ifPresent(forced -> say("forcedac", forced.source()));
    return rules.with(machine.forcedac().isPresent());
  }

  KernelRules kernel() {
    return kernel;
  }

  int granuleShift() {
    return granuleShift;
  }

  /** Whether the granule is known, not inferred. */
  boolean knowsPage() {
    return options.granuleShift().isPresent() || machine.pageSize().isPresent();
  }

  /** The bounce pool, if the machine's facts tell it. */
  Optional<Fact<BouncePool>> bouncePool() {
    return machine.bouncePool();
  }

  int possibleCpus() {
    return possibleCpus;
  }

  /** What was settled so far, a line each. */
  List<String> text() {
    return text;
  }

  /** Notes what was settled. */
  void say(String what, String why) {
    text.add(what + " (" + why + ")");
  }

  /** Whose addresses the trace holds. */
  IovaAllocator allocator() {
    if (history.policy() == TracePolicy.SWIOTLB
        && history.calls().stream().anyMatch(DmaCall::judged)) {
      return IovaAllocator.SWIOTLB;
    }
    boolean translates =
        history.policy() != TracePolicy.DIRECT && history.policy() != TracePolicy.SWIOTLB;
    Optional<Operation> first =
        history.operations().stream().filter(each -> each.kind == Kind.ALLOC).findFirst();
    if (first.isEmpty() || !translates) {
      return IovaAllocator.NONE;
    }
    long address = first.get().pfn << Operation.SHIFT;
    if (mayBeAreas()) {
      return history.hasPageTables() ? IovaAllocator.ARM32 : IovaAllocator.POWERPC_TCE;
    }
    return address >= LOW_BYTES || history.signs().dmaEvents()
        ? IovaAllocator.DMA_IOMMU
        : IovaAllocator.IOMMU_API;
  }

  /**
   * Whether the calls have addresses of an allocator that begins at the bottom: powerpc's, which
   * has no page-table events and small pools up to three quarters of its window, or that of 32-bit
   * Arm. That of dma-iommu begins at the top of 4 GiB, or of what the device can address.
   */
  private boolean mayBeAreas() {
    boolean tce = history.reading().skippedEvents().containsKey("hcall_entry");
    long lowest =
        history.calls().stream()
            .filter(call -> call.allocates() && !call.failed())
            .mapToLong(DmaCall::address)
            .min()
            .orElse(Long.MAX_VALUE);
    return history.signs().dmaEvents()
        && lowest != Long.MAX_VALUE
        && (lowest < FROM_ZERO_BYTES || tce && !history.hasPageTables());
  }

  /** Settles the mode of a domain: in strict mode, what is unmapped is freed at once. */
  boolean isLazy(List<Operation> domain) {
    boolean flushed = domain.stream().anyMatch(each -> each.kind == Kind.FLUSH);
    long freed = domain.stream().filter(each -> each.kind == Kind.FREE).count();
    long queued = domain.stream().filter(each -> each.kind == Kind.QUEUE).count();
    Optional<Fact<Boolean>> group = machine.groupIsLazy(devices(domain));
    boolean lazy;
    String why;
    if (options.lazy().isPresent()) {
      lazy = options.lazy().get();
      why = options.source();
    } else if (group.isPresent()) {
      lazy = group.get().value();
      why = group.get().source();
    } else if (flushed) {
      lazy = true;
      why = "whole domains are flushed";
    } else if (freed > 0) {
      lazy = queued > freed;
      why = "unmaps are invalidated one by one";
    } else if (machine.lazyByDefault().isPresent()) {
      lazy = machine.lazyByDefault().get().value();
      why = machine.lazyByDefault().get().source();
    } else {
      Optional<Boolean> inferred = ModeInference.isLazy(domain);
      lazy = inferred.orElse(false);
      why =
          inferred.isEmpty()
              ? "assumed; --mode gives another"
              : lazy ? "no unmapped range comes back at once" : "unmapped ranges come back at once";
    }
    sayOnce(lazy ? "lazy mode" : "strict mode", why);
    return lazy;
  }

  /** Width of a device's mask in bits; 0 if it is not known. */
  int maskBits(String device) {
    return machine.maskBits(device).map(Fact::value).orElse(0);
  }

  /** The windows that a domain keeps out. */
  List<ReservedWindow> windows(List<Operation> domain) {
    if (options.reserved().isPresent()) {
      return options.reserved().get();
    }
    List<String> devices = devices(domain);
    Optional<Fact<List<ReservedWindow>>> known = machine.windows(devices);
    if (known.isPresent()) {
      int count = known.get().value().size();
      sayOnce(Units.things(count, "window"), known.get().source());
      if (machine.saysRegions(devices)) {
        return known.get().value();
      }
    }
    return WindowInference.of(domain, granuleShift, known.map(Fact::value).orElse(List.of()));
  }

  /** Notes what was settled, unless it was noted before. */
  void sayOnce(String what, String why) {
    String said = what + " (" + why + ")";
    if (!text.contains(said)) {
      text.add(said);
    }
  }

  private static List<String> devices(List<Operation> domain) {
    return domain.stream()
        .filter(each -> each.kind != Kind.FLUSH && !each.device.isEmpty())
        .map(each -> each.device)
        .distinct()
        .toList();
  }
}
