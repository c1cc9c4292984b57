package dev.mapstorm.load.scenario;

import dev.mapstorm.persistence.text.Units;

/**
 * What the requests of a journal may take of the heap: a third, so that a simulation has room
 * beside them. With the launcher's heap that is ten million requests of one range each.
 *
 * @param run whose requests they are
 * @param heap bytes of the heap
 * @param taken bytes that others of its requests take already
 */
record MemoryLimit(String run, long heap, long taken) {
  private static final int PART = 3;

  /** For this process. */
  static MemoryLimit ofProcess(String run) {
    return new MemoryLimit(run, Runtime.getRuntime().maxMemory(), 0);
  }

  /** The same, where others take {@code bytes}. */
  MemoryLimit beside(long bytes) {
    return new MemoryLimit(run, heap, bytes);
  }

  /**
   * Refuses what is too much.
   *
   * @param bytes that the requests take so far
   * @param reachedNs instant up to which they were read
   */
  void check(long bytes, long reachedNs) {
    if (taken + bytes > heap / PART) {
      throw new ScenarioException(
          "the requests of %s up to %s take %s, more than a third of the heap of %s:"
                  .formatted(
                      run, Units.time(reachedNs), Units.bytes(taken + bytes), Units.bytes(heap))
              + " a shorter --duration takes fewer, MAPSTORM_JAVA_OPTS=-Xmx4g has room for more");
    }
  }
}
