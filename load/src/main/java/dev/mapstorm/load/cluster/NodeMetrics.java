package dev.mapstorm.load.cluster;

import dev.mapstorm.actors.cluster.HostBoard;
import dev.mapstorm.protocol.cluster.HostReport;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** A node's figures for Prometheus, its own and those of the hosts on it. Thread-safe. */
final class NodeMetrics implements AutoCloseable {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics gc = new JvmGcMetrics();
  private final HostBoard board;
  private final MultiGauge virtual;
  private final MultiGauge events;
  private final MultiGauge bytes;
  private final MultiGauge redone;
  private final MultiGauge trouble;

  NodeMetrics(HostBoard board, NodeStatusReader status) {
    this.board = board;
    FunctionCounter.builder("mapstorm.node.events.written", board, HostBoard::written)
        .description("Events that this node has journaled since it started")
        .register(registry);
    Gauge.builder("mapstorm.node.hosts", board, each -> each.reports().size())
        .description("Hosts that are on this node")
        .register(registry);
    Gauge.builder("mapstorm.node.lanes", board, HostBoard::lanes)
        .description("Threads that simulate")
        .register(registry);
    Gauge.builder("mapstorm.node.ready", status, each -> each.isReady() ? 1 : 0)
        .description("1 if the node is a member, can write the journal and hears the coordinator")
        .register(registry);
    Gauge.builder("mapstorm.journal.up", status, each -> each.journalTrouble().isEmpty() ? 1 : 0)
        .description("1 if the journal's database answers")
        .register(registry);
    Gauge.builder("mapstorm.cluster.members", status, each -> count(each, true))
        .description("Members of the cluster that this node can reach, itself included")
        .register(registry);
    Gauge.builder("mapstorm.cluster.unreachable", status, each -> count(each, false))
        .description("Members of the cluster that this node cannot reach")
        .register(registry);
    virtual = perHost("mapstorm.host.virtual", "seconds", "Virtual time that a host has reached");
    events = perHost("mapstorm.host.events", "events", "Events in a host's journal");
    bytes = perHost("mapstorm.host.journal", "bytes", "Bytes of payload in a host's journal");
    redone =
        perHost(
            "mapstorm.host.redone", "events", "Events executed again when it was recovered here");
    trouble =
        perHost("mapstorm.host.held", null, "1 if the journal holds a host's virtual time back");
    new JvmMemoryMetrics().bindTo(registry);
    gc.bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
  }

  private MultiGauge perHost(String name, String unit, String description) {
    return MultiGauge.builder(name).baseUnit(unit).description(description).register(registry);
  }

  private static long count(NodeStatusReader status, boolean reachable) {
    return status.members().stream().filter(each -> each.reachable() == reachable).count();
  }

  /** All figures in the text format of Prometheus. */
  synchronized String scrape() {
    List<HostReport> hosts = board.reports();
    fill(virtual, hosts, host -> host.instant() / 1e9);
    fill(events, hosts, HostReport::events);
    fill(bytes, hosts, HostReport::bytes);
    fill(redone, hosts, HostReport::redone);
    fill(trouble, hosts, host -> host.trouble().isEmpty() ? 0 : 1);
    return registry.scrape();
  }

  private static void fill(
      MultiGauge gauge, List<HostReport> hosts, ToDoubleFunction<HostReport> figure) {
    gauge.register(
        hosts.stream()
            .<MultiGauge.Row<?>>map(
                host ->
                    MultiGauge.Row.of(
                        Tags.of("run", host.run(), "host", Integer.toString(host.host())),
                        figure.applyAsDouble(host)))
            .toList(),
        true);
  }

  @Override
  public void close() {
    gc.close();
    registry.close();
  }
}
