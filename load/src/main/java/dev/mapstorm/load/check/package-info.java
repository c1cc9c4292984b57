/** Wrong use of the DMA API in runs and in kernel traces, one line a finding. */
package dev.mapstorm.load.check;
