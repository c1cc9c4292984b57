package dev.mapstorm.load.scenario;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import dev.mapstorm.actors.spec.AtsSpec;
import dev.mapstorm.actors.spec.DeviceSpec;
import dev.mapstorm.actors.spec.MisuseSpec;
import dev.mapstorm.actors.spec.SacFirst;
import dev.mapstorm.actors.spec.UplinkSpec;
import dev.mapstorm.actors.unit.IotlbSize;
import dev.mapstorm.actors.unit.UnitKind;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.Limits;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads {@code devices} and {@code device} of a machine: what its devices are. */
final class DeviceReader {
  private static final long SECOND_NS = 1_000_000_000L;
  private static final long MIN_BANDWIDTH = 1_000;
  private static final long MAX_BANDWIDTH = 1_000_000_000_000_000L;
  private static final long MAX_TIMEOUT_NS = 1000 * SECOND_NS;
  private static final int MAX_TRANSLATIONS = 1024;
  private static final int MIN_MASK = 20;
  private static final int MAX_MASK = 64;

  /** Uplinks by number, as the first device of each says. */
  private final Map<Integer, UplinkSpec> uplinks = new HashMap<>();

  private final SacFirst sacFirst;
  private final UnitKind<?> unit;

  /**
   * For the devices of one machine.
   *
   * @param sacFirst whether they try addresses below 4 GiB first
   * @param unit the kind of the unit in front of them
   */
  DeviceReader(SacFirst sacFirst, UnitKind<?> unit) {
    this.sacFirst = sacFirst;
    this.unit = unit;
  }

  /** A device and what it is called. */
  private record Named(String name, Settings settings) {}

  /** Names of the devices of clients that make their requests up. */
  static List<String> names(Settings machine) {
    return named(machine).stream().map(Named::name).toList();
  }

  private static List<Named> named(Settings machine) {
    List<Named> devices = new ArrayList<>();
    if (!machine.isList("devices")) {
      Settings all = machine.section("device");
      add(all, machine.count("devices", 1, Limits.DEVICES), devices);
      return devices;
    }
    ConfigObject template = machine.object("device");
    ConfigList groups = machine.list("devices");
    for (int i = 0; i < groups.size(); i++) {
      ConfigObject group = (ConfigObject) groups.get(i);
      Settings each = machine.inside(group.withFallback(template), "devices[" + i + "]");
      add(each, group.containsKey("count") ? each.count("count", 1, Limits.DEVICES) : 1, devices);
    }
    if (devices.isEmpty() || devices.size() > Limits.DEVICES) {
      throw machine.wrong("devices", "must give 1 to " + Limits.DEVICES + " devices");
    }
    return devices;
  }

  private static void add(Settings device, int count, List<Named> devices) {
    String name = device.text("name");
    for (int i = 0; i < count; i++) {
      devices.add(new Named(count == 1 ? name : name + i, device));
    }
  }

  /**
   * The devices of a machine.
   *
   * @param names as its clients call them
   * @param domains of the machine, which devices get in turn
   */
  List<DeviceSpec> read(Settings machine, List<String> names, int domains) {
    // A trace names its devices itself; all are then like `device`.
    List<Settings> each =
        machine.isList("devices")
            ? named(machine).stream().map(Named::settings).toList()
            : Collections.nCopies(names.size(), machine.section("device"));
    List<DeviceSpec> devices = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      devices.add(device(names.get(i), each.get(i), i % domains));
    }
    return devices;
  }

  private DeviceSpec device(String name, Settings device, int domain) {
    return new DeviceSpec(
        name,
        domain,
        0,
        sacFirst,
        mask(device, "mask"),
        mask(device, "coherent-mask"),
        device.quantity("latency", Quantity.TIME, 0, SECOND_NS),
        device.quantity("jitter", Quantity.TIME, 0, SECOND_NS),
        device.count("parallel", 1, 1 << 20),
        device.quantity("bandwidth", Quantity.BANDWIDTH, MIN_BANDWIDTH, MAX_BANDWIDTH),
        device.quantity("per-page", Quantity.TIME, 0, SECOND_NS),
        device.quantity("completion", Quantity.TIME, 0, SECOND_NS),
        uplink(device),
        device.count("translations", 1, MAX_TRANSLATIONS),
        misuse(device.section("misuse")),
        device.is("walks", "walkers")
            ? DeviceSpec.NO_LIMIT
            : device.count("walks", 1, MAX_TRANSLATIONS),
        ats(device));
  }

  private static MisuseSpec misuse(Settings misuse) {
    return new MisuseSpec(
        misuse.count("stale-every", 0, Integer.MAX_VALUE),
        misuse.quantity("stale-after", Quantity.TIME, 0, SECOND_NS),
        misuse.count("write-every", 0, Integer.MAX_VALUE),
        misuse.count("address-bits", MisuseSpec.MIN_BITS, MisuseSpec.ALL_BITS),
        misuse.is("answers", "all")
            ? MisuseSpec.ALWAYS
            : misuse.count("answers", 0, Integer.MAX_VALUE),
        misuse.flag("present"));
  }

  private AtsSpec ats(Settings device) {
    boolean on = device.flag("ats");
    if (on && !unit.ats()) {
      throw device.wrong("ats", "units of kind %s have no ATS".formatted(unit.label()));
    }
    AtsSpec ats =
        new AtsSpec(
            device.count("tlb-entries", 1, IotlbSize.MAX_ENTRIES),
            device.count("tlb-ways", 1, IotlbSize.MAX_ENTRIES),
            device.quantity("ats-request", Quantity.TIME, 0, SECOND_NS),
            device.quantity("ats-invalidate", Quantity.TIME, 0, SECOND_NS),
            device.quantity("ats-timeout", Quantity.TIME, 1, MAX_TIMEOUT_NS));
    if (ats.tlbEntries() % ats.tlbWays() != 0
        || Integer.bitCount(ats.tlbEntries() / ats.tlbWays()) != 1) {
      throw device.wrong(
          "tlb-entries",
          "%d in sets of %d (tlb-ways) do not make a power of two of sets"
              .formatted(ats.tlbEntries(), ats.tlbWays()));
    }
    return on ? ats : null;
  }

  /** Highest granule that a mask of so many bits reaches. */
  private static long mask(Settings device, String key) {
    int bits = device.count(key, MIN_MASK, MAX_MASK);
    return bits == MAX_MASK ? DeviceSpec.NO_MASK : Granule.pfn((1L << bits) - 1);
  }

  private UplinkSpec uplink(Settings device) {
    long bandwidth =
        device.quantity("uplink-bandwidth", Quantity.BANDWIDTH, MIN_BANDWIDTH, MAX_BANDWIDTH);
    if (device.is("uplink", "none")) {
      return null;
    }
    int number = device.count("uplink", 0, Limits.DEVICES - 1);
    UplinkSpec own = new UplinkSpec(number, bandwidth);
    UplinkSpec first = uplinks.putIfAbsent(number, own);
    if (first != null && !first.equals(own)) {
      throw device.wrong(
          "uplink-bandwidth",
          "is %d B/s, and %d B/s for another device of uplink %d"
              .formatted(bandwidth, first.bytesPerSecond(), number));
    }
    return own;
  }
}
