/** Drivers: what clients ask for and when, and the calls of the DMA API that this takes. */
package dev.mapstorm.actors.driver;
