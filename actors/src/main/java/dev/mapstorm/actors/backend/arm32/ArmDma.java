package dev.mapstorm.actors.backend.arm32;

import dev.mapstorm.actors.backend.window.WindowBackend;
import dev.mapstorm.actors.backend.window.WindowMapping;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.model.arm32.ArmDmaCall;
import dev.mapstorm.actors.model.arm32.IovaBitmaps;
import dev.mapstorm.actors.model.lock.SpinLock;
import dev.mapstorm.actors.unit.DomainOps;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.IovaDestination;
import dev.mapstorm.protocol.IovaSource;
import dev.mapstorm.protocol.LockClass;

/**
 * {@code arm_iommu_*} (arch/arm/mm/dma-mapping.c) in virtual time: {@link ArmDmaCall} says what is
 * done, {@link IovaBitmaps} where, this when and at what cost. All bitmaps are under one lock
 * (L11). Each {@code iommu_map} tells the units by itself, each {@code iommu_unmap} makes them
 * forget and waits.
 *
 * <p>Physical addresses are split into page and offset, as {@code map_phys} of Linux 7 does.
 */
final class ArmDma extends WindowBackend<ArmCall> {
  private final ArmDmaCosts costs;
  private final long maxSegmentBytes;
  private final IovaBitmaps bitmaps;
  private final SpinLock lock;

  ArmDma(int domain, ArmDmaSpec spec, DomainOps.Maker ops, HostContext host) {
    super(domain, spec.format(), ops, host);
    costs = spec.costs();
    maxSegmentBytes = spec.maxSegmentBytes();
    bitmaps = new IovaBitmaps(spec.base(), spec.size(), spec.alignOrder());
    lock =
        new SpinLock(
            LockClass.ARM_MAPPING, LockClass.instance(domain, 0, 0), host.events(), host.locks());
  }

  @Override
  protected ArmCall newCall() {
    return new ArmCall();
  }

  @Override
  protected void beginPage(ArmCall call, long phys, int length) {
    call.steps.mapPage(page(phys), Granule.offset(phys), length);
  }

  @Override
  protected void beginList(ArmCall call, long[] phys, int[] length) {
    begin(call, phys, length, maxSegmentBytes);
  }

  /** Coherent memory is one range ({@code __iommu_create_mapping}), whatever the device's limit. */
  @Override
  protected void beginCoherent(ArmCall call, long[] phys, int[] length) {
    begin(call, phys, length, 0xffff_ffffL);
  }

  private static void begin(ArmCall call, long[] phys, int[] length, long maxBytes) {
    call.steps.beginList(maxBytes);
    for (int i = 0; i < phys.length; i++) {
      call.steps.add(page(phys[i]), Granule.offset(phys[i]), length[i]);
    }
    call.steps.mapSg();
  }

  private static long page(long phys) {
    return phys & -Granule.BYTES;
  }

  @Override
  protected void beginUnmap(ArmCall call, WindowMapping mapping) {
    long[] vectors = mapping.vectors();
    if (mapping.page()) {
      call.steps.unmapPage(vectors[0], vectors[1]);
    } else {
      call.steps.unmapSg(vectors);
    }
  }

  @Override
  protected boolean step(ArmCall call) {
    ArmDmaCall steps = call.steps;
    return switch (steps.step()) {
      case ALLOCATE -> isDue(call) && allocate(call);
      case MAP -> {
        boolean on = map(call, Granule.pfn(steps.iova()), steps.phys(), pages(call));
        if (on) {
          steps.mapped(0);
        }
        yield on;
      }
      case UNMAP -> {
        clear(call, Granule.pfn(steps.iova()), pages(call));
        yield false;
      }
      case RELEASE -> isDue(call) && release(call);
      case DONE -> {
        if (steps.error() == 0) {
          done(call, steps.vectors());
        } else {
          failed(call);
        }
        yield false;
      }
    };
  }

  private static long pages(ArmCall call) {
    return Granule.pages(call.steps.bytes());
  }

  private boolean allocate(ArmCall call) {
    int before = bitmaps.bitmaps();
    long address = bitmaps.allocate(call.steps.bytes());
    int made = bitmaps.bitmaps() - before;
    spend(
        call,
        lock,
        bitmaps.searched() * costs.bitmapSearch()
            + bitmaps.scanned() * costs.bitmapWord()
            + made * costs.bitmapNew());
    if (address != IovaBitmaps.FAILED) {
      IovaSource source = made > 0 ? IovaSource.NEW_BITMAP : IovaSource.BITMAP;
      allocated(call, Granule.pfn(address), pages(call), source, bitmaps.scanned());
    }
    call.steps.allocated(address);
    return true;
  }

  private boolean release(ArmCall call) {
    bitmaps.free(call.steps.iova(), call.steps.bytes());
    freed(call, Granule.pfn(call.steps.iova()), pages(call), IovaDestination.BITMAP);
    spend(call, lock, costs.bitmapClear());
    call.steps.released();
    return true;
  }

  @Override
  protected void synced(ArmCall call, boolean mapped) {
    if (mapped) {
      call.steps.mapped(0);
    } else {
      call.steps.unmapped();
    }
  }
}
