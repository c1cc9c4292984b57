/** Devices: latency, translation and link of the requests that drivers post. */
package dev.mapstorm.actors.device;
