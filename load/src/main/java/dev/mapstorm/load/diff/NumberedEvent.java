package dev.mapstorm.load.diff;

import dev.mapstorm.protocol.event.Event;

/**
 * An event and its place in a stream.
 *
 * @param number counts the events of the host from 0
 */
public record NumberedEvent(long number, Event event) {}
