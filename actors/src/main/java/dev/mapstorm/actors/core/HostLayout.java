package dev.mapstorm.actors.core;

import dev.mapstorm.actors.model.percpu.PerCpu;
import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.HostSpec;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The numbers by which the actors of a host know each other: clients first, then devices, domains
 * and IOMMU units. The one id scheme; messages and events use the number within a kind, mailboxes
 * the number in the host. Also says which client drives which device and runs on which CPU.
 */
public final class HostLayout {
  private final int clients;
  private final int devices;
  private final int domains;
  private final int iommus;
  private final int[] deviceOfClient;

  /** Clients that may run on any CPU, ascending. */
  private final int[] onEveryCpu;

  /** All clients of a CPU, ascending, where one is bound to it. */
  private final PerCpu<int[]> onCpu;

  /** The layout of a host. */
  public HostLayout(HostSpec spec) {
    clients = spec.clients().size();
    devices = spec.devices().size();
    domains = spec.domains().size();
    iommus = spec.iommus().size();
    deviceOfClient = spec.clients().stream().mapToInt(ClientSpec::device).toArray();
    onEveryCpu =
        IntStream.range(0, clients)
            .filter(client -> !(spec.clients().get(client) instanceof ClientSpec.Queue))
            .toArray();
    onCpu = new PerCpu<>(spec.cpus());
    for (int client = 0; client < clients; client++) {
      if (spec.clients().get(client) instanceof ClientSpec.Queue queue) {
        onCpu.set(queue.cpu(), with(client, clientsOn(queue.cpu())));
        if (queue.completionCpu() != queue.cpu()) {
          onCpu.set(queue.completionCpu(), with(client, clientsOn(queue.completionCpu())));
        }
      }
    }
  }

  private static int[] with(int client, int[] others) {
    int[] all = Arrays.copyOf(others, others.length + 1);
    all[others.length] = client;
    Arrays.sort(all);
    return all;
  }

  /** Actors of the host. */
  public int actors() {
    return clients + devices + domains + iommus;
  }

  /** The device that a client drives. */
  public int deviceOf(int client) {
    return deviceOfClient[client];
  }

  /** The clients that run on a CPU, ascending; not to be changed. */
  public int[] clientsOn(int cpu) {
    int[] bound = onCpu.get(cpu);
    return bound == null ? onEveryCpu : bound;
  }

  /** The actor that is client {@code client}. */
  public int client(int client) {
    return client;
  }

  /** The actor that is device {@code device}. */
  public int device(int device) {
    return clients + device;
  }

  /** The actor that is domain {@code domain}. */
  public int domain(int domain) {
    return clients + devices + domain;
  }

  /** The actor that is IOMMU unit {@code iommu}. */
  public int iommu(int iommu) {
    return clients + devices + domains + iommu;
  }

  /** What actor {@code actor} is, such as {@code domain-0}. */
  public String name(int actor) {
    if (actor < clients) {
      return "client-" + actor;
    }
    if (actor < clients + devices) {
      return "device-" + (actor - clients);
    }
    if (actor < clients + devices + domains) {
      return "domain-" + (actor - clients - devices);
    }
    return "iommu-" + (actor - clients - devices - domains);
  }
}
