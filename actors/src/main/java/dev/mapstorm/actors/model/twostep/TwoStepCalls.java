package dev.mapstorm.actors.model.twostep;

import dev.mapstorm.protocol.Direction;

/**
 * The two-step calls of {@code drivers/iommu/dma-iommu.c}, as merged in Linux 6.16 and as in 7.2
 * ({@link TwoStepRules#fixedBounce}). A batch starts anywhere in a granule; every later piece has
 * to start with one.
 *
 * <p>Attributes of single calls ({@code DMA_ATTR_*}) are not modelled. Not thread safe.
 */
public final class TwoStepCalls {
  /** {@code IOMMU_READ}. */
  public static final int READ = 1;

  /** {@code IOMMU_WRITE}. */
  public static final int WRITE = 2;

  /** {@code IOMMU_CACHE}. */
  public static final int CACHE = 4;

  /** {@code -EIO}: a later piece starts inside a granule. */
  public static final int EIO = -5;

  /** {@code -ENOMEM}. */
  public static final int ENOMEM = -12;

  private final TwoStepDomain domain;
  private final int shift;
  private final long granule;
  private final boolean coherent;
  private final boolean bounces;
  private final boolean lazy;
  private final boolean fixedBounce;

  /** Calls on a domain. */
  public TwoStepCalls(TwoStepRules rules, TwoStepDomain domain) {
    this.domain = domain;
    shift = rules.granuleShift();
    granule = 1L << shift;
    coherent = rules.coherent();
    bounces = rules.bounces();
    lazy = rules.lazy();
    fixedBounce = rules.fixedBounce();
  }

  /**
   * {@code dma_iova_try_alloc}: IOVA for a batch.
   *
   * @param state is begun anew; empty if there is no IOVA
   * @param phys of the first byte; only its offset in the granule matters
   * @param size bytes of all pieces
   * @return whether there is IOVA
   */
  public boolean tryAlloc(IovaState state, long phys, long size) {
    state.begin(0, 0);
    if (size <= 0) {
      // Nothing to map, or the bit that says DMA_IOVA_USE_SWIOTLB.
      domain.warn();
      return false;
    }
    long pfn = domain.alloc(pages(size + offset(phys)));
    if (pfn == 0) {
      return false;
    }
    state.begin((pfn << shift) + offset(phys), size);
    return true;
  }

  /**
   * {@code dma_iova_link}: maps a piece.
   *
   * @param offset bytes from the start of the batch to the piece
   * @param size bytes of the piece
   * @return 0, {@link #EIO}, {@link #ENOMEM}, or the error of {@link TwoStepDomain#map}
   */
  public int link(IovaState state, long phys, long offset, long size, Direction direction) {
    long pad = offset(phys);
    if (pad != 0 && offset > 0) {
      domain.warn();
      return EIO;
    }
    if (bounces && offset(phys | size) != 0) {
      return bounceAndLink(state, phys, offset, size, direction);
    }
    return map(state.addr + offset - pad, phys - pad, align(size + pad), direction);
  }

  /** {@code iommu_dma_iova_link_swiotlb}: bounces head and tail, maps what is between. */
  private int bounceAndLink(
      IovaState state, long phys, long offset, long size, Direction direction) {
    long headPad = offset(phys);
    long tail = offset(phys + size);
    long addr = state.addr + offset;
    long mapped = 0;
    if (headPad != 0) {
      long head = Math.min(size, granule - headPad);
      int error = bounce(addr, phys, head, headPad, direction);
      if (error != 0) {
        return error;
      }
      state.bounced = true;
      mapped = head;
      if (mapped == size) {
        return 0;
      }
    }
    long middle = size - mapped - tail;
    int error = 0;
    if (middle != 0 || !fixedBounce) {
      error = map(addr + mapped, phys + mapped, middle, direction);
      mapped += error == 0 ? middle : 0;
    }
    if (error == 0 && tail != 0) {
      error = bounce(addr + mapped, phys + mapped, tail, 0, direction);
      state.bounced |= error == 0;
    }
    if (error != 0 && !fixedBounce) {
      unlink(state, 0, mapped, direction);
    } else if (error != 0 && mapped != 0) {
      unlink(state, offset, mapped, direction);
    }
    return error;
  }

