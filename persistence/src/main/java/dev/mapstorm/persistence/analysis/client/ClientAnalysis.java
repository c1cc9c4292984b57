package dev.mapstorm.persistence.analysis.client;

import dev.mapstorm.persistence.analysis.AnalysedHost;
import dev.mapstorm.persistence.analysis.Analysis;
import dev.mapstorm.persistence.analysis.Distribution;
import dev.mapstorm.persistence.analysis.Hosts;
import dev.mapstorm.persistence.analysis.ReportPage;
import dev.mapstorm.persistence.analysis.Results;
import dev.mapstorm.persistence.analysis.cpu.ClientCalls;
import dev.mapstorm.persistence.analysis.cpu.CpuTimeAnalysis;
import dev.mapstorm.persistence.analysis.extent.ExtentAnalysis;
import dev.mapstorm.persistence.text.TextTable;
import dev.mapstorm.persistence.text.Units;
import java.util.ArrayList;
import java.util.List;

/** What each client asked for, got and paid. */
public final class ClientAnalysis implements Analysis<ClientFigures, List<ClientAnalysis.Client>> {
  /** The analysis. */
  public static final ClientAnalysis CLIENTS = new ClientAnalysis();

  private ClientAnalysis() {}

  /**
   * A DMA client.
   *
   * @param host its host
   * @param client its number
   * @param requested requests it made
   * @param done requests that were done
   * @param lastDoneNs instant at which the last of them was; 0 without any
   * @param bytes of the requests done
   * @param mappings handed to it
   * @param mappedPages granules touched by them
   * @param mapFailures calls that failed
   * @param faults addresses of its requests that a device could not use
   * @param donePerSecond requests done a second
   * @param bytesPerSecond bytes done a second
   * @param latency of the requests done
   * @param mapCallNs CPU time of its mapping calls that returned
   * @param unmapCallNs CPU time of its unmapping calls that returned
   * @param requestsMapped its requests of which all is mapped, or was
   * @param requestsMappedNs CPU time of the calls that mapped these
   * @param requestsUnmapped its requests of which all was mapped and nothing is left
   * @param requestsUnmappedNs CPU time of the calls that unmapped these
   */
  public record Client(
      int host,
      int client,
      long requested,
      long done,
      long lastDoneNs,
      long bytes,
      long mappings,
      long mappedPages,
      long mapFailures,
      long faults,
      long donePerSecond,
      long bytesPerSecond,
      Distribution latency,
      long mapCallNs,
      long unmapCallNs,
      long requestsMapped,
      long requestsMappedNs,
      long requestsUnmapped,
      long requestsUnmappedNs) {}

  @Override
  public String name() {
    return "clients";
  }

  @Override
  public ClientFigures host(AnalysedHost host) {
    return new ClientFigures(host.host(), host.inFlight());
  }

  /** By host and client. */
  @Override
  public List<Client> result(Hosts hosts) {
    List<Client> rows = new ArrayList<>();
    List<ClientFigures> each = hosts.each(this);
    List<ClientCalls> calls = CpuTimeAnalysis.ofClients(hosts);
    long spanNs = hosts.of(ExtentAnalysis.EXTENT).spanNs();
    for (int i = 0; i < each.size(); i++) {
      each.get(i).rows(calls.get(i), spanNs, rows);
    }
    return List.copyOf(rows);
  }

  @Override
  public void text(Results results, ReportPage page) {
    List<Client> clients = results.of(this);
    if (clients.isEmpty()) {
      return;
    }
    page.section("Clients");
    TextTable table =
        new TextTable(
            ">client",
            ">done/s",
            ">bytes/s",
            ">p50",
            ">p99",
            ">p99.9",
            ">max",
            ">map/op",
            ">unmap/op",
            ">failed");
    page.table(
        table,
        clients,
        each ->
            table.row(
                page.of(each.host(), each.client()),
                Units.count(each.donePerSecond()),
                Units.bytes(each.bytesPerSecond()),
                ReportPage.time(each.latency(), each.latency().p50()),
                ReportPage.time(each.latency(), each.latency().p99()),
                ReportPage.time(each.latency(), each.latency().p999()),
                ReportPage.time(each.latency(), each.latency().max()),
                ReportPage.each(each.requestsMappedNs(), each.requestsMapped()),
                ReportPage.each(each.requestsUnmappedNs(), each.requestsUnmapped()),
                Units.count(each.mapFailures() + each.faults())));
  }
}
