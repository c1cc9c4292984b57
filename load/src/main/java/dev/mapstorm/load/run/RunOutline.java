package dev.mapstorm.load.run;

import dev.mapstorm.actors.spec.IommuSpec;
import dev.mapstorm.load.scenario.ClientOutline;
import dev.mapstorm.load.scenario.ResolvedMachine;
import dev.mapstorm.protocol.IommuMode;
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
 * @param mode what every domain does with what is unmapped
 * @param segmentBoundaryMask {@code dma_get_seg_boundary} of every device
 * @param maxSegmentBytes {@code dma_get_max_seg_size} of every device
 * @param unit what every IOMMU unit is
 */
public record RunOutline(
    String run,
    List<String> devices,
    List<Integer> domains,
    List<ClientOutline> clients,
    IommuMode mode,
    long segmentBoundaryMask,
    long maxSegmentBytes,
    IommuSpec unit) {

  /** Of a host of this kind in the run that is called {@code run}. */
  public static RunOutline of(String run, ResolvedMachine machine) {
    List<String> devices = machine.devices();
    List<Integer> domains = IntStream.range(0, devices.size()).mapToObj(machine::domainOf).toList();
    return new RunOutline(
        run,
        devices,
        domains,
        machine.outlines(),
        machine.mode(),
        machine.segmentBoundaryMask(),
        machine.maxSegmentBytes(),
        machine.platform().unit());
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
}
