/**
 * How {@link dev.mapstorm.protocol.event.EventSink} declares events, and the annotation processor
 * that makes everything else from this declaration. It is compiled before the rest of the module
 * and knows nothing of it.
 */
package dev.mapstorm.protocol.event.declaration;
