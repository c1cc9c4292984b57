package dev.mapstorm.actors.backend.powerpc;

import dev.mapstorm.actors.backend.window.WindowBackend;
import dev.mapstorm.actors.backend.window.WindowMapping;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.model.lock.SpinLock;
import dev.mapstorm.actors.model.tce.DeviceReach;
import dev.mapstorm.actors.model.tce.IommuTable;
import dev.mapstorm.actors.model.tce.TceCall;
import dev.mapstorm.actors.spec.DeviceSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.unit.DomainOps;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.IovaDestination;
import dev.mapstorm.protocol.IovaSource;
import dev.mapstorm.protocol.LockClass;

/**
 * {@code iommu_map_page}, {@code ppc_iommu_map_sg} and the others of arch/powerpc/kernel/iommu.c in
 * virtual time: {@link TceCall} says what is done, {@link IommuTable} where, this when and at what
 * cost. Every pool has a lock (L12), of which one is held at a time; those that an allocation turns
 * to after its first are entered ahead of the clock.
 *
 * <p>The platform's table needs no flush ({@code it_ops->flush} is for DART and its like). Where
 * Linux would search for ever, for a range longer than the segment boundary, the call fails. Memory
 * that is coherent but not contiguous is mapped as a list.
 */
final class TceDma extends WindowBackend<PowerCall> {
  /** Entries that fit the page in which a list is handed to the hypervisor. */
  private static final int TCES_OF_A_CALL = 512;

  private final TceDmaCosts costs;

  /** By client, since its device decides. */
  private final long[] masks;

  private final long[] coherentMasks;
  private final long segBoundaryMask;
  private final long maxSegSize;
  private final IommuTable table;
  private final SpinLock[] poolLocks;

  TceDma(int domain, TceDmaSpec spec, HostSpec host, DomainOps.Maker ops, HostContext context) {
    super(domain, spec.format(), ops, context);
    costs = spec.costs();
    segBoundaryMask = spec.reach().segBoundaryMask();
    maxSegSize = spec.reach().maxSegSize();
    table = new IommuTable(spec.window());
    poolLocks = new SpinLock[table.pools() + 1];
    for (int pool = 0; pool < poolLocks.length; pool++) {
      poolLocks[pool] =
          new SpinLock(
              LockClass.TCE_POOL,
              LockClass.instance(domain, 0, pool),
              context.events(),
              context.locks());
    }
    int clients = host.clients().size();
    masks = new long[clients];
    coherentMasks = new long[clients];
    for (int client = 0; client < clients; client++) {
      DeviceSpec device = host.devices().get(host.clients().get(client).device());
      masks[client] = mask(device.limitPfn(), spec.reach().mask());
      coherentMasks[client] = mask(device.coherentLimitPfn(), spec.reach().mask());
    }
  }

  /** The narrower of a device's mask and what all devices of the domain reach. */
  private static long mask(long limitPfn, long most) {
    return limitPfn >= most >>> Granule.SHIFT ? most : ((limitPfn + 1) << Granule.SHIFT) - 1;
  }

  private DeviceReach reach(PowerCall call) {
    return new DeviceReach(masks[call.client], segBoundaryMask, maxSegSize);
  }

  @Override
  protected PowerCall newCall() {
    return new PowerCall();
  }

  @Override
  protected void beginPage(PowerCall call, long phys, int length) {
    call.steps.mapPage(table, reach(call), phys, length);
  }

  @Override
  protected void beginList(PowerCall call, long[] phys, int[] length) {
    call.steps.beginList(table, reach(call));
    for (int i = 0; i < phys.length; i++) {
      call.steps.add(phys[i], length[i]);
    }
    call.steps.mapSg();
  }

  @Override
  protected void beginCoherent(PowerCall call, long[] phys, int[] length) {
    if (phys.length == 1 && Granule.offset(phys[0]) == 0) {
      DeviceReach reach = new DeviceReach(coherentMasks[call.client], segBoundaryMask, maxSegSize);
      call.steps.allocCoherent(table, reach, phys[0], length[0]);
    } else {
      beginList(call, phys, length);
    }
  }

  @Override
  protected void beginUnmap(PowerCall call, WindowMapping mapping) {
    call.steps.unmapSg(table, mapping.vectors());
  }

  @Override
  protected boolean step(PowerCall call) {
    TceCall steps = call.steps;
    return switch (steps.step()) {
      case ALLOCATE -> isDue(call) && allocate(call);
      case SET -> {
        call.at += hypercalls(steps.count());
        boolean on = map(call, steps.entry(), steps.phys(), steps.count());
        if (on) {
          steps.set(false);
        }
        yield on;
      }
      case CLEAR -> {
        clear(call, steps.entry(), steps.count());
        yield false;
      }
      case RELEASE -> isDue(call) && release(call);
      case FLUSH -> {
        steps.flushed();
        yield true;
      }
      case DONE -> {
        if (steps.failed()) {
          failed(call);
        } else {
          done(call, steps.vectors());
        }
        yield false;
      }
    };
  }

  /** {@code tce_buildmulti_pSeriesLP}, arch/powerpc/platforms/pseries/iommu.c. */
  private long hypercalls(long entries) {
    long calls = (entries + TCES_OF_A_CALL - 1) / TCES_OF_A_CALL;
    return calls * costs.hypercall() + entries * costs.hypercallTce();
  }

  private boolean allocate(PowerCall call) {
    TceCall steps = call.steps;
    if (steps.mayHang() || !steps.reachesWindow()) {
      steps.refuse();
      return true;
    }
    int preferred = table.poolOf(IommuTable.poolHash(call.cpu));
    long words = 0;
    steps.allocate(preferred);
    for (int turn = 0; turn < table.turns(); turn++) {
      long scanned = table.turnScanned(turn);
      words += scanned;
      spend(call, poolLocks[table.turnPool(turn)], costs.poolSearch() + scanned * costs.poolWord());
    }
    if (steps.step() == TceCall.Step.SET) {
      IovaSource source = table.turns() == 1 ? IovaSource.POOL : IovaSource.OTHER_POOL;
      allocated(call, steps.entry(), steps.count(), source, words);
    }
    return true;
  }

  private boolean release(PowerCall call) {
    TceCall steps = call.steps;
    freed(call, steps.entry(), steps.count(), IovaDestination.POOL);
    spend(call, poolLocks[steps.pool()], costs.poolClear());
    steps.release();
    return true;
  }

  @Override
  protected void synced(PowerCall call, boolean mapped) {
    if (mapped) {
      call.steps.set(false);
    } else {
      call.steps.cleared();
    }
  }
}
