package dev.mapstorm.actors.spec;

import dev.mapstorm.actors.model.blk.BlkRule;
import dev.mapstorm.actors.model.blk.QueueLimits;

/**
 * The block layer above a client: it cuts and joins a request's pieces to segments, and decides
 * request by request whether they are one range of IOVA.
 *
 * @param rule how it decides
 * @param limits of the client's queue
 */
public record BlockSpec(BlkRule rule, QueueLimits limits) {}
