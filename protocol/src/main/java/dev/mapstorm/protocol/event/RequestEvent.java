package dev.mapstorm.protocol.event;

/** What a client asked for, independent of policy: it can be run again under another one. */
public sealed interface RequestEvent extends Event
    permits Event.DmaRequested, Event.ReleaseRequested, Event.RequestArrived {}
