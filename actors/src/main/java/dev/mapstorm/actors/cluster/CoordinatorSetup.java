package dev.mapstorm.actors.cluster;

import dev.mapstorm.protocol.cluster.HostOrder;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What a coordinator is made from.
 *
 * @param hosts the way to a host's entity, by its name
 * @param hostsPerLane how many hosts a lane has at a time
 * @param tick how often it looks for hosts that do not run
 * @param wallNs a monotonic clock, in nanoseconds
 * @param known the epoch under which a coordinator of this cluster was last heard to write; 0 if
 *     none was. Shared with whoever hears of another
 * @param ends hears that the node has to end, and the reason in a sentence
 */
record CoordinatorSetup(
    BiConsumer<String, HostOrder> hosts,
    int hostsPerLane,
    Duration tick,
    LongSupplier wallNs,
    AtomicLong known,
    Consumer<String> ends) {}
