package dev.mapstorm.load.run;

import dev.mapstorm.actors.host.HostMemory;
import dev.mapstorm.actors.pekko.HostRoom;
import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioException;
import dev.mapstorm.persistence.text.Units;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the hosts of a run take of the heap, and so how many run at a time. Beside the host itself
 * ({@link HostMemory}) that is what looks at its events: the figures of the analysis, most of which
 * are packed when the host has ended, and the state that the index keeps. Thread-safe.
 */
public final class RunMemory {
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;

  /** The program without hosts: Pekko, the store, classes' own data. */
  private static final long PROGRAM = 40 * MIB;

  /** The collector needs the rest to work with. */
  private static final double USABLE = 0.7;

  /** Histograms that are filled, without those of clients. */
  private static final long FIGURES = 4 * MIB;

  private static final long CLIENTS_WITH_WIDE_HISTOGRAMS = 32;
  private static final long WIDE_HISTOGRAM = 100_000;
  private static final long SPARSE_HISTOGRAM = 5_000;

  /** The figures of a host that has ended, apart from clients, and of each client. */
  private static final long ENDED = 170_000;

  private static final long ENDED_CLIENT = 30_000;

  /** Requests that the analysis knows of take a part of what the host holds of them. */
  private static final long LIVES = 2;

  private final Scenario scenario;
  private final long heap;
  private final Map<List<ClientSpec>, HostMemory> kinds = new IdentityHashMap<>();
  private final long[] running;
  private final long recorded;
  private final long ended;

  /**
   * For a scenario in a heap.
   *
   * @param heap bytes that it can have at most
   */
  public RunMemory(Scenario scenario, long heap) {
    this.scenario = scenario;
    this.heap = heap;
    running = new long[scenario.hosts().size()];
    long sum = 0;
    for (int i = 0; i < running.length; i++) {
      HostSpec host = scenario.hosts().get(i);
      running[i] = running(host);
      sum += ended(host);
    }
    ended = sum;
    recorded = kinds.values().stream().mapToLong(HostMemory::recorded).sum();
  }

  /** For a scenario in this process. */
  public static RunMemory ofProcess(Scenario scenario) {
    return new RunMemory(scenario, Runtime.getRuntime().maxMemory());
  }

  /** Bytes of a heap that hosts can have together. */
  public static long usable(long heap) {
    return (long) (USABLE * heap) - PROGRAM;
  }

  /** Bytes of a host that has ended, until the report. */
  static long ended(HostSpec host) {
    long clients = host.clients().size();
    long wide = Math.min(clients, CLIENTS_WITH_WIDE_HISTOGRAMS);
    return ENDED + wide * ENDED_CLIENT + (clients - wide) * SPARSE_HISTOGRAM;
  }

  /** Bytes of a host by itself, apart from requests that it shares with others. */
  static long own(HostSpec host) {
    HostMemory memory = HostMemory.of(host);
    return memory.bytes() - memory.recorded();
  }

  /** Hosts of a kind share their clients, and so take the same. */
  private HostMemory of(HostSpec host) {
    return kinds.computeIfAbsent(host.clients(), clients -> HostMemory.of(host));
  }

  private long running(HostSpec host) {
    HostMemory own = of(host);
    long clients = host.clients().size();
    long wide = Math.min(clients, CLIENTS_WITH_WIDE_HISTOGRAMS);
    long figures =
        FIGURES + wide * WIDE_HISTOGRAM + clients * SPARSE_HISTOGRAM + own.clients() / LIVES;
    long index = scenario.indexed() ? own.clients() + own.devices() : 0;
    return own.bytes() - own.recorded() + figures + index;
  }

  /** How many hosts run at a time. */
  public HostRoom room() {
    return new HostRoom(free(), host -> running[host.host()]);
  }

  private long free() {
    return usable(heap) - recorded - ended;
  }

  /**
   * Makes sure that the run fits: its largest host, beside the figures of all that have ended.
   *
   * @throws ScenarioException with the figures, and what to lower
   */
  public void check() {
    int largest = 0;
    for (int i = 1; i < running.length; i++) {
      largest = running[i] > running[largest] ? i : largest;
    }
    check(scenario.hosts().get(largest), running[largest], usable(heap) - recorded, recorded);
    if (running.length > 1 && running[largest] > free()) {
      throw new ScenarioException(
          "what is kept of %d hosts until the report takes about %s, and %s of heap is free beside the largest: lower hosts (%d), or give more with %s"
              .formatted(
                  running.length,
                  Units.bytes(ended),
                  Units.bytes(Math.max(0, usable(heap) - recorded - running[largest])),
                  running.length,
                  option(ended + recorded + running[largest])));
    }
  }

  /**
   * Makes sure that a host can be executed by itself, without figures and index.
   *
   * @throws ScenarioException with the figures, and what to lower
   */
  public static void check(HostSpec host) {
    long heap = Runtime.getRuntime().maxMemory();
    check(host, HostMemory.of(host).bytes(), usable(heap), 0);
  }

  /**
   * What the hosts of a fleet have together on a node that is this process: no figures, no index.
   */
  public static HostRoom roomOfNode() {
    return new HostRoom(
        usable(Runtime.getRuntime().maxMemory()), host -> HostMemory.of(host).bytes());
  }

  /**
   * Makes sure that this process, as a node, can run each host of a fleet, one at a time.
   *
   * @throws ScenarioException with the figures, and what to lower
   */
  public static void checkForNode(Scenario fleet) {
    checkForNode(fleet, Runtime.getRuntime().maxMemory());
  }

  /** The same for a node with another {@code heap}. */
  static void checkForNode(Scenario fleet, long heap) {
    Set<List<ClientSpec>> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (HostSpec host : fleet.hosts()) {
      // Hosts of a kind share their clients, and so take the same.
      if (seen.add(host.clients())) {
        check(host, HostMemory.of(host).bytes(), usable(heap), 0);
      }
    }
  }

  /** Makes sure that a host finds room beside {@code others}. */
  static void check(HostSpec host, long bytes, long free, long others) {
    if (bytes > free) {
      throw new ScenarioException(
          "one host needs about %s, and %s of heap is free: lower %s, or give more with %s"
              .formatted(
                  Units.bytes(bytes),
                  Units.bytes(Math.max(0, free)),
                  whatToLower(host),
                  option(bytes + others)));
    }
  }

  /** What makes a host so large, as keys of a scenario. */
  public static String whatToLower(HostSpec host) {
    HostMemory memory = HostMemory.of(host);
    long requests = Math.max(memory.clients(), memory.recorded());
    long most = Math.max(Math.max(requests, memory.devices()), memory.buffers());
    if (memory.events() > most) {
      return "journal.credits (%d) or journal.batch-events (%d)"
          .formatted(host.journal().credits(), host.journal().batchEvents());
    }
    if (memory.recorded() == most) {
      return "the recorded requests, by a shorter recording or --duration";
    }
    return "clients (%d), devices (%d), cpus (%d)%s"
        .formatted(
            host.clients().size(),
            host.devices().size(),
            host.cpus(),
            memory.buffers() == most
                ? ", client.bs or client.buffers"
                : ", client.depth or client.bs");
  }

  /** The option that gives a heap in which so much is usable. */
  private static String option(long bytes) {
    long gib = (long) Math.ceil((bytes + PROGRAM) / USABLE / GIB);
    return "MAPSTORM_JAVA_OPTS=-Xmx%dg".formatted(Math.max(1, gib));
  }
}
