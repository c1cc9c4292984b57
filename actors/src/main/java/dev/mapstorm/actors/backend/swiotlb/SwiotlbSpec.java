package dev.mapstorm.actors.backend.swiotlb;

import dev.mapstorm.actors.backend.direct.DirectCosts;
import dev.mapstorm.actors.model.swiotlb.PoolSize;
import dev.mapstorm.actors.model.swiotlb.SwiotlbDevice;
import dev.mapstorm.actors.spec.DomainSpec;
import dev.mapstorm.protocol.IommuMode;

/**
 * Devices that use physical addresses, their own or those of bounce buffers.
 *
 * @param use which mappings bounce
 * @param start physical address of the pool, a multiple of 4 KiB; of the restricted pool of domain
 *     0, which those of the others follow
 * @param size of the pool
 * @param growPools pools that memory is left for, which a worker adds one by one: 0 for a kernel
 *     without {@code CONFIG_SWIOTLB_DYNAMIC}
 * @param device what swiotlb looks at of the devices
 * @param maxSegmentBytes {@code dma_get_max_seg_size} of the devices
 * @param direct what it takes to map without a bounce
 * @param costs what bounces cost
 */
public record SwiotlbSpec(
    Use use,
    long start,
    PoolSize size,
    int growPools,
    SwiotlbDevice device,
    long maxSegmentBytes,
    DirectCosts direct,
    SwiotlbCosts costs)
    implements DomainSpec {

  /** Most pools that are added: a lock's number has room for no more. */
  public static final int MAX_GROW_POOLS = 16;

  /** Most slots of a pool, 1 GiB: what Linux gives a confidential guest at most. */
  public static final int MAX_SLOTS = 1 << 19;

  /** Which mappings bounce. */
  public enum Use {
    /** Those of memory that the device does not reach. */
    NEEDED("needed"),
    /** All: {@code swiotlb=force}, and confidential guests. */
    FORCED("forced"),
    /** All, in a {@code restricted-dma-pool} of the device's own; coherent memory, too. */
    RESTRICTED("restricted");

    private final String label;

    Use(String label) {
      this.label = label;
    }

    /** What scenarios call it. */
    public String label() {
      return label;
    }
  }

  /**
   * Checks what belongs together.
   *
   * @throws IllegalArgumentException if it makes no pool
   */
  public SwiotlbSpec {
    if (growPools < 0 || growPools > MAX_GROW_POOLS) {
      throw new IllegalArgumentException(
          "pools that are added must be 0 to %d, are %d".formatted(MAX_GROW_POOLS, growPools));
    }
    if (use == Use.RESTRICTED && (growPools > 0 || size.areas() != 1)) {
      throw new IllegalArgumentException("a restricted pool has one area and does not grow");
    }
  }

  @Override
  public IommuMode mode() {
    return IommuMode.PASSTHROUGH;
  }
}
