/**
 * A fleet of hosts on the nodes of a cluster: every host is a sharded entity, one coordinator sees
 * to it that all of them run, on whichever nodes there are. Where and when a host runs is decided
 * here, by wall time and by what fails; what happens inside a host is not.
 */
package dev.mapstorm.actors.cluster;
