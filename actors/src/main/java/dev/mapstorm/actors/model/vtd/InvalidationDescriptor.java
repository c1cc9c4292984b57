package dev.mapstorm.actors.model.vtd;

/**
 * A VT-d invalidation descriptor: its first two quad words, as the {@code qi_submit} event of Linux
 * prints them (the other two are 0 for all that is made here). Layout: {@code qi_desc_iotlb} and
 * {@code qi_submit_sync}, {@code drivers/iommu/intel/iommu.h} and {@code dmar.c} in Linux 6.12.
 *
 * <p>IOTLB invalidation, first word: type 2, granularity in bits 5:4 (1 global, 2 domain, 3 pages),
 * drain writes bit 6, drain reads bit 7, domain id bits 31:16. Second word: address mask (order)
 * bits 5:0, invalidation hint bit 6, page address from bit 12.
 *
 * <p>Reusable; not thread safe. Two descriptors with the same words are equal only by {@link
 * #sameAs}.
 */
public final class InvalidationDescriptor {
  private static final int GRANULARITY_SHIFT = 4;
  private static final long DRAIN_WRITES = 1L << 6;
  private static final long DRAIN_READS = 1L << 7;
  private static final int DOMAIN_SHIFT = 16;
  private static final long ADDRESS_MASK = 0x3f;
  private static final long HINT = 1L << 6;
  private static final long PAGE_ADDRESS = -1L << 12;
  private static final long WAIT_STATUS_WRITE = 1L << 5;
  private static final int WAIT_STATUS_SHIFT = 32;

  /** {@code QI_DONE}: the status that Linux has a wait descriptor write. */
  private static final long DONE = 2;

  private final boolean drainWrites;
  private final boolean drainReads;
  private long qw0;
  private long qw1;

  /** Of a unit that drains reads and writes, as all common units do. */
  public InvalidationDescriptor() {
    this(true, true);
  }

  /**
   * @param drainWrites whether the unit supports write draining (capability bit 54)
   * @param drainReads whether the unit supports read draining (capability bit 55)
   */
  public InvalidationDescriptor(boolean drainWrites, boolean drainReads) {
    this.drainWrites = drainWrites;
    this.drainReads = drainReads;
  }

  /**
   * Becomes the invalidation that {@code cache_tag_flush_iotlb} submits for a range.
   *
   * @param domainId hardware's id of the domain, 16 bits
   * @param leafOnly the invalidation hint: no table page was freed; not told to the hardware when
   *     the range is domain-selective
   */
  public void iotlb(int domainId, PsiRange range, boolean leafOnly) {
    if (range.domainSelective()) {
      iotlb(domainId, DescriptorKind.IOTLB_DOMAIN, 2);
      qw1 = 0;
    } else {
      iotlb(domainId, DescriptorKind.IOTLB_PAGES, 3);
      qw1 = range.address() & PAGE_ADDRESS | (leafOnly ? HINT : 0) | range.order() & ADDRESS_MASK;
    }
  }

  /**
   * Becomes the wait descriptor that {@code qi_submit_sync} appends. Linux does not trace it.
   *
   * @param statusAddress physical address of the status word it writes, a multiple of 4
   */
  public void waitFor(long statusAddress) {
    qw0 = DONE << WAIT_STATUS_SHIFT | WAIT_STATUS_WRITE | DescriptorKind.WAIT.type();
    qw1 = statusAddress;
  }

  /** Becomes the descriptor with these words. */
  public void read(long firstQuadWord, long secondQuadWord) {
    qw0 = firstQuadWord;
    qw1 = secondQuadWord;
  }

  /** First quad word. */
  public long qw0() {
    return qw0;
  }

  /** Second quad word. */
  public long qw1() {
    return qw1;
  }

  /**
   * What it asks for.
   *
   * @throws IllegalArgumentException if its type or granularity is reserved
   */
  public DescriptorKind kind() {
    return DescriptorKind.of(qw0);
  }

  /** Domain id of an IOTLB invalidation. */
  public int domainId() {
    return (int) (qw0 >>> DOMAIN_SHIFT) & 0xffff;
  }

  /** Whether an IOTLB invalidation drains writes in flight. */
  public boolean drainsWrites() {
    return (qw0 & DRAIN_WRITES) != 0;
  }

  /** Whether an IOTLB invalidation drains reads in flight. */
  public boolean drainsReads() {
    return (qw0 & DRAIN_READS) != 0;
  }

  /** First page frame of a page-selective invalidation. */
  public long pfn() {
    return (qw1 & PAGE_ADDRESS) >>> 12;
  }

  /** Base-two logarithm of the pages of a page-selective invalidation. */
  public int order() {
    return (int) (qw1 & ADDRESS_MASK);
  }

  /** The invalidation hint: the hardware may keep what it caches of the upper levels. */
  public boolean leafOnly() {
    return (qw1 & HINT) != 0;
  }

  /** Whether a wait descriptor writes a status word. */
  public boolean writesStatus() {
    return (qw0 & WAIT_STATUS_WRITE) != 0;
  }

  /** The status that a wait descriptor writes; 2 is done. */
  public int status() {
    return (int) (qw0 >>> WAIT_STATUS_SHIFT);
  }

  /** Where a wait descriptor writes its status. */
  public long statusAddress() {
    return qw1;
  }

  /** Whether both have the same words. */
  public boolean sameAs(InvalidationDescriptor other) {
    return qw0 == other.qw0 && qw1 == other.qw1;
  }

  private void iotlb(int domainId, DescriptorKind kind, int granularity) {
    if (domainId < 0 || domainId > 0xffff) {
      throw new IllegalArgumentException("a domain id has 16 bits, so it is not " + domainId);
    }
    qw0 =
        (long) domainId << DOMAIN_SHIFT
            | (drainReads ? DRAIN_READS : 0)
            | (drainWrites ? DRAIN_WRITES : 0)
            | (long) granularity << GRANULARITY_SHIFT
            | kind.type();
  }

  /** The words as {@code qi_submit} prints them. */
  @Override
  public String toString() {
    return String.format("0x%x 0x%x", qw0, qw1);
  }
}
