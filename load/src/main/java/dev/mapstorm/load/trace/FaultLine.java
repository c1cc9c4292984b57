package dev.mapstorm.load.trace;

import dev.mapstorm.load.trace.TraceEvent.IoPageFault;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A translation fault as the driver of an IOMMU prints it into the kernel log: VT-d ({@code
 * dmar_fault_do_one}, drivers/iommu/intel/dmar.c), AMD-Vi ({@code amd_iommu_report_page_fault},
 * drivers/iommu/amd/iommu.c), SMMUv3 ({@code arm_smmu_dump_event}) and SMMUv2 ({@code
 * arm_smmu_context_fault}). No state.
 */
final class FaultLine {
  private static final Pattern VTD =
      Pattern.compile(
          "DMAR: \\[DMA (Read|Write)(?: NO_PASID| PASID \\w+)?\\] Request device"
              + " \\[([0-9a-f:.]+)\\](?: PASID \\w+)? fault addr (?:0x)?([0-9a-f]{1,16})");

  private static final Pattern AMD_NAMED =
      Pattern.compile(
          "(\\S+) ([0-9a-f]{4}:[0-9a-f:.]+): AMD-Vi: Event logged"
              + " \\[IO_PAGE_FAULT domain=\\w+ address=0x([0-9a-f]{1,16}) flags=0x([0-9a-f]{1,8})");

  private static final Pattern AMD =
      Pattern.compile(
          "(AMD-Vi): Event logged \\[IO_PAGE_FAULT device=([0-9a-f:.]+) domain=\\w+"
              + " address=0x([0-9a-f]{1,16}) flags=0x([0-9a-f]{1,8})");

  private static final Pattern SMMU_V3 =
      Pattern.compile(
          "(arm-smmu-v3) \\S+: event: F_\\w+ client: (\\S+) .*iova: 0x([0-9a-f]{1,16})");

  private static final Pattern SMMU_V2 =
      Pattern.compile(
          "(arm-smmu) (\\S+): Unhandled context fault: .*iova=0x([0-9a-f]{1,16}), fsynr=0x"
              + "([0-9a-f]{1,8})");

  /** {@code EVENT_FLAG_RW}. */
  private static final int AMD_WRITE = 0x20;

  /** {@code ARM_SMMU_CB_FSYNR0_WNR}. */
  private static final int SMMU_V2_WRITE = 0x10;

  private FaultLine() {}

  /** The fault of a line, if it is one. */
  static Optional<TraceEvent> parse(String line) {
    Matcher vtd = VTD.matcher(line);
    if (vtd.find()) {
      return fault("DMAR", vtd.group(2), vtd.group(3), vtd.group(1).equals("Write") ? 1 : 0);
    }
    for (Pattern pattern : new Pattern[] {AMD_NAMED, AMD}) {
      Matcher amd = pattern.matcher(line);
      if (amd.find()) {
        boolean write = (Integer.parseUnsignedInt(amd.group(4), 16) & AMD_WRITE) != 0;
        return fault(amd.group(1), amd.group(2), amd.group(3), write ? 1 : 0);
      }
    }
    Matcher v3 = SMMU_V3.matcher(line);
    if (v3.find()) {
      return fault(v3.group(1), v3.group(2), v3.group(3), IoPageFault.UNKNOWN_ACCESS);
    }
    Matcher v2 = SMMU_V2.matcher(line);
    if (v2.find()) {
      boolean write = (Integer.parseUnsignedInt(v2.group(4), 16) & SMMU_V2_WRITE) != 0;
      return fault(v2.group(1), v2.group(2), v2.group(3), write ? 1 : 0);
    }
    return Optional.empty();
  }

  private static Optional<TraceEvent> fault(String driver, String device, String iova, int flags) {
    return Optional.of(new IoPageFault(driver, device, Long.parseUnsignedLong(iova, 16), flags));
  }
}