  /** {@code iommu_dma_iova_bounce_and_link}. */
  private int bounce(long addr, long phys, long size, long pad, Direction direction) {
    long slot = domain.bounce(phys, size);
    if (slot == TwoStepDomain.NO_SLOT) {
      return ENOMEM;
    }
    int error = map(addr - pad, slot - pad, align(size), direction);
    if (error != 0) {
      domain.unbounce(slot, size);
    }
    return error;
  }

  /** {@code __dma_iova_link}. */
  private int map(long iova, long phys, long size, Direction direction) {
    if (!coherent) {
      domain.syncForDevice(phys, size);
    }
    return domain.map(iova, phys, size, prot(direction));
  }

  /** {@code dma_info_to_prot}. */
  private int prot(Direction direction) {
    int cache = coherent ? CACHE : 0;
    return switch (direction) {
      case TO_DEVICE -> cache | READ;
      case FROM_DEVICE -> cache | WRITE;
      case BIDIRECTIONAL -> cache | READ | WRITE;
    };
  }

  /**
   * {@code dma_iova_sync}: publishes what was linked.
   *
   * @return 0 or the error of {@link TwoStepDomain#syncMap}
   */
  public int sync(IovaState state, long offset, long size) {
    long addr = state.addr + offset;
    long pad = offset(addr);
    return domain.syncMap(addr - pad, align(size + pad));
  }

  /**
   * {@code dma_iova_unlink}: takes pieces back, invalidates at once, also in lazy mode, and keeps
   * the IOVA. The range grows to whole granules.
   */
  public void unlink(IovaState state, long offset, long size, Direction direction) {
    clear(state, offset, size, direction, false);
    domain.invalidate();
  }

  /**
   * {@code dma_iova_destroy}: takes back what was linked, and frees as much IOVA as that needs,
   * even where more was allocated.
   *
   * @param mappedLength bytes linked from the start of the batch; 0 frees the IOVA only
   */
  public void destroy(IovaState state, long mappedLength, Direction direction) {
    if (mappedLength == 0) {
      free(state);
      return;
    }
    clear(state, 0, mappedLength, direction, lazy);
    long pages = pages(state, mappedLength);
    long pfn = state.addr >>> shift;
    if (lazy) {
      domain.queue(pfn, pages);
    } else {
      domain.invalidate();
      domain.free(pfn, pages);
    }
  }

  /** {@code dma_iova_free}: frees the IOVA at once, also in lazy mode; nothing may be linked. */
  public void free(IovaState state) {
    domain.free(state.addr >>> shift, pages(state, state.size));
  }

  /**
   * Granules of IOVA that a batch takes, or that {@link #destroy} frees.
   *
   * @param bytes from its start
   */
  public long pages(IovaState state, long bytes) {
    return pages(bytes + offset(state.addr));
  }

  /**
   * The part of {@code __iommu_dma_iova_unlink} before the units are told, for callers to whom that
   * takes time: {@link #unlink} and {@link #destroy} begin with it.
   *
   * @param queued whether the flush queue will have the domain flushed
   */
  public void clear(IovaState state, long offset, long size, Direction direction, boolean queued) {
    long addr = state.addr + offset;
    if (state.bounced || !coherent) {
      clearBounces(addr, size);
    }
    long pad = offset(addr);
    long whole = align(size + pad);
    if (domain.unmap(addr - pad, whole, queued) != whole) {
      domain.warn();
    }
  }

  /** {@code iommu_dma_iova_unlink_range_slow}: granule by granule, at least one. */
  private void clearBounces(long addr, long size) {
    long at = addr;
    long end = addr + size;
    do {
      long phys = domain.physical(at);
      if (phys == 0) {
        domain.warn();
        return;
      }
      long bytes = Math.min(end - at, granule - offset(at));
      if (!coherent) {
        domain.syncForCpu(phys, bytes);
      }
      domain.unbounce(phys, bytes);
      at += bytes;
    } while (Long.compareUnsigned(at, end) < 0);
  }

  private long offset(long address) {
    return address & granule - 1;
  }

  private long align(long size) {
    return size + granule - 1 & -granule;
  }

  private long pages(long bytes) {
    return align(bytes) >>> shift;
  }
}
