package dev.mapstorm.persistence.store;

import com.typesafe.config.ConfigFactory;
import dev.mapstorm.protocol.event.JournalEntry;
import dev.mapstorm.protocol.event.StreamId;
import dev.mapstorm.protocol.wire.WireFormat;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;

/** A journal of two hosts, written through Pekko, that is small enough to be damaged everywhere. */
final class SmallJournal {
  static final String RUN = "small";

  /** Closed. */
  static final SampleStream HOST_0 = new SampleStream(0, 4, 60);

  /** Interrupted: without its close. */
  static final SampleStream HOST_1 = new SampleStream(1, 3, 60);

  static final Map<Integer, List<JournalEntry>> ENTRIES =
      Map.of(0, HOST_0.entries, 1, HOST_1.entries.subList(0, 4));

  private static final WireFormat FORMAT = new WireFormat();

  private SmallJournal() {}

  /** Writes it, and waits until it is whole in its file. */
  static void write(Path file) throws Exception {
    write(file, ENTRIES.get(0), ENTRIES.get(1));
  }

  /** The same with other streams; that of host 1 stands between the halves of host 0's. */
  static void write(Path file, List<JournalEntry> host0, List<JournalEntry> host1)
      throws Exception {
    SqliteJournal store = new SqliteJournal(file);
    store.create();
    ActorTestKit kit = ActorTestKit.create(store.pekkoConfig().withFallback(ConfigFactory.load()));
    int half = host0.size() / 2;
    EntryWriter.write(kit.system(), new StreamId(RUN, 0), host0.subList(0, half));
    EntryWriter.write(kit.system(), new StreamId(RUN, 1), host1);
    EntryWriter.write(kit.system(), new StreamId(RUN, 0), host0.subList(half, host0.size()));
    kit.shutdownTestKit();
  }

  /** What reading all hosts gives, as bytes. */
  static Map<Integer, List<ByteBuffer>> read(JournalReader reader) {
    Map<Integer, List<ByteBuffer>> read = new TreeMap<>();
    for (int host : reader.hosts()) {
      List<JournalEntry> entries = new ArrayList<>();
      reader.forEach(host, entries::add);
      read.put(host, bytes(entries));
    }
    return read;
  }

  /** What it should give. */
  static Map<Integer, List<ByteBuffer>> written() {
    Map<Integer, List<ByteBuffer>> written = new TreeMap<>();
    ENTRIES.forEach((host, entries) -> written.put(host, bytes(entries)));
    return written;
  }

  static List<ByteBuffer> bytes(List<? extends JournalEntry> entries) {
    return entries.stream().map(entry -> ByteBuffer.wrap(FORMAT.write(entry))).toList();
  }
}
