/**
 * What the nodes of a cluster say to each other, and what their coordinator journals. An actor that
 * waits for an answer is named by the text of its reference, so that messages stay plain data.
 */
package dev.mapstorm.protocol.cluster;
