package dev.mapstorm.actors.model.smmuv3;

/** The TLB invalidations that Linux sends an SMMUv3 ({@code CMDQ_OP_TLBI_*}). */
public enum TlbiOp {
  /** Addresses of an ASID. */
  TLBI_NH_VA(0x12),
  /** Addresses of an ASID, of a host at EL2. */
  TLBI_EL2_VA(0x22),
  /** Intermediate addresses of a VMID: stage 2. */
  TLBI_S2_IPA(0x2a),
  /** A whole ASID. */
  TLBI_NH_ASID(0x11),
  /** A whole ASID, of a host at EL2. */
  TLBI_EL2_ASID(0x21),
  /** A whole VMID. */
  TLBI_S12_VMALL(0x28);

  private final int opcode;

  TlbiOp(int opcode) {
    this.opcode = opcode;
  }

  /** Bits 7:0 of the command. */
  public int opcode() {
    return opcode;
  }

  /** Whether its id is a VMID. */
  public boolean stage2() {
    return this == TLBI_S2_IPA || this == TLBI_S12_VMALL;
  }
}
