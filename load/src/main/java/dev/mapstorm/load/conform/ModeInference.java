package dev.mapstorm.load.conform;

import dev.mapstorm.actors.model.iova.IovaDomain;
import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.load.conform.Operation.Kind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tells strict from lazy mode where no line shows an invalidation: what a CPU freed last of a size,
 * it hands out next. In strict mode that is what it unmapped last; in lazy mode never, as that
 * still waits in the flush queue.
 */
final class ModeInference {
  private ModeInference() {}

  /** Whether a domain is lazy; empty if no unmap is followed by an allocation of its CPU. */
  static Optional<Boolean> isLazy(List<Operation> operations) {
    Map<Long, Operation> lastOf = new HashMap<>();
    long same = 0;
    long other = 0;
    for (Operation operation : operations) {
      if (operation.kind == Kind.FLUSH) {
        continue;
      }
      int order = IovaDomain.order(operation.pages);
      if (order > IovaParameters.LINUX.maxCachedOrder()) {
        continue;
      }
      Operation last = lastOf.put(operation.cpu * 64L + order, operation);
      if (operation.kind == Kind.ALLOC && last != null && last.kind != Kind.ALLOC) {
        if (last.pfn == operation.pfn) {
          same++;
        } else {
          other++;
        }
      }
    }
    return same + other == 0 ? Optional.empty() : Optional.of(same < other);
  }
}
