/** A host as a whole: its cores, the plain loop that runs them, and its checkpoints. */
package dev.mapstorm.actors.host;
