package dev.mapstorm.load.cluster;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mapstorm.protocol.cluster.CoordinatorReply.Overview;
import dev.mapstorm.protocol.cluster.HostReport;
import java.util.List;
import java.util.Map;

/**
 * What a node knows of itself and of its cluster.
 *
 * @param node its address
 * @param version of the program
 * @param state of its membership, such as {@code Up}
 * @param ready whether it takes hosts: it is a member, can write the journal and hears the
 *     coordinator
 * @param journal what is wrong with the journal; empty if it can be written
 * @param coordination what is wrong with the coordinator; empty if it answers
 * @param members of the cluster as this node sees it
 * @param shards by the address of the node that has them; empty if that could not be found out
 * @param hosts that are on this node
 * @param cluster what the coordinator knows; null while none answers
 */
public record NodeStatus(
    String node,
    String version,
    String state,
    boolean ready,
    String journal,
    String coordination,
    List<Member> members,
    Map<String, Integer> shards,
    List<HostReport> hosts,
    @JsonInclude(JsonInclude.Include.NON_NULL) Overview cluster) {

  /** Another node. */
  public record Member(String node, String state, boolean reachable) {}
}
