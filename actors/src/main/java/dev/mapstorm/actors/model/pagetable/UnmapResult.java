package dev.mapstorm.actors.model.pagetable;

/** How {@link PageTable#unmap} ended. */
public enum UnmapResult {
  /** Every byte of the range was mapped and no longer is. */
  UNMAPPED,
  /** Some part of the range was not mapped; the rest of it was unmapped. */
  NOT_MAPPED,
  /** The range ends inside a large page; that page stays mapped, the rest was unmapped. */
  SPLITS_LARGE_PAGE
}
