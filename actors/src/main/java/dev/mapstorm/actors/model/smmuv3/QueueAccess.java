package dev.mapstorm.actors.model.smmuv3;

/** The accesses to shared state that {@code arm_smmu_cmdq_issue_cmdlist} makes, one at a time. */
public enum QueueAccess {
  /** Reads the word of PROD and CONS. */
  LOAD,
  /** Swaps the word, which was as read: slots are reserved. */
  SWAPPED,
  /** Finds another word than the one read. */
  SWAP_FAILED,
  /** Counts itself into the lock; with a negative count found it has to wait. */
  LOCK_SHARED,
  /** Waits for the end of an exclusive section. */
  WAIT_EXCLUSIVE,
  /** Finds the exclusive section ended. */
  EXCLUSIVE_ENDED,
  /** Flips the valid bits of its slots in one word of the map. */
  SET_VALID,
  /** Owner: waits for the one before. */
  WAIT_OWNER,
  /** Owner: it is its turn. */
  OWNER_TURN,
  /** Owner: clears OWNED, where its run ends. */
  END_GATHER,
  /** Owner: waits for slots of its run in one word of the map. */
  WAIT_VALID,
  /** Owner: the slots of its run in one word of the map are valid. */
  VALID,
  /** Owner: writes the PROD register. */
  WRITE_PROD,
  /** Owner: lets the next one have its turn. */
  PASS_OWNER,
  /** Waits for the write into its CMD_SYNC's slot. */
  WAIT_MSI,
  /** Finds its CMD_SYNC's slot written. */
  MSI_WRITTEN,
  /** Reads the CONS register. */
  READ_CONS,
  /** Reads the lock count, to see whether it is the last. */
  READ_LOCK,
  /** Stores CONS into the word. */
  STORE_CONS,
  /** Counts itself out of the lock. */
  UNLOCK_SHARED,
  /** Tries for the lock, exclusively. */
  TRY_EXCLUSIVE,
  /** Ends its exclusive section. */
  UNLOCK_EXCLUSIVE
}
