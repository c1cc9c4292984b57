package dev.mapstorm.load.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextLinesTest {
  @TempDir Path directory;

  @Test
  void numbersLinesFromOneWhateverEndsThem() throws IOException {
    assertThat(read(plain("a\nb\r\n\nlast"))).containsExactly("1 a", "2 b", "3 ", "4 last");
  }

  @Test
  void readsLinesOfSerialConsolesAndOldMacs() throws IOException {
    assertThat(read(plain("a\r\r\nb\r\n"))).containsExactly("1 a", "2 b");
    assertThat(read(plain("a\rb\rlast\r"))).containsExactly("1 a", "2 b", "3 last");
    String longLine = "x".repeat((1 << 16) - 1);
    assertThat(read(plain(longLine + "\rb\n" + longLine + "\r\nd\n")))
        .containsExactly("1 " + longLine, "2 b", "3 " + longLine, "4 d");
  }

  @Test
  void readsUtf16AsPowerShellWritesIt() throws IOException {
    String text = "a\u00e4\r\n" + "y\ud83d\ude00".repeat(20_000) + "\n";
    for (Charset charset : List.of(StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
      assertThat(read(bytes("utf16", ("\ufeff" + text).getBytes(charset))))
          .containsExactly("1 a\u00e4", "2 " + "y\ud83d\ude00".repeat(20_000));
    }
  }

  @Test
  void hasNoLineInAnEmptyFileAndNoneBehindTheLastLineEnd() throws IOException {
    assertThat(read(plain(""))).isEmpty();
    assertThat(read(plain("a\n"))).containsExactly("1 a");
  }

  @Test
  void readsCompressedTextWhateverTheFileIsCalled() throws IOException {
    assertThat(read(bytes("named.txt", gzip("a\nb\n")))).containsExactly("1 a", "2 b");
  }

  @Test
  void keepsLinesWholeAcrossBuffers() throws IOException {
    List<String> expected = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    Random random = new Random(7);
    for (int i = 1; i <= 60; i++) {
      String line = Integer.toString(i % 10).repeat(random.nextInt(90_000));
      text.append(line).append('\n');
      expected.add(i + " " + line);
    }
    assertThat(read(plain(text.toString()))).isEqualTo(expected);
  }

  @Test
  void showsBytesThatAreNotUtf8AsReplacementCharacters() throws IOException {
    assertThat(read(bytes("raw", new byte[] {'a', (byte) 0xff, 'b', '\n'})))
        .containsExactly("1 a\uFFFDb");
  }

  @Test
  void namesTheFileThatIsMissing() {
    Path missing = directory.resolve("missing.csv");
    assertThatThrownBy(() -> read(missing))
        .isInstanceOf(TextFormatException.class)
        .hasMessage(missing + ": no such file");
    assertThatThrownBy(() -> read(directory)).hasMessage(directory + ": is a directory");
  }

  @Test
  void namesTheLineWhereCompressedDataIsCutShort() throws IOException {
    Random random = new Random(1);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 20_000; i++) {
      text.append(random.nextLong()).append('\n');
    }
    byte[] whole = gzip(text.toString());
    Path cut = bytes("cut.gz", Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> read(cut))
        .isInstanceOf(TextFormatException.class)
        .hasMessageMatching("\\Q" + cut + "\\E:\\d{4,5}: damaged gzip: it ends too early");
    Path headless = bytes("headless.gz", Arrays.copyOf(whole, 5));
    assertThatThrownBy(() -> read(headless))
        .hasMessage(headless + ": damaged gzip: it ends too early");
  }

  @Test
  void tellsWhenCompressedDataIsDamaged() throws IOException {
    byte[] data = gzip("some text\n".repeat(500));
    data[data.length - 6] ^= 1;
    Path damaged = bytes("damaged.gz", data);
    assertThatThrownBy(() -> read(damaged))
        .hasMessageContaining("damaged gzip: Corrupt GZIP trailer");
  }

  @Test
  void refusesALineThatCannotBeText() throws IOException {
    Path endless = plain("short\n" + "x".repeat(3 * TextLines.MAX_LINE_BYTES));
    assertThatThrownBy(() -> read(endless))
        .hasMessage(endless + ":2: not text: a line of more than 1048576 bytes");
  }

  @Test
  void blamesTheCurrentLineForTheCaller() throws IOException {
    Path file = plain("a\nb\n");
    try (TextLines lines = TextLines.open(file)) {
      lines.advance();
      lines.advance();
      assertThat(lines.error("not a number")).hasMessage(file + ":2: not a number");
    }
  }

  private static List<String> read(Path file) {
    List<String> read = new ArrayList<>();
    try (TextLines lines = TextLines.open(file)) {
      while (lines.advance()) {
        read.add(lines.number() + " " + lines.line());
      }
    }
    return read;
  }

  private Path plain(String text) throws IOException {
    return bytes("text", text.getBytes(StandardCharsets.UTF_8));
  }

  private Path bytes(String name, byte[] content) throws IOException {
    return Files.write(directory.resolve(name), content);
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }
}
