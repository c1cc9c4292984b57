package dev.mapstorm.actors.model.vtd;

import java.util.ArrayList;
import java.util.List;

/**
 * The caches of a domain and how they are made to forget a range: {@code cache_tag_flush_range},
 * {@code cache_tag_flush_all} and {@code cache_tag_flush_range_np} of {@code
 * drivers/iommu/intel/cache.c}, under the domain's {@code cache_lock}. Descriptors are collected in
 * the order of the tags and submitted when there are 16, when the next tag belongs to another unit,
 * and at the end. Addresses in bytes, unsigned. Not thread safe.
 */
public final class CacheTags {
  /** {@code QI_MAX_BATCHED_DESC_COUNT}. */
  public static final int BATCH = 16;

  /**
   * What all units of the domain can do, and what its tables are.
   *
   * @param release whose driver it is
   * @param firstStage whether its tables are of the first stage, whose entries a PASID tags
   * @param pageSelective whether units invalidate blocks of pages at all (PSI)
   * @param maxOrder largest order of such a block (MAMV)
   * @param drainWrites whether units drain writes
   * @param drainReads whether units drain reads
   * @param queued whether units have a queue; else only IOTLBs are invalidated, through registers
   * @param enabled whether translation is on (TE); else devices are left alone
   * @param cachingMode whether units cache entries that are not present
   * @param writeBuffer whether units need their write buffer flushed (RWBF)
   */
  public record Setting(
      VtdRelease release,
      boolean firstStage,
      boolean pageSelective,
      int maxOrder,
      boolean drainWrites,
      boolean drainReads,
      boolean queued,
      boolean enabled,
      boolean cachingMode,
      boolean writeBuffer) {}

  /**
   * A device with ATS.
   *
   * @param sourceId requester id
   * @param pfSourceId that of its physical function, 0 if it is none's
   * @param queueDepth invalidations that it can have pending, 1 to 32
   * @param extraFlush whether every invalidation is sent twice ({@code dtlb_extra_inval})
   */
  public record AtsDevice(int sourceId, int pfSourceId, int queueDepth, boolean extraFlush) {}

  private final Setting setting;
  private final CacheTag[] tags;
  private final AtsDevice[] devices;
  private final PsiRange range;
  private final CacheDescriptor descriptor;
  private long address;
  private int order;
  private int batched;

  /**
   * Of a domain.
   *
   * @param tags in the order of attachment. Linux 7.2 keeps those of a unit together: a new tag
   *     goes after the last of its unit, that of a new unit before all others ({@code
   *     cache_tag_assign})
   * @param devices that the tags number; not copied
   */
  public CacheTags(Setting setting, CacheTag[] tags, AtsDevice[] devices) {
    this.setting = setting;
    this.tags = setting.release() == VtdRelease.LINUX_7_2 ? unitsTogether(tags) : tags.clone();
    this.devices = devices;
    range = new PsiRange(setting.maxOrder(), setting.pageSelective());
    descriptor = new CacheDescriptor(setting.drainWrites(), setting.drainReads());
  }

  private static CacheTag[] unitsTogether(CacheTag[] attached) {
    List<CacheTag> list = new ArrayList<>();
    for (CacheTag tag : attached) {
      int after = 0;
      for (int i = 0; i < list.size(); i++) {
        after = list.get(i).unit() == tag.unit() ? i + 1 : after;
      }
      list.add(after, tag);
    }
    return list.toArray(CacheTag[]::new);
  }

  /**
   * {@code cache_tag_flush_range}.
   *
   * @param start first address
   * @param end last address, inclusive
   * @param leafOnly the invalidation hint: no table page was freed
   */
  public void flushRange(long start, long end, boolean leafOnly, CacheTagSink sink) {
    cover(start, end);
    int unit = -1;
    for (CacheTag tag : tags) {
      unit = turnTo(tag.unit(), unit, sink);
      if (!tag.type().ofDevice()) {
        flushIotlb(tag, leafOnly, sink);
      } else if (tag.type() == CacheTag.Type.DEVTLB) {
        flushDevice(tag, tag.pasid(), address, order, sink);
      } else {
        if (setting.release() == VtdRelease.LINUX_7_2) {
          coverAll();
        }
        flushDevice(tag, tag.pasid(), 0, CacheDescriptor.ALL, sink);
      }
    }
    submit(unit, sink);
  }

  /** {@code cache_tag_flush_all}. */
  public void flushAll(CacheTagSink sink) {
    coverAll();
    int unit = -1;
    for (CacheTag tag : tags) {
      unit = turnTo(tag.unit(), unit, sink);
      if (!tag.type().ofDevice()) {
        flushIotlb(tag, false, sink);
      } else {
        int pasid = setting.release() == VtdRelease.LINUX_7_2 ? tag.pasid() : 0;
        flushDevice(tag, pasid, 0, CacheDescriptor.ALL, sink);
      }
    }
    submit(unit, sink);
  }

  /** {@code cache_tag_flush_range_np}: after entries were written where there were none. */
  public void flushRangeNp(long start, long end, CacheTagSink sink) {
    cover(start, end);
    int unit = -1;
    for (CacheTag tag : tags) {
      unit = turnTo(tag.unit(), unit, sink);
      if (!setting.cachingMode() || setting.firstStage()) {
        if (setting.writeBuffer()) {
          sink.writeBuffer(unit);
        }
      } else if (!tag.type().ofDevice()) {
        flushIotlb(tag, false, sink);
      }
    }
    submit(unit, sink);
  }

  private void cover(long start, long end) {
    if (start == 0 && end == -1L) {
      coverAll();
    } else {
      range.cover(start, end);
      address = range.address();
      order = range.order();
    }
  }

  private void coverAll() {
    range.coverAll();
    address = 0;
    order = CacheDescriptor.ALL;
  }

  private int turnTo(int next, int unit, CacheTagSink sink) {
    if (unit >= 0 && unit != next) {
      submit(unit, sink);
    }
    return next;
  }

  /** {@code cache_tag_flush_iotlb}. */
  private void flushIotlb(CacheTag tag, boolean leafOnly, CacheTagSink sink) {
    if (setting.firstStage()) {
      if (order >= CacheDescriptor.ALL) {
        descriptor.pasidAll(tag.domainId(), tag.pasid());
      } else {
        descriptor.pasidPages(tag.domainId(), tag.pasid(), address, order, leafOnly);
      }
    } else {
      descriptor.pages(tag.domainId(), range, leafOnly);
      if (!setting.queued()) {
        sink.register(tag.unit(), descriptor);
        return;
      }
    }
    add(tag.unit(), sink);
  }

  /** {@code cache_tag_flush_devtlb_psi}. */
  private void flushDevice(CacheTag tag, int pasid, long first, int pages, CacheTagSink sink) {
    if (!setting.enabled()) {
      return;
    }
    AtsDevice device = devices[tag.device()];
    for (int times = device.extraFlush() ? 2 : 1; times > 0; times--) {
      if (pasid == 0) {
        descriptor.device(
            device.sourceId(), device.pfSourceId(), device.queueDepth(), first, pages);
      } else {
        descriptor.devicePasid(
            device.sourceId(), device.pfSourceId(), pasid, device.queueDepth(), first, pages);
      }
      add(tag.unit(), sink);
    }
  }

  private void add(int unit, CacheTagSink sink) {
    sink.descriptor(descriptor);
    if (++batched == BATCH) {
      submit(unit, sink);
    }
  }

  private void submit(int unit, CacheTagSink sink) {
    if (batched > 0) {
      sink.submit(unit);
      batched = 0;
    }
  }
}
