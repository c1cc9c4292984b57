package dev.mapstorm.actors.backend.swiotlb;

import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.model.lock.SpinLock;
import dev.mapstorm.actors.model.swiotlb.BounceBuffer;
import dev.mapstorm.actors.model.swiotlb.IoTlbPool;
import dev.mapstorm.actors.model.swiotlb.SearchLog;
import dev.mapstorm.actors.model.swiotlb.Swiotlb;
import dev.mapstorm.protocol.LockClass;
import java.util.Arrays;

/**
 * The locks of the areas of all pools (L10), each made when it is first taken, and the time under
 * them. A transient pool belongs to one CPU, so nobody contends for its lock. Not thread-safe.
 */
final class AreaLocks {
  private final int domain;
  private final SwiotlbCosts costs;
  private final Swiotlb swiotlb;
  private final HostContext host;

  /** By place of the pool, then by area. */
  private SpinLock[][] locks = new SpinLock[1][];

  AreaLocks(int domain, SwiotlbCosts costs, Swiotlb swiotlb, HostContext host) {
    this.domain = domain;
    this.costs = costs;
    this.swiotlb = swiotlb;
    this.host = host;
  }

  /** The areas that the last search went through were locked, one after the other. */
  void searched(SwiotlbCall call, boolean found) {
    SearchLog log = swiotlb.search();
    for (int i = 0; i < log.areas(); i++) {
      boolean last = i == log.areas() - 1;
      long ns = log.checked(i) * costs.bounceCheck() + (last && found ? costs.bounceAlloc() : 0);
      hold(call, log.pool(i), log.area(i), ns);
    }
  }

  /** Slots are given back. */
  void released(SwiotlbCall call, BounceBuffer bounce) {
    hold(call, bounce.pool(), bounce.area(), costs.bounceFree());
  }

  private void hold(SwiotlbCall call, IoTlbPool pool, int area, long ns) {
    if (pool.isTransient()) {
      call.at += ns;
    } else {
      call.at = lock(swiotlb.place(pool), area, pool.areas()).hold(call.at, call, ns) + ns;
    }
  }

  private SpinLock lock(int place, int area, int areas) {
    if (place >= locks.length) {
      locks = Arrays.copyOf(locks, place + 1);
    }
    if (locks[place] == null) {
      locks[place] = new SpinLock[areas];
    }
    SpinLock lock = locks[place][area];
    if (lock == null) {
      int instance = LockClass.instance(domain, area, place);
      lock = new SpinLock(LockClass.SWIOTLB_AREA, instance, host.events(), host.locks());
      locks[place][area] = lock;
    }
    return lock;
  }
}
