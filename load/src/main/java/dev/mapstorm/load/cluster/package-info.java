/**
 * Running a cluster: what a node shows and takes at its management port, the client for it, and the
 * demonstration on one machine.
 */
package dev.mapstorm.load.cluster;
