/**
 * Invalidation on Intel VT-d: what a range invalidation covers, the descriptors that Linux 6.12
 * writes, and the queue in which the hardware works through them.
 */
package dev.mapstorm.actors.model.vtd;
