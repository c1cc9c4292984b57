package dev.mapstorm.actors.model.flush;

/** Is handed the ranges that a {@link FlushQueue} releases, in the order in which Linux does. */
@FunctionalInterface
public interface IovaReclaimer {
  /**
   * @param cpu the CPU that frees the range ({@code free_iova_fast} runs there), not the one that
   *     queued it
   * @param pfn first page frame of the range
   * @param pages pages of the range
   * @param tablePages page-table pages that were freed with it
   */
  void reclaim(int cpu, long pfn, long pages, int tablePages);
}
