package dev.mapstorm.persistence.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTextTest {
  @Test
  void ordinaryTextStaysAsItIs() {
    String text = "nvme-4k: 128 KiB,\tü é 数 \ud83d\ude00\n80 µs\n";
    assertThat(PrintableText.escaped(text)).isEqualTo(text);
    assertThat(PrintableText.lines(text)).isEqualTo(text);
    assertThat(PrintableText.cell("数 ü")).isEqualTo("数 ü");
  }

  @Test
  void whatATerminalWouldObeyIsShown() {
    assertThat(PrintableText.escaped("a\u001b[31mb")).isEqualTo("a\\u001b[31mb");
    assertThat(PrintableText.escaped("\u009b2J\u007f\r\b\u0000"))
        .isEqualTo("\\u009b2J\\u007f\\u000d\\u0008\\u0000");
    assertThat(PrintableText.escaped("a\u202egnp.exe\u2066\u200f\u2028\ufeff"))
        .isEqualTo("a\\u202egnp.exe\\u2066\\u200f\\u2028\\ufeff");
    // A half of a pair, and a tag that nobody sees.
    assertThat(PrintableText.escaped("\ud83d!\udb40\udc41")).isEqualTo("\\ud83d!\\udb40\\udc41");
  }

  @Test
  void everyCharacterIsEitherShownOrEscaped() {
    for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
      String shown = PrintableText.escaped(new String(Character.toChars(codePoint)));
      assertThat(shown.codePoints())
          .as("U+%04X", codePoint)
          .noneMatch(c -> Character.isISOControl(c) && c != '\n' && c != '\t')
          .noneMatch(c -> Character.getType(c) == Character.FORMAT);
    }
  }

  @Test
  void aCellIsOneLineOfAtMostSoManyCharacters() {
    assertThat(PrintableText.cell("a\nb\tc")).isEqualTo("a\\u000ab\\u0009c");
    assertThat(PrintableText.cell("n".repeat(5000)))
        .isEqualTo("n".repeat(PrintableText.CELL - 1) + "…");
    assertThat(PrintableText.cell("\u0007".repeat(5000))).hasSize(PrintableText.CELL);
    assertThat(PrintableText.cell("\ud83d\ude00".repeat(5000)))
        .hasSizeLessThanOrEqualTo(PrintableText.CELL)
        .doesNotContainPattern("[\ud83d](?![\ude00])");
  }

  @Test
  void noWordIsEndlessAndPathsStay() {
    String path = ("/" + "d".repeat(200)).repeat(10);
    assertThat(PrintableText.lines("run  " + path)).isEqualTo("run  " + path);
    String cut = PrintableText.lines("client " + "n".repeat(5000) + " faulted\nnext");
    assertThat(cut).isEqualTo("client " + "n".repeat(PrintableText.WORD - 1) + "… faulted\nnext");
    assertThat(PrintableText.lines("a ".repeat(5000))).hasSize(PrintableText.LINE).endsWith("…");
  }

  @Test
  void aTableKeepsItsShape() {
    String table =
        new TextTable("run", ">events")
            .row("x\u001b[2J\n\u202e" + "n".repeat(5000), 7)
            .row("nvme-4k-1", 70_000)
            .toString();
    assertThat(table.lines()).hasSize(3).allMatch(line -> line.length() < 100);
    assertThat(table).contains("x\\u001b[2J\\u000a\\u202en").doesNotContain("\u001b", "\u202e");
  }
}
