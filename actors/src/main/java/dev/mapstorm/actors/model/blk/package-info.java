/**
 * How the block layer maps a request for DMA ({@code block/blk-mq-dma.c}, since Linux 6.17): the
 * segments that its vectors make, the gap between them, and the choice between one range of IOVA
 * and a mapping for each segment. Knows no time.
 */
package dev.mapstorm.actors.model.blk;
