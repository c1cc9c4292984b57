package dev.mapstorm.load.conform;

import dev.mapstorm.load.conform.Operation.Kind;
import dev.mapstorm.load.trace.TracePolicy;
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
  private final List<String> text = new ArrayList<>();
  private final KernelRules kernel;
  private final int granuleShift;
  private final int possibleCpus;

  RulesInference(ConformanceOptions options, History history) {
    this.options = options;
    this.history = history;
    TraceSigns signs = history.signs();
    kernel = kernelRules(signs);
    granuleShift = options.granuleShift().orElseGet(signs::granuleShift);
    if (granuleShift != Operation.SHIFT || options.granuleShift().isPresent()) {
      say(
          "granule %d KiB".formatted(1 << granuleShift - 10),
          options.granuleShift().isPresent() ? options.source() : "all page tables fit it");
    }
    int seen = Math.max(signs.cpus(), history.reading().cpus());
    possibleCpus = options.possibleCpus().orElse(seen);
    say(
        "%d CPUs".formatted(possibleCpus),
        options.possibleCpus().isPresent() ? options.source() : "as the trace shows");
  }

  private KernelRules kernelRules(TraceSigns signs) {
    KernelVersion version;
    if (options.kernel().isPresent()) {
      version = KernelVersion.parse(options.kernel().get());
      say("Linux " + version, options.source());
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
    return options.iova().map(version.rules()::with).orElse(version.rules());
  }

  KernelRules kernel() {
    return kernel;
  }

  int granuleShift() {
    return granuleShift;
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
    boolean translates =
        history.policy() != TracePolicy.DIRECT && history.policy() != TracePolicy.SWIOTLB;
    Optional<Operation> first =
        history.operations().stream().filter(each -> each.kind == Kind.ALLOC).findFirst();
    if (first.isEmpty() || !translates) {
      return IovaAllocator.NONE;
    }
    boolean tce = history.reading().skippedEvents().containsKey("hcall_entry");
    long address = first.get().pfn << Operation.SHIFT;
    if (!history.hasPageTables() && (tce || address < LOW_BYTES && !history.startsInTheMiddle())) {
      return IovaAllocator.POWERPC_TCE;
    }
    if (address >= FROM_ZERO_BYTES && history.signs().dmaEvents() || address >= LOW_BYTES) {
      return IovaAllocator.DMA_IOMMU;
    }
    if (history.startsInTheMiddle() && history.signs().dmaEvents()) {
      return IovaAllocator.DMA_IOMMU;
    }
    return history.signs().dmaEvents() ? IovaAllocator.ARM32 : IovaAllocator.IOMMU_API;
  }

  /** Settles the mode of a domain: in strict mode, what is unmapped is freed at once. */
  boolean isLazy(List<Operation> domain) {
    boolean flushed = domain.stream().anyMatch(each -> each.kind == Kind.FLUSH);
    long freed = domain.stream().filter(each -> each.kind == Kind.FREE).count();
    long queued = domain.stream().filter(each -> each.kind == Kind.QUEUE).count();
    boolean lazy;
    String why;
    if (options.lazy().isPresent()) {
      lazy = options.lazy().get();
      why = options.source();
    } else if (flushed) {
      lazy = true;
      why = "whole domains are flushed";
    } else if (freed > 0) {
      lazy = queued > freed;
      why = "unmaps are invalidated one by one";
    } else {
      Optional<Boolean> inferred = ModeInference.isLazy(domain);
      lazy = inferred.orElse(false);
      why =
          inferred.isEmpty()
              ? "assumed; --mode gives another"
              : lazy ? "no unmapped range comes back at once" : "unmapped ranges come back at once";
    }
    String said = "%s mode (%s)".formatted(lazy ? "lazy" : "strict", why);
    if (!text.contains(said)) {
      text.add(said);
    }
    return lazy;
  }
}
