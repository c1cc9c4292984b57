package dev.mapstorm.actors.model.percpu;

/**
 * What belongs to one CPU each, as the kernel's per-CPU variables do, for a machine of which most
 * CPUs never come here: a slot takes memory once a CPU of its group of {@value #GROUP} has a value.
 * A domain that eight of 8192 CPUs use so holds some 2 KiB of references instead of 32 KiB.
 *
 * <p>Which CPUs have a value is decided by the caller alone, and they are visited in the order of
 * their numbers. Not thread-safe.
 *
 * @param <T> what a CPU has
 */
public final class PerCpu<T> {
  private static final int GROUP_SHIFT = 5;
  private static final int GROUP = 1 << GROUP_SHIFT;

  private final int cpus;
  private final Object[][] groups;

  /** Sees the value of a CPU. */
  @FunctionalInterface
  public interface Visitor<T> {
    /** {@code value} belongs to {@code cpu}. */
    void value(int cpu, T value);
  }

  /**
   * No values yet.
   *
   * @param cpus number of CPUs, counted from 0
   */
  public PerCpu(int cpus) {
    this.cpus = cpus;
    groups = new Object[(cpus + GROUP - 1) >>> GROUP_SHIFT][];
  }

  /** Number of CPUs. */
  public int cpus() {
    return cpus;
  }

  /**
   * The value of a CPU; null if it has none.
   *
   * @throws ArrayIndexOutOfBoundsException if there is no such CPU
   */
  @SuppressWarnings("unchecked")
  public T get(int cpu) {
    Object[] group = groups[cpu >> GROUP_SHIFT];
    // Only set() writes here.
    return group == null ? null : (T) group[cpu & GROUP - 1];
  }

  /**
   * Gives a CPU its value.
   *
   * @throws IllegalArgumentException if there is no such CPU
   */
  public void set(int cpu, T value) {
    if (cpu < 0 || cpu >= cpus) {
      throw new IllegalArgumentException("CPU " + cpu + " is not one of " + cpus);
    }
    int number = cpu >> GROUP_SHIFT;
    if (groups[number] == null) {
      groups[number] = new Object[GROUP];
    }
    groups[number][cpu & GROUP - 1] = value;
  }

  /** Shows the values that there are, by CPU. */
  @SuppressWarnings("unchecked")
  public void forEach(Visitor<T> visitor) {
    for (int number = 0; number < groups.length; number++) {
      Object[] group = groups[number];
      for (int i = 0; group != null && i < GROUP; i++) {
        if (group[i] != null) {
          visitor.value((number << GROUP_SHIFT) + i, (T) group[i]);
        }
      }
    }
  }
}
