package dev.mapstorm.actors.host;

import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.actors.spec.RecordedRequests;
import dev.mapstorm.actors.spec.RecordedRequestsBuilder;
import dev.mapstorm.protocol.Phyr;
import dev.mapstorm.protocol.event.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Hosts whose clients ask again for what another host was asked. */
public final class Repetition {
  private Repetition() {}

  /**
   * The host with its queues repeating what they asked for.
   *
   * @param events of the host, from which that is taken
   * @param load by depth
   */
  static HostSpec of(HostSpec spec, List<Event> events, IntFunction<LoadSpec> load) {
    List<RecordedRequestsBuilder> requests = new ArrayList<>();
    spec.clients().forEach(client -> requests.add(new RecordedRequestsBuilder()));
    for (Event event : events) {
      if (event instanceof Event.RequestArrived e) {
        requests.get(e.client()).arrived(e.t(), (int) e.op(), 0);
      } else if (event instanceof Event.DmaRequested e) {
        tell(requests.get(e.client()), e);
      }
    }
    return asking(spec, requests.stream().map(RecordedRequestsBuilder::build).toList(), load);
  }

  /**
   * The host with its queues asking what they are told.
   *
   * @param requests of each client
   * @param load by depth
   */
  public static HostSpec asking(
      HostSpec spec, List<RecordedRequests> requests, IntFunction<LoadSpec> load) {
    List<ClientSpec> clients = new ArrayList<>();
    for (ClientSpec client : spec.clients()) {
      ClientSpec.Queue queue = (ClientSpec.Queue) client;
      clients.add(
          new ClientSpec.Repeated(
              queue.name(),
              queue.device(),
              queue.cpu(),
              queue.cpu(),
              queue.api(),
              queue.batch(),
              load.apply(queue.load().depth()),
              requests.get(clients.size()),
              queue.block(),
              queue.region()));
    }
    return with(spec, clients);
  }

  /** The host with other clients. */
  static HostSpec with(HostSpec spec, List<ClientSpec> clients) {
    return new HostSpec(
        spec.host(),
        spec.seed(),
        spec.cpus(),
        spec.nodes(),
        spec.endNs(),
        spec.costs(),
        spec.iommus(),
        spec.domains(),
        spec.devices(),
        clients,
        spec.journal());
  }

  private static void tell(RecordedRequestsBuilder requests, Event.DmaRequested event) {
    int op = (int) event.op();
    if (!requests.hasArrived(op)) {
      requests.arrived(event.t(), op, 0);
    }
    requests.told(
        op,
        event.direction(),
        event.api(),
        event.phyrs().size(),
        event.phyrs().stream().mapToLong(Phyr::start).toArray(),
        event.phyrs().stream().mapToInt(Phyr::length).toArray());
  }
}
