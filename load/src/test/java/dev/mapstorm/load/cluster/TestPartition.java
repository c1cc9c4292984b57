package dev.mapstorm.load.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.pekko.actor.AbstractExtensionId;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.AddressFromURIString;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.Extension;
import org.apache.pekko.actor.ExtensionId;
import org.apache.pekko.actor.ExtensionIdProvider;
import org.apache.pekko.remote.RemoteActorRefProvider;

/**
 * Cuts a node off from others, in the node's own process: what they say to each other is dropped in
 * both directions. A file names the nodes that are on the one side; the others are on the other.
 * Named in the configuration of nodes that are under test, which also switch Artery's test mode on.
 */
public final class TestPartition implements Extension {
  private static final String THROTTLER =
      "org.apache.pekko.remote.transport.ThrottlerTransportAdapter$";
  private static final long LOOK_EVERY_MS = 100;

  /** Made by Pekko. */
  public static final class Id extends AbstractExtensionId<TestPartition>
      implements ExtensionIdProvider {
    @Override
    public ExtensionId<? extends Extension> lookup() {
      return this;
    }

    @Override
    public TestPartition createExtension(ExtendedActorSystem system) {
      return new TestPartition(system);
    }
  }

  /** What to add to a node's configuration. */
  static String config(Path file, List<String> nodes) {
    return """
    pekko.remote.artery.advanced.test-mode = on
    pekko.extensions = ["%s"]
    mapstorm.test.partition { file = "%s", nodes = ["%s"] }
    """
        .formatted(Id.class.getName(), file, String.join("\", \"", nodes));
  }

  private final ExtendedActorSystem system;
  private final Path file;
  private final List<String> nodes;
  private final Set<String> cut = new TreeSet<>();

  private TestPartition(ExtendedActorSystem system) {
    this.system = system;
    file = Path.of(system.settings().config().getString("mapstorm.test.partition.file"));
    nodes = system.settings().config().getStringList("mapstorm.test.partition.nodes");
    Thread watcher = new Thread(this::watch, "partition");
    watcher.setDaemon(true);
    watcher.start();
  }

  private void watch() {
    try {
      while (true) {
        Thread.sleep(LOOK_EVERY_MS);
        List<String> oneSide = Files.exists(file) ? Files.readAllLines(file) : List.of();
        String self = system.provider().getDefaultAddress().toString();
        for (String node : nodes) {
          set(node, !node.equals(self) && oneSide.contains(node) != oneSide.contains(self));
        }
      }
    } catch (InterruptedException | IOException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void set(String node, boolean apart) {
    if (apart ? cut.add(node) : cut.remove(node)) {
      Address address = AddressFromURIString.parse(node);
      Object command = throttle(address, apart ? "Blackhole$" : "Unthrottled$");
      ((RemoteActorRefProvider) system.provider()).transport().managementCommand(command);
    }
  }

  /** Artery understands the commands of the transport before it, whose names Java cannot say. */
  private static Object throttle(Address address, String mode) {
    try {
      return Class.forName(THROTTLER + "SetThrottle")
          .getConstructors()[0]
          .newInstance(address, module("Direction$Both$"), module(mode));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Artery's test mode is not as it was", e);
    }
  }

  private static Object module(String name) throws ReflectiveOperationException {
    return Class.forName(THROTTLER + name).getField("MODULE$").get(null);
  }
}
