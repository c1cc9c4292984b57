package dev.mapstorm.protocol.event;

/** What came of a request under the policy, platform and timing of this run. */
public sealed interface OutcomeEvent extends Event
    permits Event.IovaAllocated,
        Event.IovaFreed,
        Event.IovaCachesFlushed,
        Event.DepotTrimmed,
        Event.PtesMapped,
        Event.PtesCleared,
        Event.TablesChanged,
        Event.Mapped,
        Event.MapFailed,
        Event.Unmapped,
        Event.LockWaited,
        Event.LockUsed,
        Event.InvalidationPosted,
        Event.InvalidationCompleted,
        Event.FlushQueued,
        Event.FlushStarted,
        Event.FlushFinished,
        Event.Submitted,
        Event.Translated,
        Event.Faulted,
        Event.Completed,
        Event.RequestDone,
        Event.CpuStolen {}
