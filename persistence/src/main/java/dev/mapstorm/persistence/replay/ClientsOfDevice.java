package dev.mapstorm.persistence.replay;

import dev.mapstorm.protocol.event.EventSink;
import java.util.BitSet;

/** Which clients submitted requests to a device. Not thread-safe. */
public final class ClientsOfDevice implements EventSink {
  private final int device;
  private final BitSet clients = new BitSet();

  /** Looks for the clients of {@code device}. */
  public ClientsOfDevice(int device) {
    this.device = device;
  }

  @Override
  public void submitted(long t, int device, int client, long op) {
    if (device == this.device) {
      clients.set(client);
    }
  }

  /** Those found so far. */
  public BitSet clients() {
    return (BitSet) clients.clone();
  }
}
