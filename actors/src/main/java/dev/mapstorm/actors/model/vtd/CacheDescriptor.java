package dev.mapstorm.actors.model.vtd;

/**
 * An invalidation of an IOTLB or of a device's TLB with its operands, and its words as Linux writes
 * them ({@code qi_desc_iotlb}, {@code qi_desc_piotlb}, {@code qi_desc_dev_iotlb}, {@code
 * qi_desc_dev_iotlb_pasid} of {@code drivers/iommu/intel/iommu.h}). Set by {@link CacheTags};
 * reusable, not thread safe.
 */
public final class CacheDescriptor {
  /** What is to be forgotten. */
  public enum Kind {
    /** A block of pages of a domain. */
    IOTLB_PSI,
    /** A whole domain. */
    IOTLB_DSI,
    /** A block of pages of a domain and PASID. */
    PIOTLB_PSI,
    /** All of a domain and PASID. */
    PIOTLB_PASID,
    /** A block of pages in a device's TLB. */
    DEVTLB,
    /** A block of pages of a PASID in a device's TLB. */
    PDEVTLB
  }

  /** {@code MAX_AGAW_PFN_WIDTH}: the order that stands for the whole address space. */
  public static final int ALL = 52;

  private static final int PIOTLB_TYPE = 0x6;
  private static final int DEVTLB_TYPE = 0x3;
  private static final int PDEVTLB_TYPE = 0x8;
  private static final int GRANULARITY_SHIFT = 4;
  private static final int GRANULARITY_PASID = 2;
  private static final int GRANULARITY_PAGES = 3;
  private static final long PAGE_ADDRESS = -1L << 12;
  private static final int MAX_QUEUE_DEPTH = 32;

  private final InvalidationDescriptor iotlb;
  private Kind kind = Kind.IOTLB_DSI;
  private int domainId;
  private int pasid;
  private int sourceId;
  private int pfSourceId;
  private int depth;
  private long address;
  private int order;
  private boolean leafOnly;
  private long qw0;
  private long qw1;

  /**
   * Of units that drain, or not.
   *
   * @param drainWrites capability bit 54
   * @param drainReads capability bit 55
   */
  CacheDescriptor(boolean drainWrites, boolean drainReads) {
    iotlb = new InvalidationDescriptor(drainWrites, drainReads);
  }

  /** What is to be forgotten. */
  public Kind kind() {
    return kind;
  }

  /** Domain id of an IOTLB invalidation. */
  public int domainId() {
    return domainId;
  }

  /** PASID, of the kinds that have one. */
  public int pasid() {
    return pasid;
  }

  /** Requester id of the device. */
  public int sourceId() {
    return sourceId;
  }

  /** Requester id of its physical function, 0 if it is none's. */
  public int pfSourceId() {
    return pfSourceId;
  }

  /** Invalidations that the device can have pending, as told: 0 for 32. */
  public int depth() {
    return depth;
  }

  /** First address. */
  public long address() {
    return address;
  }

  /** Base-two logarithm of the pages; {@link #ALL} for the whole space of a device's TLB. */
  public int order() {
    return order;
  }

  /** The hint that only leaves have to be forgotten (IH). */
  public boolean leafOnly() {
    return leafOnly;
  }

  /** First quad word. */
  public long qw0() {
    return qw0;
  }

  /** Second quad word. */
  public long qw1() {
    return qw1;
  }

  void pages(int did, PsiRange range, boolean ih) {
    boolean whole = range.domainSelective();
    kind = whole ? Kind.IOTLB_DSI : Kind.IOTLB_PSI;
    domainId = did;
    address = whole ? 0 : range.address();
    order = whole ? 0 : range.order();
    leafOnly = ih && !whole;
    iotlb.iotlb(did, range, ih);
    qw0 = iotlb.qw0();
    qw1 = iotlb.qw1();
  }

  void pasidPages(int did, int withPasid, long first, int pages, boolean ih) {
    kind = Kind.PIOTLB_PSI;
    piotlb(did, withPasid, GRANULARITY_PAGES);
    address = first;
    order = pages;
    leafOnly = ih;
    qw1 = first & PAGE_ADDRESS | (ih ? 1L << 6 : 0) | pages & 0x3f;
  }

  void pasidAll(int did, int withPasid) {
    kind = Kind.PIOTLB_PASID;
    piotlb(did, withPasid, GRANULARITY_PASID);
    address = 0;
    order = 0;
    leafOnly = false;
    qw1 = 0;
  }

  private void piotlb(int did, int withPasid, int granularity) {
    domainId = did;
    pasid = withPasid;
    qw0 =
        (long) withPasid << 32
            | (long) did << 16
            | (long) granularity << GRANULARITY_SHIFT
            | PIOTLB_TYPE;
  }

  void device(int sid, int pfsid, int queueDepth, long first, int pages) {
    kind = Kind.DEVTLB;
    of(sid, pfsid, queueDepth, first, pages);
    pasid = 0;
    qw0 = (long) sid << 32 | (long) (told(queueDepth) & 0x1f) << 16 | DEVTLB_TYPE | pf(pfsid);
    qw1 =
        pages == 0 ? first & PAGE_ADDRESS : (first | (1L << 12 + pages - 1) - 1) & PAGE_ADDRESS | 1;
  }

  void devicePasid(int sid, int pfsid, int withPasid, int queueDepth, long first, int pages) {
    kind = Kind.PDEVTLB;
    of(sid, pfsid, queueDepth, first, pages);
    pasid = withPasid;
    qw0 =
        (long) withPasid << 32
            | (long) sid << 16
            | (long) (queueDepth & 0x1f) << 4
            | PDEVTLB_TYPE
            | pf(pfsid);
    qw1 = first & PAGE_ADDRESS;
    if (pages != 0) {
      long below = -1L >>> Long.SIZE - 12 - pages & PAGE_ADDRESS;
      qw1 = (qw1 | below) & ~(1L << 12 + pages - 1) | 1L << 11;
    }
  }

  private void of(int sid, int pfsid, int queueDepth, long first, int pages) {
    sourceId = sid;
    pfSourceId = pfsid;
    depth = queueDepth;
    address = first;
    order = pages;
    leafOnly = false;
  }

  private static int told(int queueDepth) {
    return queueDepth >= MAX_QUEUE_DEPTH ? 0 : queueDepth;
  }

  /** {@code QI_DEV_IOTLB_PFSID}. */
  private static long pf(int pfsid) {
    return (long) (pfsid & 0xf) << 12 | (long) (pfsid >>> 4 & 0xfff) << 52;
  }
}
