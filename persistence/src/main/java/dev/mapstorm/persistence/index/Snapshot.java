package dev.mapstorm.persistence.index;

import dev.mapstorm.protocol.event.StreamPosition;

/**
 * The state of a host at a border between two batches.
 *
 * @param position of the border in the host's stream
 * @param last instant of the last event before it
 * @param state as {@link dev.mapstorm.persistence.replay.FoldSnapshot} writes it; not to be written
 *     to
 */
record Snapshot(StreamPosition position, long last, byte[] state) {}
