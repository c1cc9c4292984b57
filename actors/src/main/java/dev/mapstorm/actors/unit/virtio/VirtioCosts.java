package dev.mapstorm.actors.unit.virtio;

/**
 * What requests to a virtio-iommu cost, in virtual nanoseconds, none negative.
 *
 * @param queueRequest the guest's CPU writing a request and its descriptors
 * @param kick the exit to the hypervisor that a notification is, and waking its thread
 * @param mapRequest the hypervisor carrying out a MAP
 * @param unmapRequest the hypervisor carrying out an UNMAP, its own invalidation included
 * @param completion the hypervisor telling that a drain is done, and the guest's CPU seeing it
 */
public record VirtioCosts(
    long queueRequest, long kick, long mapRequest, long unmapRequest, long completion) {}
