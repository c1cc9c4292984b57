package dev.mapstorm.load.scenario;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import dev.mapstorm.actors.spec.ClientSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Clients that make their requests up, as {@code clients} and {@code client} say. */
final class SyntheticClients implements Clients {
  private static final int MAX_CLIENTS = 16_384;
  private static final int MAX_DEVICES = 1024;

  private final List<ClientSpec> specs;
  private final List<String> devices = new ArrayList<>();

  /** Reads them. */
  SyntheticClients(Settings settings) {
    int count = settings.count("devices", 1, MAX_DEVICES);
    String name = settings.section("device").text("name");
    for (int i = 0; i < count; i++) {
      devices.add(count == 1 ? name : name + i);
    }
    specs = read(settings, new ClientReader(count));
  }

  private static List<ClientSpec> read(Settings settings, ClientReader reader) {
    ConfigObject template = settings.object("client");
    if (!settings.isList("clients")) {
      reader.group(Settings.named(template, "client"), settings.count("clients", 1, MAX_CLIENTS));
      return reader.clients();
    }
    ConfigList groups = settings.list("clients");
    for (int i = 0; i < groups.size(); i++) {
      ConfigObject group = (ConfigObject) groups.get(i);
      Settings each = Settings.named(group.withFallback(template), "clients[" + i + "]");
      reader.group(each, group.containsKey("count") ? each.count("count", 1, MAX_CLIENTS) : 1);
    }
    if (reader.clients().isEmpty() || reader.clients().size() > MAX_CLIENTS) {
      throw settings.wrong("clients", "must give 1 to " + MAX_CLIENTS + " clients");
    }
    return reader.clients();
  }

  @Override
  public List<ClientSpec> specs() {
    return specs;
  }

  @Override
  public List<String> devices() {
    return devices;
  }

  @Override
  public int cpus() {
    return specs.size();
  }

  @Override
  public OptionalLong spanNs() {
    return OptionalLong.empty();
  }
}
