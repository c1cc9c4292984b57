/**
 * The messages of the simulated actors. They are plain data that name actors by id, so that a
 * message in flight can be stored; none holds a reference to an actor. Arrays in messages are
 * shared and never written after the message was sent.
 *
 * <p>DMA vectors travel as {@code long[]} of pairs: address, length. {@code cpu} is the CPU that
 * executes the call. {@code op} is the client's request number.
 */
package dev.mapstorm.protocol.message;
