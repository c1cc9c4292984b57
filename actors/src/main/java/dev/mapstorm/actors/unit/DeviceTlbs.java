package dev.mapstorm.actors.unit;

import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.protocol.message.DeviceMessage;
import dev.mapstorm.protocol.message.IommuMessage;
import java.util.Arrays;

/**
 * What a unit has told the TLBs of devices (ATS) to forget and has no answer to, in the order in
 * which it told them. The time for an answer is watched of the oldest only. Not thread-safe.
 */
final class DeviceTlbs {
  private final int iommu;
  private final HostContext host;
  private TlbRequest[] outstanding = new TlbRequest[8];
  private int size;
  private long turns;
  private boolean timing;

  DeviceTlbs(int iommu, HostContext host) {
    this.iommu = iommu;
    this.host = host;
  }

  /**
   * Tells all devices of the invalidation's domain after {@code delay}.
   *
   * @param pages from {@code pfn}; 0 for all
   */
  void tell(PostedInvalidation of, long pfn, long pages, long delay) {
    for (int device : host.ats().of(iommu, of.domain())) {
      tell(of, device, pfn, pages, delay);
    }
  }

  /** Tells one device after {@code delay}. */
  void tell(PostedInvalidation of, int device, long pfn, long pages, long delay) {
    TlbRequest request = new TlbRequest(++turns, of, device, host.clock().now() + delay);
    if (size == outstanding.length) {
      outstanding = Arrays.copyOf(outstanding, size * 2);
    }
    outstanding[size++] = request;
    host.clock()
        .send(
            delay,
            host.layout().device(device),
            new DeviceMessage.InvalidateTlb(iommu, request.turn, request.ticket, pfn, pages));
    watch();
  }

  private void watch() {
    if (!timing && size > 0) {
      timing = true;
      TlbRequest oldest = outstanding[0];
      long at = oldest.sentAt + host.ats().timeoutNs(oldest.device);
      host.clock()
          .send(
              Math.max(0, at - host.clock().now()),
              host.layout().iommu(iommu),
              new IommuMessage.TlbTimeout(oldest.turn));
    }
  }

  /** Takes out what was answered; null if nobody waits for that any more. */
  TlbRequest answered(long turn) {
    for (int i = 0; i < size; i++) {
      if (outstanding[i].turn == turn) {
        return remove(i);
      }
    }
    return null;
  }

  /** The time of a request is over: takes it out if there is no answer; else null. */
  TlbRequest timedOut(long turn) {
    timing = false;
    TlbRequest late = size > 0 && outstanding[0].turn == turn ? remove(0) : null;
    watch();
    return late;
  }

  private TlbRequest remove(int at) {
    TlbRequest removed = outstanding[at];
    size--;
    System.arraycopy(outstanding, at + 1, outstanding, at, size - at);
    outstanding[size] = null;
    return removed;
  }

  /** Forgets all that is outstanding: answers that still come are for nobody. */
  void abort() {
    Arrays.fill(outstanding, 0, size, null);
    size = 0;
  }

  /** Whether there is no answer to something. */
  boolean isWaiting() {
    return size > 0;
  }

  /** The device that the unit has waited for longest. */
  int oldestDevice() {
    return outstanding[0].device;
  }

  /** Whether there is no answer to something that was posted with an invalidation or before it. */
  boolean holdsUp(PostedInvalidation each) {
    return size > 0 && outstanding[0].ticket <= each.ticket();
  }
}
