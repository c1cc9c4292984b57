package dev.mapstorm.actors.spec;

/**
 * A device: after {@code latencyNs} (plus up to {@code jitterNs}) a request's data is ready, then
 * the link moves it, one request at a time.
 *
 * @param name what reports call it
 * @param domain domain it is attached to
 * @param iommu unit in front of it; of no meaning if the domain is not translated
 * @param sacFirst whether addresses below 4 GiB are tried first
 * @param limitPfn highest granule of a streaming mapping ({@code dma_mask}); {@link #NO_MASK} for
 *     all that its domain has
 * @param coherentLimitPfn the same of coherent memory ({@code coherent_dma_mask})
 * @param latencyNs from doorbell to first byte, the medium included
 * @param jitterNs width of a uniform addition to the latency
 * @param parallel requests whose latencies may overlap; more wait in order
 * @param bytesPerSecond bandwidth of the link
 * @param perPageNs time of the link for each page apart from its bytes and its walks
 * @param completionNs from last byte to the completion being seen
 * @param uplink that it shares with others; null if its own link is all there is
 * @param translations requests that are translated or moved at a time, 1 or more: with 1 the link
 *     waits for each page walk, with more they are under way while the link is busy
 * @param misuse what it does wrong
 * @param walks page walks that its unit has under way for it at a time; {@link #NO_LIMIT} for all
 *     that the unit has walkers for
 * @param ats its own TLB; null if it has the unit translate everything
 */
public record DeviceSpec(
    String name,
    int domain,
    int iommu,
    SacFirst sacFirst,
    long limitPfn,
    long coherentLimitPfn,
    long latencyNs,
    long jitterNs,
    int parallel,
    long bytesPerSecond,
    long perPageNs,
    long completionNs,
    UplinkSpec uplink,
    int translations,
    MisuseSpec misuse,
    int walks,
    AtsSpec ats) {
  /** A mask as wide as any domain. */
  public static final long NO_MASK = Long.MAX_VALUE;

  /** As many walks as the unit has walkers. */
  public static final int NO_LIMIT = 0;

  /** A device that has one request translated at a time and does nothing wrong. */
  public DeviceSpec(
      String name,
      int domain,
      int iommu,
      SacFirst sacFirst,
      long limitPfn,
      long coherentLimitPfn,
      long latencyNs,
      long jitterNs,
      int parallel,
      long bytesPerSecond,
      long perPageNs,
      long completionNs,
      UplinkSpec uplink) {
    this(
        name,
        domain,
        iommu,
        sacFirst,
        limitPfn,
        coherentLimitPfn,
        latencyNs,
        jitterNs,
        parallel,
        bytesPerSecond,
        perPageNs,
        completionNs,
        uplink,
        1,
        MisuseSpec.NONE,
        NO_LIMIT,
        null);
  }

  /** A device with wide masks and a link of its own. */
  public DeviceSpec(
      String name,
      int domain,
      int iommu,
      boolean pci,
      long latencyNs,
      long jitterNs,
      int parallel,
      long bytesPerSecond,
      long perPageNs,
      long completionNs) {
    this(
        name,
        domain,
        iommu,
        pci ? SacFirst.UNTIL_NONE_LEFT : SacFirst.NEVER,
        NO_MASK,
        NO_MASK,
        latencyNs,
        jitterNs,
        parallel,
        bytesPerSecond,
        perPageNs,
        completionNs,
        null);
  }
}
