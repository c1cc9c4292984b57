package dev.mapstorm.load.trace;

import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.MapApi;
import java.util.Arrays;

/**
 * What a client asked for in a traced machine. It can be asked again under another policy: what the
 * traced machine's policy decided is not in it, but for the address that a map had, which may be
 * left out of account.
 */
public sealed interface TraceRequest {

  /**
   * Number of the map in its trace, from 0, in order of appearance; an unmap carries that of the
   * map it takes back.
   */
  long id();

  /**
   * Instant in nanoseconds on the clock of the trace; never less than that of the request before.
   */
  long timeNs();

  /** The CPU that executed it. */
  int cpu();

  /** The device, by the name that the kernel gives it (for PCI its BDF, {@code 0000:00:03.0}). */
  String device();

  /**
   * Memory is mapped. The instant is that of the {@code dma:*} line, just after the act.
   *
   * @param id number of this map
   * @param timeNs instant
   * @param cpu executing CPU
   * @param device the device
   * @param direction direction of the transfer
   * @param kind {@code PAGE}, {@code SG} or {@code COHERENT}; {@code IOMMU} if the client chose the
   *     address itself
   * @param phys physical start of each segment. Of a coherent allocation without page-table events,
   *     the DMA address, which then is the physical one
   * @param len bytes of each segment, at least 1
   * @param iova the granule's address at which it was mapped, or -1 where that is not known; maps
   *     that differ in nothing else are equal
   * @param stands whether it was mapped before the trace begins, which only its unmap tells. It
   *     comes right before that, with the same instant and CPU. Its physical address is not known:
   *     {@code phys} is the DMA address
   */
  record Map(
      long id,
      long timeNs,
      int cpu,
      String device,
      Direction direction,
      MapApi kind,
      long[] phys,
      int[] len,
      long iova,
      boolean stands)
      implements TraceRequest {

    /** A map that the trace shows. */
    public Map(
        long id,
        long timeNs,
        int cpu,
        String device,
        Direction direction,
        MapApi kind,
        long[] phys,
        int[] len,
        long iova) {
      this(id, timeNs, cpu, device, direction, kind, phys, len, iova, false);
    }

    /** Granules of all segments, each by itself. */
    public long granules() {
      long sum = 0;
      for (int i = 0; i < len.length; i++) {
        sum += Granule.spanned(phys[i], len[i]);
      }
      return sum;
    }

    /** Bytes of all segments. */
    public long bytes() {
      long sum = 0;
      for (int bytes : len) {
        sum += bytes;
      }
      return sum;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Map that
          && id == that.id
          && timeNs == that.timeNs
          && cpu == that.cpu
          && device.equals(that.device)
          && direction == that.direction
          && kind == that.kind
          && Arrays.equals(phys, that.phys)
          && Arrays.equals(len, that.len);
    }

    @Override
    public int hashCode() {
      return Long.hashCode(id);
    }

    @Override
    public String toString() {
      StringBuilder segments = new StringBuilder();
      for (int i = 0; i < phys.length; i++) {
        segments.append(i == 0 ? "" : ",").append("0x%x+%d".formatted(phys[i], len[i]));
      }
      return "Map[id=%d, timeNs=%d, cpu=%d, device=%s, direction=%s, kind=%s, {%s}]"
          .formatted(id, timeNs, cpu, device, direction, kind, segments);
    }
  }

  /**
   * A map is taken back. The instant is that of the {@code dma:*} line: just after the act for a
   * page, just before it for a list or a coherent allocation (that is where the kernel logs them).
   *
   * @param id number of the map
   * @param timeNs instant
   * @param cpu executing CPU, often another than that of the map
   * @param device the device
   */
  record Unmap(long id, long timeNs, int cpu, String device) implements TraceRequest {}
}
