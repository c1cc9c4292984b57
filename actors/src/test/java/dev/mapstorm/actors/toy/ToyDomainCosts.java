package dev.mapstorm.actors.toy;

import dev.mapstorm.actors.spec.PerByte;

/**
 * Costs of a toy backend.
 *
 * @param toyAlloc giving an address out
 * @param toyCopy copying
 */
record ToyDomainCosts(long toyAlloc, PerByte toyCopy) {}
