package dev.mapstorm.load.cluster;

import dev.mapstorm.persistence.store.DatabaseAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Nodes as processes on this machine, numbered from 1, which find each other on loopback. Not
 * thread-safe, but {@link #close} may be called from any thread.
 */
public final class LocalCluster implements AutoCloseable {
  private static final String HOST = "127.0.0.1";
  private static final int FIRST_PORT = 20_000;
  private static final int PORT_RANGE = 6_000;
  private static final int PORTS_APART = 16;

  /**
   * What its nodes are like.
   *
   * @param directory for their logs
   * @param database of the journal
   * @param credentials variables that tell a node the database's user and password
   * @param jvm options of each JVM
   * @param arguments of {@code mapstorm cluster node}, beside addresses
   */
  public record Settings(
      Path directory,
      DatabaseAddress database,
      Map<String, String> credentials,
      List<String> jvm,
      List<String> arguments) {}

  private final Settings settings;
  private final List<Integer> ports = new ArrayList<>();
  private final List<Integer> managementPorts = new ArrayList<>();
  private final List<NodeProcess> nodes = new ArrayList<>();

  /**
   * A cluster of which no node is started yet.
   *
   * @param size how many nodes it can have
   */
  public LocalCluster(int size, Settings settings) {
    this.settings = settings;
    List<Integer> free = freePorts(2 * size);
    for (int i = 0; i < size; i++) {
      ports.add(free.get(2 * i));
      managementPorts.add(free.get(2 * i + 1));
    }
    for (int node = 1; node <= size; node++) {
      nodes.add(process(node, List.of()));
    }
  }

  private NodeProcess process(int node, List<String> prefix) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--host", HOST,
                "--port", Integer.toString(ports.get(node - 1)),
                "--management-port", Integer.toString(managementPorts.get(node - 1)),
                "--db", settings.database().url()));
    ports.forEach(port -> arguments.addAll(List.of("--seed", HOST + ":" + port)));
    arguments.addAll(settings.arguments());
    return NodeProcess.of(
        prefix,
        settings.jvm(),
        arguments,
        settings.credentials(),
        settings.directory().resolve("node-" + node + ".log"));
  }

  /**
   * Ports that nobody listens at, below those that the system gives to outgoing connections: a node
   * that is started again finds its own still free. Where they begin depends on the process, so
   * that two clusters do not look for the same.
   */
  private static List<Integer> freePorts(int count) {
    List<Integer> free = new ArrayList<>();
    int first = FIRST_PORT + (int) (ProcessHandle.current().pid() * PORTS_APART % PORT_RANGE);
    for (int port = first; free.size() < count && port < first + PORT_RANGE; port++) {
      if (isFree(port)) {
        free.add(port);
      }
    }
    if (free.size() < count) {
      throw new IllegalStateException("there are no %d free ports on loopback".formatted(count));
    }
    return free;
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getByName(HOST))) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  /** How many nodes it can have. */
  public int size() {
    return nodes.size();
  }

  /** A node's process. */
  public NodeProcess node(int number) {
    return nodes.get(number - 1);
  }

  /** Starts a node, with something in front of its command line, such as {@code taskset -c 0}. */
  public void start(int number, List<String> prefix) {
    nodes.set(number - 1, process(number, prefix));
    node(number).start();
  }

  /** A node's address as the cluster says it. */
  public String address(int number) {
    return "pekko://mapstorm@" + HOST + ":" + ports.get(number - 1);
  }

  /** The number of a node by its address; 0 if it is none of these. */
  public int number(String address) {
    return IntStream.rangeClosed(1, size())
        .filter(number -> address(number).equals(address))
        .findFirst()
        .orElse(0);
  }

  /** A client of a node. */
  public ClusterClient client(int number) {
    return new ClusterClient(HOST + ":" + managementPorts.get(number - 1), null);
  }

  /** Clients of all nodes. */
  public List<ClusterClient> clients() {
    return IntStream.rangeClosed(1, size()).mapToObj(this::client).toList();
  }

  /** The management page of a node. */
  public String page(int number) {
    return "http://" + HOST + ":" + managementPorts.get(number - 1) + "/";
  }

  /** Kills what runs. */
  @Override
  public void close() {
    nodes.forEach(NodeProcess::close);
  }
}
