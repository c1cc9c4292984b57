package dev.mapstorm.actors.backend.arm32;

/**
 * What the allocator of 32-bit Arm costs, in virtual nanoseconds, not negative.
 *
 * @param bitmapSearch entering one bitmap, under L11
 * @param bitmapWord looking at 64 bits of it
 * @param bitmapClear giving a range back, under L11
 * @param bitmapNew making a bitmap
 */
public record ArmDmaCosts(long bitmapSearch, long bitmapWord, long bitmapClear, long bitmapNew) {}
