package dev.mapstorm.protocol.event;

/**
 * What one host's stream in the journal consists of: opened once, then batches, closed once when
 * the run ended by itself.
 */
public sealed interface JournalEntry permits StreamOpened, EventBatch, StreamClosed {}
