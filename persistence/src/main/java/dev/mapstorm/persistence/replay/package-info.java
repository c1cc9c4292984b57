/**
 * The state of a host at any instant, and the story of any address, folded from its events alone.
 * Nothing here re-executes a model and nothing knows how events are stored: every fold is an {@link
 * dev.mapstorm.protocol.event.EventSink} that is fed batch by batch, in order, one host each.
 *
 * <p>Events are numbered from 0 within their host.
 */
package dev.mapstorm.persistence.replay;
