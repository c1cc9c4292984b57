package dev.mapstorm.actors.model.pagetable;

/** How {@link PageTable#map} ended. */
public enum MapResult {
  /** The whole range is mapped. */
  MAPPED,
  /** Some part of the range was mapped already; nothing of the range was changed. */
  ALREADY_MAPPED
}
