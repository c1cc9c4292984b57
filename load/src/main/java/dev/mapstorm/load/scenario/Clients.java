package dev.mapstorm.load.scenario;

import dev.mapstorm.actors.spec.ClientSpec;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalLong;

/** The DMA clients of a machine and what they need there. */
interface Clients {
  /** Those of a host, in the order of their numbers. */
  List<ClientSpec> specs(int host);

  /** Names of the devices that they drive, in the order of the devices' numbers. */
  List<String> devices();

  /** Those of the devices that they map for by the IOMMU API, at addresses that they choose. */
  BitSet unmanagedDevices();

  /** CPUs that they run on, counted from 0. */
  int cpus();

  /** Virtual nanoseconds that their requests take, where that is known. */
  OptionalLong spanNs();
}
