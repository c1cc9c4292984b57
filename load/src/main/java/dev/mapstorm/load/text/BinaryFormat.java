package dev.mapstorm.load.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** Files that are no text, by their first bytes, and how to make text of them. */
enum BinaryFormat {
  TRACE_DAT(
      "\u0017\u0008Dtracing",
      "a trace.dat file; make text of it: trace-cmd report -l %s > trace.txt"),
  PERF_DATA("PERFILE2", "a perf.data file; make text of it: perf script -i %s > trace.txt"),
  PERF_DATA_SWAPPED("2ELIFREP", "a perf.data file; make text of it: perf script -i %s > trace.txt"),
  ZSTD("(\u00b5/\u00fd", "compressed by zstd; unpack it: zstd -d %s"),
  XZ("\u00fd7zXZ", "compressed by xz; unpack it: xz -d %s"),
  BZIP2("BZh", "compressed by bzip2; unpack it: bzip2 -d %s"),
  ZIP("PK\u0003\u0004", "a zip archive; unpack it: unzip %s");

  /** Bytes that are enough to tell. */
  static final int MAGIC_BYTES = 10;

  private final byte[] magic;
  private final String what;

  BinaryFormat(String magic, String what) {
    this.magic = magic.getBytes(StandardCharsets.ISO_8859_1);
    this.what = what;
  }

  /** What to say of a file that begins so, or empty if it may be text. */
  static Optional<String> refusal(byte[] first, String name) {
    for (BinaryFormat format : values()) {
      int length = format.magic.length;
      if (first.length >= length && Arrays.equals(first, 0, length, format.magic, 0, length)) {
        return Optional.of(name + ": is " + format.what.formatted(name));
      }
    }
    return Optional.empty();
  }
}
