package dev.mapstorm.protocol.cluster;

/** What goes from node to node, or into the coordinator's journal. */
public sealed interface ClusterMessage
    permits CoordinatorMessage, CoordinatorReply, FleetBook, FleetEvent, HostOrder {}
