package dev.mapstorm.actors.model.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class InvalidationDescriptorTest {
  private static final Pattern FLUSH =
      Pattern.compile(
          "cache_tag_flush_range: .* did (\\d+) \\[0x([0-9a-f]+)-0x([0-9a-f]+)]"
              + " addr 0x([0-9a-f]+) pages 0x([0-9a-f]+) mask 0x([0-9a-f]+)");
  private static final Pattern FLUSH_ALL = Pattern.compile("cache_tag_flush_all: .* did (\\d+)");
  private static final Pattern SUBMIT =
      Pattern.compile("qi_submit: iotlb_inv dmar0: 0x([0-9a-f]+) 0x([0-9a-f]+) 0x0 0x0");

  private final PsiRange range = new PsiRange();
  private final InvalidationDescriptor ours = new InvalidationDescriptor();
  private final InvalidationDescriptor read = new InvalidationDescriptor();

  /** Pairs of lines that a 6.12 kernel traced: what was to be flushed, then what was submitted. */
  @Test
  void makesTheDescriptorsThatLinuxTraced() throws IOException {
    List<String> lines = traceLines();
    assertThat(lines).hasSize(20);
    for (int i = 0; i < lines.size(); i += 2) {
      int domainId = flush(lines.get(i));
      Matcher submitted = match(SUBMIT, lines.get(i + 1));
      read.read(hex(submitted, 1), hex(submitted, 2));

      ours.iotlb(domainId, range, true);

      assertThat(ours.sameAs(read)).as("%s, made %s", lines.get(i + 1), ours).isTrue();
      assertThat(read.domainId()).isEqualTo(domainId);
      assertThat(read.drainsReads()).isTrue();
      assertThat(read.drainsWrites()).isTrue();
    }
  }

  @Test
  void readsAPageSelectiveInvalidationOfUpperLevels() {
    read.read(0x800f2L, 0xf9a00005L);

    assertThat(read.kind()).isEqualTo(DescriptorKind.IOTLB_PAGES);
    assertThat(read.domainId()).isEqualTo(8);
    assertThat(read.pfn()).isEqualTo(0xf9a00);
    assertThat(read.order()).isEqualTo(5);
    assertThat(read.leafOnly()).isFalse();
    range.cover(0xf9a00000L, 0xf9a1ffffL);
    ours.iotlb(8, range, false);
    assertThat(ours).hasToString("0x800f2 0xf9a00005");
  }

  @Test
  void hintIsNotGivenWithADomainSelectiveInvalidation() {
    range.coverAll();
    ours.iotlb(1, range, true);

    assertThat(ours).hasToString("0x100e2 0x0");
    assertThat(ours.kind()).isEqualTo(DescriptorKind.IOTLB_DOMAIN);
  }

  @Test
  void unitWithoutDrainingAsksForNone() {
    InvalidationDescriptor plain = new InvalidationDescriptor(false, false);
    range.cover(0x1000, 0x1fff);
    plain.iotlb(0xffff, range, false);

    assertThat(plain).hasToString("0xffff0032 0x1000");
  }

  @Test
  void waitWritesDoneToItsStatusWord() {
    ours.waitFor(0x12345678L);

    assertThat(ours).hasToString("0x200000025 0x12345678");
    read.read(ours.qw0(), ours.qw1());
    assertThat(read.kind()).isEqualTo(DescriptorKind.WAIT);
    assertThat(read.writesStatus()).isTrue();
    assertThat(read.status()).isEqualTo(2);
    assertThat(read.statusAddress()).isEqualTo(0x12345678L);
  }

  @Test
  void kindsAreToldFromTheFirstQuadWord() {
    assertThat(DescriptorKind.of(0x1100000014L)).isEqualTo(DescriptorKind.INTERRUPT_ENTRY_CACHE);
    assertThat(DescriptorKind.of(0x1000000003L)).isEqualTo(DescriptorKind.DEVICE_TLB);
    assertThat(DescriptorKind.of(0x12L)).isEqualTo(DescriptorKind.IOTLB_GLOBAL);
    for (DescriptorKind kind : DescriptorKind.values()) {
      assertThat(DescriptorKind.of(kind.type() | 0x10).type()).isEqualTo(kind.type());
    }
    assertThatThrownBy(() -> DescriptorKind.of(0x500c2L))
        .hasMessage("reserved invalidation descriptor 0x500c2");
    assertThatThrownBy(() -> DescriptorKind.of(0xfL)).hasMessageContaining("reserved");
  }

  @Test
  void domainIdBeyondSixteenBitsIsRefused() {
    range.coverAll();
    assertThatThrownBy(() -> ours.iotlb(0x10000, range, true)).hasMessageContaining("65536");
  }

  /** Sets the range from a line and returns the domain id. */
  private int flush(String line) {
    Matcher all = FLUSH_ALL.matcher(line);
    if (all.find()) {
      range.coverAll();
      return Integer.parseInt(all.group(1));
    }
    Matcher flush = match(FLUSH, line);
    range.cover(hex(flush, 2), hex(flush, 3));
    assertThat(range.address()).isEqualTo(hex(flush, 4));
    assertThat(range.pages()).isEqualTo(hex(flush, 5));
    assertThat(range.order()).isEqualTo((int) hex(flush, 6));
    return Integer.parseInt(flush.group(1));
  }

  private static Matcher match(Pattern pattern, String line) {
    Matcher matcher = pattern.matcher(line);
    assertThat(matcher.find()).as(line).isTrue();
    return matcher;
  }

  private static long hex(Matcher matcher, int group) {
    return Long.parseUnsignedLong(matcher.group(group), 16);
  }

  private static List<String> traceLines() throws IOException {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                InvalidationDescriptorTest.class.getResourceAsStream("invalidations.trace"),
                StandardCharsets.UTF_8))) {
      return in.lines().toList();
    }
  }
}
