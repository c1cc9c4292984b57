package dev.mapstorm.protocol.message;

/** Anything that one simulated actor says to another, or to itself at a later instant. */
public sealed interface Message permits DriverMessage, DomainMessage, IommuMessage, DeviceMessage {}
