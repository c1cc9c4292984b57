/**
 * Scenarios and platform profiles: HOCON text becomes the {@code HostSpec}s of a run, or one clear
 * sentence about what is wrong with it.
 */
package dev.mapstorm.load.scenario;
