/**
 * The bytes of messages and journal entries: Kryo with fixed numbers for a closed list of classes,
 * behind a header that names the format's version.
 */
package dev.mapstorm.protocol.wire;
