package dev.mapstorm.actors.spec;

/**
 * The NUMA nodes of a machine: each has as many CPUs, numbered in a row, the last one what is left.
 *
 * @param count of nodes, 1 or more
 * @param cpusOfNode CPUs of a node, 1 or more
 * @param ofUnit the node that the IOMMU units, their queues and their devices are on
 */
public record Nodes(int count, int cpusOfNode, int ofUnit) {
  /** One node for all CPUs. */
  public static final Nodes ONE = new Nodes(1, Integer.MAX_VALUE, 0);

  /** So many nodes for so many CPUs. */
  public static Nodes of(int count, int cpus, int ofUnit) {
    return new Nodes(count, Math.max(1, (cpus + count - 1) / count), ofUnit);
  }

  /** The node of a CPU. */
  public int of(int cpu) {
    return cpu / cpusOfNode;
  }
}
