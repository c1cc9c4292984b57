package dev.mapstorm.load.runs;

import java.nio.file.Path;
import java.time.Instant;

/**
 * A run in a list, by what the ends of its journal say.
 *
 * @param path of its directory
 * @param state what may be done with it
 * @param reason why it is damaged or out of reach; empty otherwise
 * @param database URL of the shared database that holds its journal; empty if its directory does
 * @param started wall-clock time at which its scenario was written
 * @param bytes of its files
 * @param content what its journal says; null if it is damaged or out of reach, or if nothing is
 *     journaled yet
 */
public record ListedRun(
    Path path,
    State state,
    String reason,
    String database,
    Instant started,
    long bytes,
    Content content) {

  /** What may be done with a run. */
  public enum State {
    /** Every host reached its end. */
    COMPLETE("complete"),
    /** It was stopped or killed; it can be resumed. */
    INTERRUPTED("interrupted"),
    /** A process is at work on it; a cluster, if its journal was written within the last minute. */
    RUNNING("running"),
    /** A cluster's, whose database was not asked. */
    NOT_ASKED("not asked"),
    /** A cluster's, in a database that the user did not name; nothing connects to it. */
    ELSEWHERE("another database"),
    /** A cluster's, of which the database has nothing: it has not begun, or was removed there. */
    EMPTY("empty"),
    /** The database that holds its journal does not answer. */
    UNREACHABLE("unreachable"),
    /** Its journal cannot be read. */
    DAMAGED("damaged");

    private final String label;

    State(String label) {
      this.label = label;
    }

    /** As users read it. */
    public String label() {
      return label;
    }
  }

  /**
   * What a journal says.
   *
   * @param scenario its name
   * @param seed of the run
   * @param version of mapstorm that began it
   * @param hosts that have a stream
   * @param reachedNs virtual instant that all hosts reached
   * @param totalNs virtual time that was to be simulated; -1 if it is as long as a trace
   * @param batches of all hosts
   * @param events of all hosts; -1 while one has not ended, since only its close counts them
   * @param hash of the last batches, the final hash of a complete run
   */
  public record Content(
      String scenario,
      long seed,
      String version,
      int hosts,
      long reachedNs,
      long totalNs,
      long batches,
      long events,
      String hash) {}
}
