/**
 * What happens in a host, and how its journal holds it. {@link
 * dev.mapstorm.protocol.event.EventSink} is the one list of events; {@link
 * dev.mapstorm.protocol.event.EventWords} keeps them flat, {@link
 * dev.mapstorm.protocol.event.ColumnEncoder} packs a batch of them, {@link
 * dev.mapstorm.protocol.event.HashChain} chains the batches and {@link
 * dev.mapstorm.protocol.event.StreamVerifier} checks the chain.
 */
package dev.mapstorm.protocol.event;
