package dev.mapstorm.load.run;

import dev.mapstorm.actors.spec.DomainSpec;
import dev.mapstorm.load.scenario.ClientOutline;
import dev.mapstorm.load.scenario.ResolvedMachine;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What the events of a host leave to the scenario of its run: names, and the limits that Linux laid
 * lists out by. The same for all hosts of a kind.
 *
 * @param run what the run is called
 * @param devices their names, by number
 * @param domains the domain of each device
 * @param clients by number
 * @param domain what every domain is
 * @param maxAddressMask MAMV of every IOMMU unit
 */
public record RunOutline(
    String run,
    List<String> devices,
    List<Integer> domains,
    List<ClientOutline> clients,
    DomainSpec domain,
    int maxAddressMask) {

  /** Of a host of this kind in the run that is called {@code run}. */
  public static RunOutline of(String run, ResolvedMachine machine) {
    List<String> devices = machine.devices();
    List<Integer> domains = IntStream.range(0, devices.size()).mapToObj(machine::domainOf).toList();
    return new RunOutline(
        run,
        devices,
        domains,
        machine.outlines(),
        machine.domain(),
        machine.platform().unit().maxAddressMask());
  }

  /** The name of a device. */
  public String device(int number) {
    return number < devices.size() ? devices.get(number) : "device " + number;
  }

  /** The device of a client. */
  public int deviceOf(int client) {
    return client < clients.size() ? clients.get(client).device() : 0;
  }

  /** The name of a client. */
  public String client(int number) {
    return number < clients.size() ? clients.get(number).name() : "client " + number;
  }

  /** The CPU that a client runs on, as far as its scenario says. */
  public int cpuOf(int client) {
    return client < clients.size() ? clients.get(client).cpu() : 0;
  }
}
