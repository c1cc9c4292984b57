/**
 * What a kernel trace tells without any model: who mapped what, what was never unmapped, which
 * address a fault hit and whose it had been.
 */
package dev.mapstorm.load.explain;
