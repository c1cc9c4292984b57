package dev.mapstorm.load.export;

import dev.mapstorm.load.run.RunOutline;
import java.util.HashMap;
import java.util.Map;

/**
 * The CPU that maps of a client run on: the one of its last allocation, before that the one that
 * the scenario says. Events of maps do not name it. Not thread-safe.
 */
public final class CpuOfClient {
  private final RunOutline run;
  private final Map<Integer, Integer> last = new HashMap<>();

  /** Of clients that nothing was heard of. */
  public CpuOfClient(RunOutline run) {
    this.run = run;
  }

  /** A client allocated on a CPU. */
  public void allocated(int client, int cpu) {
    last.put(client, cpu);
  }

  /** The CPU of a client. */
  public int of(int client) {
    return last.getOrDefault(client, run.cpuOf(client));
  }
}
