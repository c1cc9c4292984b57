/** Runs a scenario on this machine and puts together what the run was. */
package dev.mapstorm.load.run;
