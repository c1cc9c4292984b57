package dev.mapstorm.actors.spec;

import dev.mapstorm.protocol.IommuMode;

/**
 * An IOMMU domain, or the devices without one. Each backend has a record of its own; its costs are
 * a record inside.
 */
public interface DomainSpec {
  /** What becomes of what is unmapped. */
  IommuMode mode();
}
