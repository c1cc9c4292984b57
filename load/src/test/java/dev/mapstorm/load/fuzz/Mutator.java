package dev.mapstorm.load.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Changes bytes at a few places: bits, ranges, lines, numbers, words of a dictionary, other inputs.
 */
public final class Mutator {
  private static final List<String> NUMBERS =
      List.of(
          "0",
          "-1",
          "1",
          "2",
          "7",
          "255",
          "256",
          "4095",
          "4097",
          "65536",
          "2147483647",
          "2147483648",
          "4294967296",
          "9223372036854775807",
          "9223372036854775808",
          "-9223372036854775808",
          "18446744073709551615",
          "0.1",
          "1e400",
          "1e-9",
          "NaN",
          "0x7fffffffffffffff",
          "00",
          "1ns",
          "10ms",
          "4k",
          "1Ti",
          "99999999999999999999999999999999");

  private final List<String> words;
  private final List<byte[]> others;

  /**
   * @param words put in at random places
   * @param others inputs of the same kind, from which pieces are taken
   */
  public Mutator(List<String> words, List<byte[]> others) {
    this.words = words;
    this.others = others;
  }

  /** One of the inputs, changed at one to eight places. */
  public byte[] next(SplittableRandom random) {
    byte[] bytes = others.get(random.nextInt(others.size())).clone();
    int changes = 1 + random.nextInt(8);
    for (int i = 0; i < changes; i++) {
      bytes = change(bytes, random);
    }
    return bytes;
  }

  private byte[] change(byte[] bytes, SplittableRandom random) {
    if (bytes.length == 0) {
      return word(random);
    }
    int at = random.nextInt(bytes.length);
    int length = 1 + random.nextInt(Math.min(64, bytes.length - at));
    switch (random.nextInt(11)) {
      case 0:
        bytes[at] ^= (byte) (1 << random.nextInt(8));
        return bytes;
      case 1:
        bytes[at] = (byte) random.nextInt(256);
        return bytes;
      case 2:
        return put(bytes, at, at + length, new byte[0]);
      case 3:
        return put(bytes, at, at, Arrays.copyOfRange(bytes, at, at + length));
      case 4, 5:
        return put(bytes, at, at, word(random));
      case 6:
        return number(bytes, at, random);
      case 7:
        return Arrays.copyOf(bytes, at);
      case 8:
        return lines(bytes, random);
      case 9:
        byte[] other = others.get(random.nextInt(others.size()));
        int from = random.nextInt(other.length + 1);
        int to = Math.min(other.length, from + random.nextInt(512));
        return put(bytes, at, at, Arrays.copyOfRange(other, from, to));
      default:
        Arrays.fill(bytes, at, at + length, (byte) "\0 [{\"\\\n9".charAt(random.nextInt(8)));
        return bytes;
    }
  }

  private byte[] word(SplittableRandom random) {
    return words.get(random.nextInt(words.size())).getBytes(StandardCharsets.UTF_8);
  }

  /** Another number for the next one. */
  private static byte[] number(byte[] bytes, int at, SplittableRandom random) {
    int from = at;
    while (from < bytes.length && !Character.isDigit(bytes[from])) {
      from++;
    }
    int to = from;
    while (to < bytes.length && Character.isLetterOrDigit(bytes[to])) {
      to++;
    }
    String number = NUMBERS.get(random.nextInt(NUMBERS.size()));
    return put(bytes, from, to, number.getBytes(StandardCharsets.UTF_8));
  }

  /** A line again and again, or elsewhere. */
  private static byte[] lines(byte[] bytes, SplittableRandom random) {
    String[] lines = new String(bytes, StandardCharsets.ISO_8859_1).split("\n", -1);
    int one = random.nextInt(lines.length);
    int two = random.nextInt(lines.length);
    String moved = lines[one];
    if (random.nextBoolean()) {
      lines[one] = lines[two];
      lines[two] = moved;
    } else {
      lines[two] = (moved + "\n").repeat(1 + random.nextInt(40)) + lines[two];
    }
    return String.join("\n", lines).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] put(byte[] bytes, int from, int to, byte[] middle) {
    ByteArrayOutputStream made = new ByteArrayOutputStream();
    made.write(bytes, 0, from);
    made.writeBytes(middle);
    made.write(bytes, to, bytes.length - to);
    return made.toByteArray();
  }
}
