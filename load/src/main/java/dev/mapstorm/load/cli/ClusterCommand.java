package dev.mapstorm.load.cli;

import picocli.CommandLine.Command;

/** Runs fleets of hosts on many nodes. */
@Command(
    name = "cluster",
    description = {
      "Runs fleets of simulated hosts on the nodes of a cluster, with their journal in PostgreSQL.",
      "",
      "Hosts are spread over the nodes, move when nodes join, leave or die, and continue from their journal: a fleet ends"
          + " with the same hash as on one machine.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm cluster demo --nodes 3 --hosts 24 --kill 8s",
      "  mapstorm cluster node --db jdbc:postgresql://db:5432/mapstorm --host node-1 --seed node-1:25520",
      "  mapstorm cluster run fleet",
      "  mapstorm cluster status",
      "  mapstorm cluster certs certs --nodes node-1,node-2",
    },
    subcommands = {
      ClusterDemoCommand.class,
      ClusterNodeCommand.class,
      ClusterRunCommand.class,
      ClusterStatusCommand.class,
      ClusterStopCommand.class,
      ClusterCertsCommand.class,
    })
final class ClusterCommand {}
