package dev.mapstorm.load.conform;

import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.protocol.Granule;
import java.util.List;
import java.util.Optional;

/**
 * What the allocator model of a {@link TraceConformance} is given.
 *
 * @param parameters sizes of its caches
 * @param addressBits width of the addresses that the devices can use, 20 to 62
 * @param reserved windows that the kernel keeps out; if empty, {@link ReservedWindow#MSI} and what
 *     {@link WindowInference} finds
 */
public record ConformanceOptions(
    IovaParameters parameters, int addressBits, Optional<List<ReservedWindow>> reserved) {
  /** Linux 6.12 behind VT-d: its caches, 48-bit devices, windows inferred. */
  public static final ConformanceOptions LINUX =
      new ConformanceOptions(IovaParameters.LINUX, 48, Optional.empty());

  private static final int LEAST_BITS = 20;
  private static final int MOST_BITS = 62;

  /** Refuses widths that no device has. */
  public ConformanceOptions {
    if (addressBits < LEAST_BITS || addressBits > MOST_BITS) {
      throw new IllegalArgumentException(
          "devices have " + LEAST_BITS + " to " + MOST_BITS + " address bits, not " + addressBits);
    }
    reserved = reserved.map(List::copyOf);
  }

  /** These with other cache sizes. */
  public ConformanceOptions with(IovaParameters other) {
    return new ConformanceOptions(other, addressBits, reserved);
  }

  /** These with given windows instead of inferred ones. */
  public ConformanceOptions with(List<ReservedWindow> windows) {
    return new ConformanceOptions(parameters, addressBits, Optional.of(windows));
  }

  /** Highest granule that the devices can address. */
  long limitPfn() {
    return Granule.pfn((1L << addressBits) - 1);
  }
}
