/** AMD-Vi: a unit, and what its driver does for a domain. */
package dev.mapstorm.actors.unit.amd;
