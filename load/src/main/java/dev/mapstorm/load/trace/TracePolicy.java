package dev.mapstorm.load.trace;

/** How the traced machine translated, as far as the events show it. */
public enum TracePolicy {
  /** Page tables are written and each unmap is invalidated at once (VT-d range flushes). */
  STRICT("strict"),
  /** Page tables are written and only whole domains are flushed (VT-d), by flush queues. */
  LAZY("lazy"),
  /** Page tables are written, but no event tells when the IOTLB is invalidated. */
  TRANSLATED("translated"),
  /** No page tables; buffers are bounced. */
  SWIOTLB("swiotlb"),
  /** No page tables, no bouncing: devices see physical addresses. */
  DIRECT("direct");

  private final String label;

  TracePolicy(String label) {
    this.label = label;
  }

  /** What reports call it. */
  public String label() {
    return label;
  }
}
