package dev.mapstorm.load.export.table;

import io.airlift.compress.zstd.ZstdCompressor;
import io.airlift.compress.zstd.ZstdDecompressor;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/**
 * Zstandard for the pages of a Parquet file, in Java alone: Parquet's own codecs are Hadoop's,
 * which need its configuration and native libraries. Not thread-safe.
 */
final class ZstdPages implements CompressionCodecFactory {

  @Override
  public BytesInputCompressor getCompressor(CompressionCodecName codec) {
    return new Compressor();
  }

  @Override
  public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
    return new Decompressor();
  }

  @Override
  public void release() {}

  private static byte[] bytesOf(BytesInput input) throws IOException {
    return input.toInputStream().readAllBytes();
  }

  private static final class Compressor implements BytesInputCompressor {
    private final ZstdCompressor zstd = new ZstdCompressor();

    @Override
    public BytesInput compress(BytesInput bytes) throws IOException {
      byte[] page = bytesOf(bytes);
      byte[] packed = new byte[zstd.maxCompressedLength(page.length)];
      int length = zstd.compress(page, 0, page.length, packed, 0, packed.length);
      return BytesInput.from(packed, 0, length);
    }

    @Override
    public CompressionCodecName getCodecName() {
      return CompressionCodecName.ZSTD;
    }

    @Override
    public void release() {}
  }

  private static final class Decompressor implements BytesInputDecompressor {
    private final ZstdDecompressor zstd = new ZstdDecompressor();

    @Override
    public BytesInput decompress(BytesInput bytes, int length) throws IOException {
      byte[] packed = bytesOf(bytes);
      byte[] page = new byte[length];
      zstd.decompress(packed, 0, packed.length, page, 0, length);
      return BytesInput.from(page);
    }

    @Override
    public void decompress(ByteBuffer input, int packed, ByteBuffer output, int length) {
      zstd.decompress(input, output);
    }

    @Override
    public void release() {}
  }
}
