package dev.mapstorm.actors.backend.powerpc;

import dev.mapstorm.actors.model.pagetable.PageTableFormat;
import dev.mapstorm.actors.model.tce.DeviceReach;
import dev.mapstorm.actors.model.tce.TceWindow;
import dev.mapstorm.actors.spec.DomainSpec;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.IommuMode;

/**
 * A domain of powerpc: a window of TCEs that map 4 KiB each.
 *
 * @param window what the table is like
 * @param format of the table as the units walk it
 * @param reach of its devices
 * @param costs what its steps take
 */
public record TceDmaSpec(
    TceWindow window, PageTableFormat format, DeviceReach reach, TceDmaCosts costs)
    implements DomainSpec {

  /**
   * Refuses a window that cannot be.
   *
   * @throws IllegalArgumentException if an entry maps something else than a granule, the table
   *     cannot translate the window, or the devices do not reach its begin
   */
  public TceDmaSpec {
    if (window.tceShift() != Granule.SHIFT) {
      throw new IllegalArgumentException(
          "a simulated TCE maps 4 KiB, not 2^" + window.tceShift() + " bytes");
    }
    long end = window.offset() + window.size() << Granule.SHIFT;
    if (end > 1L << format.addressBits()) {
      throw new IllegalArgumentException(
          "the window ends at 0x%x, beyond what a page table of %d bits translates"
              .formatted(end, format.addressBits()));
    }
    if (Long.compareUnsigned(reach.mask() >>> Granule.SHIFT, window.offset()) < 0) {
      throw new IllegalArgumentException(
          "devices that reach 0x%x do not reach the window at 0x%x"
              .formatted(reach.mask(), window.offset() << Granule.SHIFT));
    }
  }

  @Override
  public IommuMode mode() {
    return IommuMode.STRICT;
  }
}
