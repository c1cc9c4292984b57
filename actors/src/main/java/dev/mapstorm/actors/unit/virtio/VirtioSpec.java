package dev.mapstorm.actors.unit.virtio;

import dev.mapstorm.actors.model.virtio.RequestQueue;
import dev.mapstorm.actors.spec.IommuSpec;

/**
 * A virtio-iommu.
 *
 * @param iotlbEntries translations that the hypervisor's side caches, 1 to 1048576, a multiple of
 *     the ways
 * @param iotlbWays ways of a set
 * @param queueEntries descriptors of the request queue, of which a request takes two, 2 to 32768
 * @param costs what requests take
 */
public record VirtioSpec(int iotlbEntries, int iotlbWays, int queueEntries, VirtioCosts costs)
    implements IommuSpec {
  /**
   * Refuses a unit that cannot be.
   *
   * @throws IllegalArgumentException that names the figure as a platform profile does
   */
  public VirtioSpec {
    IommuSpec.requireIotlb(iotlbEntries, iotlbWays);
    IommuSpec.require(
        "queue-entries",
        queueEntries,
        RequestQueue.DESCRIPTORS_A_REQUEST,
        RequestQueue.MAX_DESCRIPTORS);
  }
}
