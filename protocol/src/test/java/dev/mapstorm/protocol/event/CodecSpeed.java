package dev.mapstorm.protocol.event;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures the codec on {@link StrictReadMix}: nanoseconds of CPU an event to append, encode,
 * chain, decode and dispatch, and bytes an event. Run by hand; the best of the rounds is printed.
 */
final class CodecSpeed {
  private static final int ROUNDS = 12;
  private static final int BATCH_EVENTS = 8192;

  private final List<EventWords> batches = new ArrayList<>();
  private final List<byte[]> payloads = new ArrayList<>();
  private final ColumnEncoder encoder = new ColumnEncoder();
  private final ColumnDecoder decoder = new ColumnDecoder();
  private final HashChain chain = new HashChain();
  private final EventWords words = new EventWords(1 << 17);
  private int events;
  private long sum;

  private CodecSpeed(int batchEvents) {
    EventWords batch = new EventWords(1 << 17);
    for (Event event : StrictReadMix.events(5000, 1)) {
      event.to(batch);
      if (batch.count() == batchEvents) {
        batches.add(batch);
        batch = new EventWords(1 << 17);
      }
    }
    events = batches.size() * batchEvents;
  }

  /** Measures batches of 8192 events, or of as many as the argument says. */
  public static void main(String[] args) {
    int batchEvents = args.length > 0 ? Integer.parseInt(args[0]) : BATCH_EVENTS;
    CodecSpeed speed = new CodecSpeed(batchEvents);
    speed.batches.forEach(b -> speed.payloads.add(speed.encoder.encode(b)));
    long bytes = speed.payloads.stream().mapToLong(p -> p.length).sum();
    System.out.printf(
        "%d batches of %d events, %.2f bytes an event%n",
        speed.batches.size(), batchEvents, (double) bytes / speed.events);
    speed.time("append and dispatch", speed::append);
    speed.time("encode", speed::encode);
    speed.time("hash", speed::hash);
    speed.time("decode", speed::decode);
    speed.time("decode and dispatch", speed::decodeAndDispatch);
    System.out.println("checksum " + speed.sum);
  }

  private void time(String what, Runnable body) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long best = Long.MAX_VALUE;
    for (int i = 0; i < ROUNDS; i++) {
      long start = threads.getCurrentThreadCpuTime();
      body.run();
      best = Math.min(best, threads.getCurrentThreadCpuTime() - start);
    }
    System.out.printf("%-22s %6.1f ns an event%n", what, (double) best / events);
  }

  private void append() {
    for (EventWords batch : batches) {
      words.clear();
      batch.forEach(words);
      sum += words.size();
    }
  }

  private void encode() {
    for (EventWords batch : batches) {
      sum += encoder.encode(batch).length;
    }
  }

  private void hash() {
    byte[] hash = new byte[HashChain.BYTES];
    for (int i = 0; i < payloads.size(); i++) {
      hash = chain.seal(hash, i, batches.get(i), payloads.get(i)).hash();
    }
    sum += hash[0];
  }

  private void decode() {
    for (int i = 0; i < payloads.size(); i++) {
      decoder.decode(payloads.get(i), batches.get(i).count(), words);
      sum += words.size();
    }
  }

  private void decodeAndDispatch() {
    LatencySum latencies = new LatencySum();
    for (int i = 0; i < payloads.size(); i++) {
      decoder.decode(payloads.get(i), batches.get(i).count(), words);
      words.forEach(latencies);
    }
    sum += latencies.sum;
  }

  private static final class LatencySum extends PartialSink {
    private long sum;

    @Override
    public void requestDone(long t, int client, long op, long bytes, long latencyNs) {
      sum += latencyNs;
    }
  }
}
