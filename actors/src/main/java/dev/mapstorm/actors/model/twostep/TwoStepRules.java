package dev.mapstorm.actors.model.twostep;

/**
 * What the two-step calls depend on.
 *
 * @param granuleShift base-two logarithm of the domain's granule
 * @param coherent {@code dev_is_dma_coherent}: the caches need no maintenance
 * @param bounces the device is untrusted: pieces that do not fill their granules are bounced
 * @param lazy the domain has a flush queue ({@code fq_domain})
 * @param fixedBounce Linux 7.2: a piece without a whole granule maps nothing between its bounced
 *     ends, and a failure takes back that piece. Before, since 6.16, a middle of length 0 was
 *     mapped too, and a failure took back as many bytes from the start of the batch
 */
public record TwoStepRules(
    int granuleShift, boolean coherent, boolean bounces, boolean lazy, boolean fixedBounce) {
  /** Refuses granules that are none. */
  public TwoStepRules {
    if (granuleShift < 12 || granuleShift > 16) {
      throw new IllegalArgumentException("a granule has 2^12 to 2^16 bytes, not 2^" + granuleShift);
    }
  }
}
