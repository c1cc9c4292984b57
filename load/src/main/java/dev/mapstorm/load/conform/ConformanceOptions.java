package dev.mapstorm.load.conform;

import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.load.trace.MachineFile;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a {@link TraceConformance} is told of the machine; what is empty is inferred from the trace,
 * or assumed, and the report says so.
 *
 * @param kernel version of the kernel, such as {@code 6.1}
 * @param lazy whether unmaps go through flush queues
 * @param granuleShift log2 of the bytes of a granule: 12, 14 or 16
 * @param possibleCpus CPUs of the machine, which the depot worker leaves a magazine each for
 * @param reserved windows that the kernel keeps out; if empty, {@link ReservedWindow#MSI} and what
 *     {@link WindowInference} finds
 * @param iova sizes of the caches, instead of those of the kernel
 * @param machine what a file beside the trace says; what is given here and what the trace itself
 *     says goes before it
 * @param source where these are from, for the report
 */
public record ConformanceOptions(
    Optional<String> kernel,
    Optional<Boolean> lazy,
    OptionalInt granuleShift,
    OptionalInt possibleCpus,
    Optional<List<ReservedWindow>> reserved,
    Optional<IovaParameters> iova,
    Optional<MachineFile> machine,
    String source) {
  /** All is inferred. */
  public static final ConformanceOptions INFERRED =
      new ConformanceOptions(
          Optional.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          "given");

  private static final List<Integer> GRANULES = List.of(12, 14, 16);

  /** Refuses what no kernel has. */
  public ConformanceOptions {
    kernel.ifPresent(KernelVersion::parse);
    if (granuleShift.isPresent() && !GRANULES.contains(granuleShift.getAsInt())) {
      throw new IllegalArgumentException(
          "a granule has 4, 16 or 64 KiB, not 2^" + granuleShift.getAsInt() + " bytes");
    }
    reserved = reserved.map(List::copyOf);
  }

  /** These with a kernel. */
  public ConformanceOptions withKernel(String version) {
    return new ConformanceOptions(
        Optional.of(version), lazy, granuleShift, possibleCpus, reserved, iova, machine, source);
  }

  /** These with a mode. */
  public ConformanceOptions withLazy(boolean value) {
    return new ConformanceOptions(
        kernel, Optional.of(value), granuleShift, possibleCpus, reserved, iova, machine, source);
  }

  /** These with a granule. */
  public ConformanceOptions withGranuleShift(int shift) {
    return new ConformanceOptions(
        kernel, lazy, OptionalInt.of(shift), possibleCpus, reserved, iova, machine, source);
  }

  /** These with a number of CPUs. */
  public ConformanceOptions withPossibleCpus(int cpus) {
    return new ConformanceOptions(
        kernel, lazy, granuleShift, OptionalInt.of(cpus), reserved, iova, machine, source);
  }

  /** These with what a file beside the trace says, if there is one. */
  public ConformanceOptions with(Optional<MachineFile> beside) {
    return new ConformanceOptions(
        kernel, lazy, granuleShift, possibleCpus, reserved, iova, beside, source);
  }

  /** These with other cache sizes. */
  public ConformanceOptions with(IovaParameters other) {
    return new ConformanceOptions(
        kernel, lazy, granuleShift, possibleCpus, reserved, Optional.of(other), machine, source);
  }

  /** These with given windows instead of inferred ones. */
  public ConformanceOptions with(List<ReservedWindow> windows) {
    return new ConformanceOptions(
        kernel, lazy, granuleShift, possibleCpus, Optional.of(windows), iova, machine, source);
  }
}
