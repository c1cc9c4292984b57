package dev.mapstorm.protocol.cluster;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/** What the coordinator of the cluster hears. */
public sealed interface CoordinatorMessage extends ClusterMessage {

  /**
   * Run a fleet.
   *
   * @param run its id, unique in the database
   * @param name of the scenario
   * @param scenario the resolved scenario
   * @param hosts how many it has
   * @param replyTo hears {@link CoordinatorReply.Accepted} once the fleet is journaled, or {@link
   *     CoordinatorReply.Refused}
   */
  record SubmitFleet(String run, String name, String scenario, int hosts, String replyTo)
      implements CoordinatorMessage {
    /** Below the frame of 1 MiB in which a message goes from node to node. */
    public static final int SCENARIO_BYTES_MAX = 1_000_000;

    private static final int HOSTS_MAX = 1_000_000;
    private static final int NAME_MAX = 200;
    private static final Pattern RUN = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,199}");

    /** Whether a text can be the id of a run: letters, digits, dots and dashes, 200 at most. */
    public static boolean isRun(String text) {
      return RUN.matcher(text).matches();
    }

    /** Why no coordinator can take it, in one sentence; empty if it can. */
    public Optional<String> mistake() {
      if (run == null || name == null || scenario == null) {
        return Optional.of("a fleet has a run, a name, a scenario and a number of hosts");
      } else if (!isRun(run)) {
        return Optional.of("run %s: must be letters, digits, dots and dashes".formatted(run));
      } else if (name.length() > NAME_MAX) {
        return Optional.of("the scenario's name is longer than %d".formatted(NAME_MAX));
      } else if (hosts < 1 || hosts > HOSTS_MAX) {
        return Optional.of("%d hosts: must be 1 to %d".formatted(hosts, HOSTS_MAX));
      }
      int bytes = scenario.getBytes(StandardCharsets.UTF_8).length;
      return bytes <= SCENARIO_BYTES_MAX
          ? Optional.empty()
          : Optional.of(
              "the scenario has %d bytes, and a cluster takes %d at most"
                  .formatted(bytes, SCENARIO_BYTES_MAX));
    }
  }

  /** Stop a fleet; what its hosts journaled is kept. Answered like {@link SubmitFleet}. */
  record StopFleet(String run, String replyTo) implements CoordinatorMessage {}

  /** Asks for {@link CoordinatorReply.Definition}. */
  record AskDefinition(String run, String replyTo) implements CoordinatorMessage {}

  /** Asks for {@link CoordinatorReply.Overview}. */
  record AskOverview(String replyTo) implements CoordinatorMessage {}

  /** Asks for {@link CoordinatorReply.Present}, to see whether there is a coordinator. */
  record AskPresent(String replyTo) implements CoordinatorMessage {}

  /**
   * Asks for {@link CoordinatorReply.Hosts}.
   *
   * @param first host that is wanted
   * @param count how many from there on; no more than {@link #COUNT_MAX} are answered
   */
  record AskHosts(String run, int first, int count, String replyTo) implements CoordinatorMessage {
    /** So many are well below a frame, whatever their stores say. */
    public static final int COUNT_MAX = 1000;
  }

  /** A host ended, or stopped, or cannot go on; repeated until {@link HostOrder.OutcomeKept}. */
  record HostEnded(String run, HostOutcome outcome) implements CoordinatorMessage {}

  /** A host leaves its node, since its shard moves: it can be told to run at its new place. */
  record HostLeft(String run, int host) implements CoordinatorMessage {}

  /**
   * What a node is doing; said several times a second.
   *
   * @param node its address
   * @param lanes threads that simulate there
   * @param written events that it has journaled since it started
   * @param hosts that are there
   */
  record NodeReport(String node, int lanes, long written, HostReport[] hosts)
      implements CoordinatorMessage {}

  /** Said by the coordinator to itself, never sent. */
  non-sealed interface Local extends CoordinatorMessage {}
}
