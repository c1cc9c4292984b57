package dev.mapstorm.actors.model.lock;

/**
 * What it takes until a CPU has the cache line of a lock that another CPU held last: the way of the
 * line, farther to another node, and a bit for each further CPU that reads it at the same time. The
 * first part is what core-to-core benchmarks measure. Immutable.
 */
public final class LineTransfer {
  /** Lines that are always there. */
  public static final LineTransfer NONE = new LineTransfer(Integer.MAX_VALUE, 0, 0, 0);

  private static final long PS = 1_000;

  private final int cpusOfNode;
  private final long nearNs;
  private final long farNs;
  private final long contenderPs;

  /**
   * Transfers of a machine.
   *
   * @param cpusOfNode CPUs of a node, which are numbered in a row
   * @param nearNs between CPUs of one node, not negative
   * @param farNs between nodes, not negative
   * @param contenderPs picoseconds for each further CPU that waits, not negative
   */
  public LineTransfer(int cpusOfNode, long nearNs, long farNs, long contenderPs) {
    this.cpusOfNode = cpusOfNode;
    this.nearNs = nearNs;
    this.farNs = farNs;
    this.contenderPs = contenderPs;
  }

  /** Whether further CPUs that wait make a transfer longer. */
  boolean countsContenders() {
    return contenderPs != 0;
  }

  /**
   * Nanoseconds of a transfer, rounded down.
   *
   * @param from the CPU that has the line, not {@code to}
   * @param contenders further CPUs that wait for it
   */
  long ns(int from, int to, int contenders) {
    long way = from / cpusOfNode == to / cpusOfNode ? nearNs : farNs;
    return way + contenders * contenderPs / PS;
  }
}
