package dev.mapstorm.actors.unit;

import dev.mapstorm.actors.core.Core;
import dev.mapstorm.protocol.message.IommuMessage;

/** An IOMMU unit: translates for devices, executes invalidations. */
public interface Unit extends Core<IommuMessage>, IommuMessage.Receiver {
  @Override
  default void on(IommuMessage message) {
    message.to(this);
  }
}
