/** Measures how fast the parts are, each beside a peer or a bare loop. */
package dev.mapstorm.load.bench;
