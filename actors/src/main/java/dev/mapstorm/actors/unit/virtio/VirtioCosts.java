package dev.mapstorm.actors.unit.virtio;

/**
 * What requests to a virtio-iommu cost, in virtual nanoseconds, none negative.
 *
 * @param queueRequest the guest's CPU writing a request and its descriptors
 * @param kick the exit to the hypervisor that a notification is, and waking its thread
 * @param mapRequest the hypervisor carrying out a MAP of a page
 * @param mapPage each further page of it
 * @param unmapRequest the hypervisor carrying out an UNMAP of a page, its own invalidation included
 * @param unmapPage each further page of it
 * @param completion the hypervisor telling that a drain is done, and the guest's CPU seeing it
 */
public record VirtioCosts(
    long queueRequest,
    long kick,
    long mapRequest,
    long mapPage,
    long unmapRequest,
    long unmapPage,
    long completion) {}
