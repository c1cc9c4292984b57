package dev.mapstorm.actors.backend;

import dev.mapstorm.actors.core.Core;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.protocol.message.DomainMessage;

/**
 * Who answers the DMA API for the devices of a domain: what {@code struct dma_map_ops}, dma-direct
 * and dma-iommu are in Linux (kernel/dma/mapping.c). One for each domain.
 */
public interface Backend extends Core<DomainMessage>, DomainMessage.Receiver {

  /**
   * What the units in front of the domain's devices walk to translate; null if the devices use
   * physical addresses.
   */
  Translation translation();

  @Override
  default void on(DomainMessage message) {
    message.to(this);
  }
}
