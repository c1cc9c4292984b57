package dev.mapstorm.load.calibrate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What files of measurements hold.
 *
 * @param cells runs of dma_map_benchmark
 * @param findings of all other instruments
 * @param machine what the files say of it
 */
public record Measurements(
    List<BenchmarkCell> cells, List<Finding> findings, Optional<String> machine) {

  /**
   * Reads files, each by itself.
   *
   * @throws CalibrationException if a file holds nothing that is known or what is broken off, or if
   *     two say that they are of different machines
   */
  public static Measurements read(List<MeasuredFile> files) {
    MachineLines machine = new MachineLines(files);
    List<BenchmarkCell> cells = BenchmarkOutput.read(files);
    List<Finding> findings = new ArrayList<>();
    FioResults fio = new FioResults();
    for (MeasuredFile file : files) {
      List<Finding> of = new ArrayList<>();
      Instrument.ALL.forEach(instrument -> of.addAll(instrument.read(file)));
      if (!fio.read(file)
          && of.isEmpty()
          && BenchmarkOutput.read(List.of(file)).isEmpty()
          && new MachineLines(List.of(file)).maxAddressMask().isEmpty()) {
        throw new CalibrationException(
            "%s: nothing in it is known, or says anything of costs; read are outputs of dma_map_benchmark, function_graph, bpftrace, funclatency, dmar_perf_latency, perf stat -x, of units, fio, and mapstorm capture"
                .formatted(file.name()));
      }
      findings.addAll(of);
    }
    findings.addAll(fio.findings());
    machine.maxAddressMask().ifPresent(findings::add);
    return new Measurements(cells, List.copyOf(findings), machine.words());
  }
}
