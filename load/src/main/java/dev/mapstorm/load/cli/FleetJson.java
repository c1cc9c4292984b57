package dev.mapstorm.load.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mapstorm.actors.pekko.SimulationResult;
import dev.mapstorm.load.cluster.FleetReport;
import dev.mapstorm.load.run.RunReport.HostEnd;
import dev.mapstorm.persistence.store.JournalEnds;
import dev.mapstorm.persistence.store.JournalReader;
import dev.mapstorm.persistence.store.StoreException;

/**
 * What {@code fleet.json} keeps of a cluster's run: the coordinator's report, and as {@code ends}
 * how each host ended. Readers hold the journal against it from then on.
 */
final class FleetJson {
  private FleetJson() {}

  /**
   * The text of the file. The ends come from the journal, and are there only if it has come to the
   * hash that the coordinator reported.
   */
  static String of(FleetReport report, JournalReader journal) {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode fleet = mapper.valueToTree(report);
    try {
      SimulationResult end = JournalEnds.of(journal);
      if (!report.hash().isEmpty() && end.hash().equals(report.hash())) {
        fleet.set("ends", mapper.valueToTree(end.hosts().stream().map(HostEnd::of).toList()));
      }
    } catch (StoreException e) {
      // It is told when the run is read; the hash of the whole is kept.
      fleet.remove("ends");
    }
    return Json.text(fleet) + "\n";
  }
}
