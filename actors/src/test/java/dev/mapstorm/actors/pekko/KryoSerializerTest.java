package dev.mapstorm.actors.pekko;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.StreamClosed;
import dev.mapstorm.protocol.event.StreamOpened;
import dev.mapstorm.protocol.message.DeviceMessage;
import dev.mapstorm.protocol.message.DomainMessage;
import dev.mapstorm.protocol.message.DriverMessage;
import dev.mapstorm.protocol.message.IommuMessage;
import java.io.NotSerializableException;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class KryoSerializerTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final Serialization SERIALIZATION =
      SerializationExtension.get(Adapter.toClassic(KIT.system()));

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  static Stream<Object> values() {
    return Stream.of(
        new DriverMessage.Mapped(7, 1, 5, 9, 1, new long[] {0xffffe000L, 4096}),
        new DomainMessage.MapSg(1, 2, 3, 0, new long[] {0x1000, 0x5000}, new int[] {4096, 512}),
        new IommuMessage.Translate(0, 1, 9, 1, new long[] {0x1000, 4096}),
        new DeviceMessage.Ready(4),
        new StreamOpened(0, 1, "scenario", "0.1"),
        new EventBatch(0, 0, 0, 0, new int[EventKind.CODES], new byte[5], new byte[32]),
        new StreamClosed(1, 0, 0, new byte[32]));
  }

  @ParameterizedTest
  @MethodSource("values")
  void messagesAndEntriesGoThroughKryoUnderTheFormatsVersion(Object value) throws Exception {
    byte[] bytes = SERIALIZATION.serialize(value).get();
    int identifier = SERIALIZATION.findSerializerFor(value).identifier();
    String manifest = Serializers.manifestFor(SERIALIZATION.findSerializerFor(value), value);

    assertThat(identifier).isEqualTo(28_019);
    assertThat(manifest).isEqualTo("2");
    assertThat(SERIALIZATION.deserialize(bytes, identifier, manifest).get())
        .usingRecursiveComparison()
        .isEqualTo(value);
  }

  @Test
  void theTestKitOfSerializationAcceptsAMessage() {
    KIT.serializationTestKit().verifySerialization(new DeviceMessage.Ready(4), true);
  }

  @Test
  void bytesOfAnotherVersionAreNotSerializableHere() {
    KryoSerializer serializer = new KryoSerializer();
    byte[] bytes = serializer.toBinary(new StreamClosed(1, 0, 0, new byte[32]));
    bytes[3] = 9;

    assertThatThrownBy(() -> serializer.fromBinary(bytes, "9"))
        .isInstanceOf(NotSerializableException.class)
        .hasMessageContaining("format 9");
  }

  @Test
  void javaSerializationIsOff() {
    assertThat(SERIALIZATION.serialize(new StringBuilder()).isFailure()).isTrue();
  }
}
