package dev.mapstorm.load.scenario;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes a scenario down so that loading the text gives the same hosts. */
final class ResolvedText {
  private final Config config;
  private final Mix mix;

  /**
   * @param config resolved, complete
   * @param mix its kinds of machines
   */
  ResolvedText(Config config, Mix mix) {
    this.config = config;
    this.mix = mix;
  }

  /**
   * The text.
   *
   * @param version of the program
   * @param kinds of machines, as they were read
   */
  String of(String name, String version, List<MachineKind> kinds) {
    ConfigObject root = run(config.root(), kinds.get(0).clients());
    if (mix.isMixed()) {
      List<ConfigObject> machines = new ArrayList<>();
      kinds.forEach(kind -> machines.add(machine(kind.element().config().root(), kind)));
      root = mix.resolved(root, machines);
    } else {
      root = machine(root.withoutKey("mix"), kinds.get(0));
    }
    return root.withValue("name", ConfigValueFactory.fromAnyRef(name))
        .withValue("version", ConfigValueFactory.fromAnyRef(version))
        .render(
            ConfigRenderOptions.defaults()
                .setJson(false)
                .setOriginComments(false)
                .setComments(false));
  }

  /** What belongs to the whole run. */
  private static ConfigObject run(ConfigObject root, Clients clients) {
    if (clients instanceof TracedClients) {
      return root.withValue("trace-devices", ConfigValueFactory.fromIterable(clients.devices()));
    }
    if (clients instanceof JournaledClients journaled) {
      RequestsJournal journal = journaled.journal();
      return journaled
          .saidBy()
          .without(root.toConfig())
          .root()
          .withValue("requests", ConfigValueFactory.fromAnyRef(journal.run().toString()))
          .withValue("requests-hash", ConfigValueFactory.fromAnyRef(journal.end().hash()));
    }
    return root;
  }

  /** What belongs to a machine. */
  private static ConfigObject machine(ConfigObject root, MachineKind kind) {
    ConfigObject machine =
        root.withValue("platform", kind.platform().toConfig())
            .withValue("costs", ConfigValueFactory.fromMap(Map.of()))
            .withValue("unit", ConfigValueFactory.fromMap(Map.of()));
    if (kind.clients() instanceof TracedClients traced) {
      ConfigObject rest = RequestOrigin.TRACE.without(machine.toConfig()).root();
      // What the trace said of the machine is written down, so that its journal can be repeated.
      return kind.element().settings().is("cpus", "auto")
          ? rest.withValue("cpus", ConfigValueFactory.fromAnyRef(traced.cpus()))
          : rest;
    }
    return kind.clients() instanceof JournaledClients journaled
        ? journaled.saidBy().without(machine.toConfig()).root()
        : machine;
  }
}
